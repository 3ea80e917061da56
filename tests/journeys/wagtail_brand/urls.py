"""Wagtail's pages, and a count of what arrived."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.contrib.forms.models import FormSubmission

posts: list[str] = []


def counting(get_response):
    """Middleware: every POST counts, whatever becomes of it."""

    def middleware(request: HttpRequest):
        if request.method == "POST":
            posts.append(request.path)
        return get_response(request)

    return middleware


def arrived(_request: HttpRequest) -> JsonResponse:
    kept = [submission.form_data for submission in FormSubmission.objects.order_by("pk")]
    return JsonResponse({"posts": len(posts), "submissions": kept})


urlpatterns = [path("arrived/", arrived), path("", include(wagtail_urls))]
