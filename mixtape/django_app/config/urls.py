"""The addresses of the site: the API, and the admin for people."""

from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path

urlpatterns = [
    path("", include("mixtape.django_app.music.urls")),
    path("admin/", admin.site.urls),
    # The styles of the admin. With DEBUG off there is nothing here: a web server in front hands out
    # what `manage.py collectstatic` has gathered.
    *staticfiles_urlpatterns(),
]
