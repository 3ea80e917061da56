"""The contact page: Wagtail's own form page with its own form fields."""

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField


class ContactPage(AbstractForm):
    """`thanks` is what the landing page says."""

    thanks = models.CharField(max_length=200, default="Vielen Dank für Ihre Nachricht. Wir melden uns bei Ihnen.")
    template = "contact.html"
    landing_page_template = "landing.html"


class ContactField(AbstractFormField):
    page = ParentalKey(ContactPage, on_delete=models.CASCADE, related_name="form_fields")
