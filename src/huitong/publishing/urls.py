"""Addresses of mounts."""

from django.urls import path

from huitong.publishing.views import lists, mounts

app_name = "publishing"
urlpatterns = [
    path("mounts/", lists.mounts, name="mounts"),
    path("mounts/new/", lists.choose, name="choose"),
    path("mounts/new/<int:entry>/<str:mode>/", mounts.new, name="new"),
    path("mounts/<int:pk>/", mounts.mount, name="mount"),
    path("mounts/<int:pk>/proposed/", mounts.proposed_file, name="proposed_file"),
    path("mounts/<int:pk>/<str:verb>/", mounts.change, name="change"),
]
