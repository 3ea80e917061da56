"""Secret addresses, and how they come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.core.addresses import (
    ALPHABET,
    addresses_in,
    domain_of,
    organisation_domain,
    reply_address,
    secret_token,
    token_of,
)


def test_the_alphabet_has_no_signs_that_look_alike() -> None:
    assert not set("ilo017") & set(ALPHABET)


@given(st.binary(min_size=1))
def test_a_token_is_twelve_signs_of_the_alphabet_and_the_same_for_the_same_entropy(entropy: bytes) -> None:
    token = secret_token(entropy)

    assert len(token) == 12
    assert set(token) <= set(ALPHABET)
    assert token == secret_token(entropy)


@given(st.binary(min_size=1))
def test_a_token_is_found_again_in_its_address(entropy: bytes) -> None:
    token = secret_token(entropy)

    assert token_of(reply_address("anna", token, "study.example")) == token


@pytest.mark.parametrize(
    "address",
    [
        "anna.abcdefghjkmn@study.example",
        "ANNA.ABCDEFGHJKMN@STUDY.EXAMPLE",
        "<anna.abcdefghjkmn@study.example>",
        "mailto:anna.abcdefghjkmn@study.example",
        "probes+abcdefghjkmn@study.example",
        "probes%2Babcdefghjkmn@study.example",
        "prvs=12345678ab=anna.abcdefghjkmn@study.example",
        "bounces+77-anna.abcdefghjkmn=study.example@mailer.example",
    ],
)
def test_a_token_survives_rewriting(address: str) -> None:
    assert token_of(address) == "abcdefghjkmn"


def test_look_alikes_fold_to_one_form() -> None:
    assert token_of("anna.abcdefghjkol@study.example") == token_of("anna.abcdefghjk01@study.example")


@pytest.mark.parametrize("address", ["", "anna@study.example", "abcdefghjkmn@study.example", "not an address"])
def test_an_address_without_a_token_has_none(address: str) -> None:
    assert token_of(address) is None


def test_addresses_are_found_in_running_text() -> None:
    assert addresses_in("Write to <Anna@Shop.example>, or mailto:bob@shop.example.") == (
        "anna@shop.example",
        "bob@shop.example",
    )


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("mail.shop.example.co.uk", "example.co.uk"),
        ("desk.brand.example", "brand.example"),
        ("brand.example", "brand.example"),
        ("", ""),
    ],
)
def test_the_organisation_domain_drops_hosts(domain: str, organisation: str) -> None:
    assert organisation_domain(domain) == organisation


def test_the_domain_of_an_address_is_in_lower_case() -> None:
    assert domain_of("Anna <anna@Brand.Example>") == "brand.example"
    assert domain_of("mailer-daemon") == ""
