"""Addresses of doubts."""

from django.urls import path

from huitong.objections.views import lists, writing

app_name = "objections"
urlpatterns = [
    path("objections/", lists.objections, name="objections"),
    path("objections/new/", writing.new, name="new"),
    path("objections/<int:pk>/", writing.page, name="objection"),
    path("objections/<int:pk>/values/", writing.values, name="values"),
]
