"""Mount at the root: ``path("", include("huitong.ui.urls"))``."""

from django.urls import path

from huitong.ui import views

app_name = "ui"
urlpatterns = [
    path("display/", views.display, name="display"),
    path("session/extend/", views.extend, name="extend"),
]
