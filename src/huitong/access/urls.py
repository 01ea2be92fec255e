"""Addresses of applying, deciding, grants, systems; where machines sign in."""

from django.urls import path

from huitong.access.views import oauth

app_name = "access"
urlpatterns = [
    path("oauth/token", oauth.token, name="token"),
    path("oauth/jwks", oauth.jwks, name="jwks"),
]
