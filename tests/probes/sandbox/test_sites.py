"""The fictional brands' web sites, asked without a browser."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request

import pytest

from probes.sandbox.sites import STYLES, SiteAnswer, SiteServer, SiteSpec, parse_fields

pytestmark = pytest.mark.real


def _get(server: SiteServer, host: str, path: str) -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return str(answer.read().decode())


def _post(server: SiteServer, host: str, path: str, fields: dict[str, str]) -> str:
    data = urllib.parse.urlencode(fields).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", data=data, headers={"Host": host})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return str(answer.read().decode())


def _token(page: str) -> str:
    return page.split('name="form_token" value="')[1].split('"')[0]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("style", STYLES)
def test_every_style_has_a_contact_page_in_both_languages(style: str, language: str) -> None:
    spec = SiteSpec("nordlicht.example", "Nordlicht", language, style)
    with SiteServer([spec], lambda host, fields: SiteAnswer("ok")) as server:
        page = _get(server, spec.host, spec.contact_path)

    assert "Nordlicht" in page
    assert f'lang="{language}"' in page


def test_an_inquiry_reaches_the_world_in_canonical_words_and_its_answer_the_page() -> None:
    told: list[tuple[str, dict[str, str]]] = []

    def on_inquiry(host: str, fields: dict[str, str]) -> SiteAnswer:
        told.append((host, fields))
        return SiteAnswer("Vielen Dank.", "NL-77")

    spec = SiteSpec("nordlicht.example", "Nordlicht")
    with SiteServer([spec], on_inquiry) as server:
        token = _token(_get(server, spec.host, "/kontakt"))
        fields = {"name": "Anna Berg", "email": "a@mail.example", "message": "Hallo", "form_token": token}
        page = _post(server, spec.host, "/kontakt", fields)

    assert told == [(spec.host, {"name": "Anna Berg", "email": "a@mail.example", "subject": "", "message": "Hallo"})]
    assert "Vielen Dank. (NL-77)" in page


def test_the_trap_refuses_who_fills_it_and_the_post_is_counted_all_the_same() -> None:
    spec = SiteSpec("falle.example", "Falle", style="honeypot", min_fill_s=0)
    with SiteServer([spec], lambda host, fields: SiteAnswer("never")) as server:
        token = _token(_get(server, spec.host, "/kontakt"))
        page = _post(
            server, spec.host, "/kontakt", {"email": "a@b.example", "message": "x", "website": "y", "form_token": token}
        )

        assert "Spam" in page
        assert server.post_count(spec.host) == 1
        assert server.posts[0].problem


def test_who_is_too_quick_is_refused() -> None:
    spec = SiteSpec("zeit.example", "Zeit", style="honeypot", min_fill_s=30)
    with SiteServer([spec], lambda host, fields: SiteAnswer("never")) as server:
        token = _token(_get(server, spec.host, "/kontakt"))
        page = _post(server, spec.host, "/kontakt", {"email": "a@b.example", "message": "x", "form_token": token})

    assert "zu schnell" in page


def test_a_site_outside_the_fictional_names_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="rehearsal world"):
        SiteSpec("shop.invalid", "Shop")


def test_multipart_fields_are_read_like_plain_ones() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="your-name"\r\n\r\nAnna\r\n--b--\r\n'

    assert parse_fields("multipart/form-data; boundary=b", body) == {"your-name": "Anna"}
