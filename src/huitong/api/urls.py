"""The addresses of the REST door."""

from huitong.api import api

urlpatterns = api.urls[0]
