"""GET /lengths?seconds=215 with Django, in one file."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__)


@require_GET
def length(request: HttpRequest) -> JsonResponse:
    """Write seconds as minutes and seconds."""
    seconds = int(request.GET["seconds"])
    return JsonResponse({"length": f"{seconds // 60}:{seconds % 60:02}"})


urlpatterns = [path("lengths", length)]
app = get_wsgi_application()
