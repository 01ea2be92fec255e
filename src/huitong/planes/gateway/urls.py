"""Addresses of the API plane's pages."""

from django.urls import path

from huitong.planes.gateway import views

app_name = "gateway"
urlpatterns = [path("calls/", views.calls, name="calls")]
