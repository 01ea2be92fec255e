"""Addresses of mounts."""

from django.urls import path

from huitong.publishing import views

app_name = "publishing"
urlpatterns = [
    path("mounts/", views.mounts, name="mounts"),
    path("mounts/new/", views.choose, name="choose"),
    path("mounts/new/<int:entry>/<str:mode>/", views.new, name="new"),
    path("mounts/<int:pk>/", views.mount, name="mount"),
    path("mounts/<int:pk>/proposed/", views.proposed_file, name="proposed_file"),
    path("mounts/<int:pk>/<str:verb>/", views.change, name="change"),
]
