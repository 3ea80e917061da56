"""Starts the site: `python -m wagtail_brand.serve HOST FOLDER`; prints its loopback port once it answers."""

import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command

APPS = [
    "wagtail_brand",
    "wagtail.contrib.forms",
    "wagtail.users",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]
HEAD = '<!doctype html><html lang="de"><meta charset="utf-8"><title>{{ page.title }}</title><h1>{{ page.title }}</h1>'
TEMPLATES = {
    "contact.html": f'{HEAD}<form action="{{{{ page.url }}}}" method="post">{{% csrf_token %}}{{{{ form.as_div }}}}'
    '<button type="submit">Absenden</button></form>',
    "landing.html": f"{HEAD}<p>{{{{ page.thanks }}}}</p>",
}
FIELDS = [
    ("Ihr Name", "singleline", True, ""),
    ("E-Mail-Adresse", "email", True, ""),
    ("Thema", "dropdown", True, "Frage zum Produkt\nReklamation\nSonstiges"),
    ("Telefon", "singleline", False, ""),
    ("Ihre Nachricht", "multiline", True, ""),
    ("Ich habe die Datenschutzerklärung gelesen", "checkbox", True, ""),
]


def configure(folder: Path) -> None:
    labels = {app.rpartition(".")[2]: None for app in APPS}
    labels |= {f"wagtail{name}": None for name in ("core", "forms", "users", "docs", "images", "search", "admin")}
    loaders = [("django.template.loaders.locmem.Loader", TEMPLATES)]
    settings.configure(
        SECRET_KEY="rehearsal",
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=APPS,
        MIDDLEWARE=[
            "wagtail_brand.urls.counting",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        ROOT_URLCONF="wagtail_brand.urls",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "wagtail.sqlite")}},
        MIGRATION_MODULES=labels,  # tables at once: years of migrations would take longer than the test
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"loaders": loaders, "context_processors": ["django.template.context_processors.request"]},
            }
        ],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        WAGTAIL_SITE_NAME="Nordlicht",
        WAGTAILADMIN_BASE_URL="http://nordlicht.example",
        STATIC_URL="/static/",
        USE_TZ=True,
        LOGGING={"version": 1, "handlers": {"log": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["log"]}},
    )
    django.setup()


def fill(host: str) -> None:
    from wagtail.models import Locale, Page, Site

    from wagtail_brand.models import ContactField, ContactPage

    call_command("migrate", run_syncdb=True, verbosity=0)
    locale = Locale.objects.create(language_code="en")
    root = Page.add_root(instance=Page(title="Root", slug="root", locale=locale))
    contact = root.add_child(instance=ContactPage(title="Kontakt", slug="kontakt", locale=locale))
    for number, (label, kind, required, choices) in enumerate(FIELDS):
        ContactField.objects.create(
            page=contact, sort_order=number, label=label, field_type=kind, required=required, choices=choices
        )
    Site.objects.create(hostname=host, port=80, root_page=root, is_default_site=True)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None: ...


def main() -> None:
    from django.core.wsgi import get_wsgi_application

    host, folder = sys.argv[1], Path(sys.argv[2])
    configure(folder)
    fill(host)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Handler)
    print(server.server_port, flush=True)  # noqa: T201  # the parent waits for this line
    server.serve_forever()


if __name__ == "__main__":
    main()
