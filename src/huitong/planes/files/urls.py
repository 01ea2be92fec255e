"""Addresses of granted files."""

from django.urls import path

from huitong.planes.files import views

app_name = "files"
urlpatterns = [
    path("files/", views.files, name="files"),
    path("files/<int:grant>/", views.download, name="download"),
]
