"""Settings. What differs from one machine to another comes from the environment:

=================  ==================================================================
``DATABASE_URL``   where the data is; without it ``sqlite:///mixtape.db``
``SECRET_KEY``     signs sessions; without it this is development
``DEBUG``          1 or 0; without it on in development, off once there is a SECRET_KEY
``ALLOWED_HOSTS``  the names of the site; without it those of this computer itself
``MIGRATE``        1: bring an SQLite database up to date on start; without it as DEBUG
``HTTPS``          1: the site is behind a proxy that speaks HTTPS; without it 0
``STATIC_ROOT``    where ``manage.py collectstatic`` puts the files of the admin
=================  ==================================================================
"""

import os

from django.core.exceptions import ImproperlyConfigured

from .environment import database, flag, words

_UNSAFE = "django-insecure-"  # how `manage.py check --deploy`, too, knows a key for development

SECRET_KEY = os.environ.get("SECRET_KEY") or f"{_UNSAFE}for-development-only"
DEBUG = flag("DEBUG", default=SECRET_KEY.startswith(_UNSAFE))
if not DEBUG and SECRET_KEY.startswith(_UNSAFE):
    raise ImproperlyConfigured(
        "DEBUG is off, and SECRET_KEY is not set or is a key for development, which anybody can "
        "read. Set SECRET_KEY to a secret of your own, for example what this prints: "
        'python -c "import secrets; print(secrets.token_urlsafe(50))"'
    )
ALLOWED_HOSTS = words("ALLOWED_HOSTS", default="127.0.0.1,localhost,[::1]")

ROOT_URLCONF = "mixtape.django_app.config.urls"
WSGI_APPLICATION = "mixtape.django_app.config.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "mixtape.django_app.music",
]
MIDDLEWARE = [
    "mixtape.django_app.config.middleware.HeadMiddleware",
    # Further out than all of Django's, so that it also sees their errors.
    "mixtape.django_app.music.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
APPEND_SLASH = False  # /tracks/ is not /tracks: the contract knows one address for each thing

DATABASES = {"default": database(os.environ.get("DATABASE_URL") or "sqlite:///mixtape.db")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATE_ON_START = flag("MIGRATE", default=DEBUG)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = os.environ.get("STATIC_ROOT") or None

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes of a body; a longer one is answered with 413

# Behind a proxy that speaks HTTPS with the world, and that sets or removes X-Forwarded-Proto.
HTTPS = flag("HTTPS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 3600 if HTTPS else 0
# Whether subdomains have HTTPS too, and whether browsers are told in advance, is for the owner of
# the domain to decide: neither can be taken back quickly.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {
        # Without DEBUG, Django would send errors by mail alone.
        "django": {"handlers": ["stderr"], "level": "INFO"},
        # A client's mistakes are in the access log of the server.
        "django.request": {"level": "ERROR"},
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["mixtape.django_app.music.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "mixtape.django_app.music.parsers.OnlyJSON",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS is no part of the contract: 405
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "mixtape.django_app.music.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mixtape",
    "DESCRIPTION": "Tracks, playlists, and plays.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "minimum": 1}},
    "POSTPROCESSING_HOOKS": ["mixtape.django_app.music.openapi.complete"],
}
