"""GET /lengths?seconds=215 with Django, in one file; bad input is refused."""

from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__)


class LengthForm(forms.Form):
    """What a client may ask for."""

    seconds = forms.IntegerField(min_value=1, max_value=36_000)


@require_GET
def length(request: HttpRequest) -> JsonResponse:
    """Write seconds as minutes and seconds."""
    form = LengthForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"detail": form.errors}, status=422)
    seconds = form.cleaned_data["seconds"]
    return JsonResponse({"length": f"{seconds // 60}:{seconds % 60:02}"})


urlpatterns = [path("lengths", length)]
app = get_wsgi_application()
