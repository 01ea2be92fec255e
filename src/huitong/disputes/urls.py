"""Addresses of disputes."""

from django.urls import path

from huitong.disputes.views import lists, writing

app_name = "disputes"
urlpatterns = [
    path("disputes/", lists.disputes, name="disputes"),
    path("disputes/new/", writing.new, name="new"),
    path("disputes/<int:pk>/", writing.page, name="dispute"),
    path("disputes/<int:pk>/edit/", writing.edit, name="edit"),
    path("disputes/<int:pk>/amend/", writing.amend, name="amend"),
    path("disputes/<int:pk>/go-on/", writing.go_on, name="go_on"),
]
