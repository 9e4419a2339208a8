"""Mixtape in Django, with Django REST framework.

Development, with the database ``mixtape.db`` in the current folder, made on the first start::

    gunicorn mixtape.django_app.config.wsgi:application
    uvicorn mixtape.django_app.config.asgi:application
    python -m mixtape.django_app.manage runserver

Production: a ``SECRET_KEY`` of your own turns development off, and migrating is a step of its own::

    python -m mixtape.django_app.manage migrate
    gunicorn mixtape.django_app.config.wsgi:application --workers 2 --threads 4

`mixtape.django_app.config.settings` says which variables of the environment are read.
"""
