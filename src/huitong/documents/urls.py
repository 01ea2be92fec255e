"""Addresses of standing documents: /documents/ to read, /articles/<citation>/ for what the law says
and who has said more about it."""

from django.urls import path

from huitong.documents.views import drafting, reading

app_name = "documents"
urlpatterns = [
    path("documents/", reading.documents, name="documents"),
    path("documents/drafts/", reading.drafts, name="drafts"),
    path("documents/drafts/<int:case>/", drafting.edit, name="edit"),
    path("documents/departments/", reading.departments, name="departments"),
    path("documents/new/", drafting.new, name="new"),
    path("documents/new/own/", drafting.new_own, name="new_own"),
    path("documents/<int:pk>/", reading.document, name="document"),
    path("documents/<int:pk>/revise/", drafting.revise, name="revise"),
    path("documents/<int:pk>/versions/<int:version>/file/", reading.file, name="file"),
    path("articles/", reading.articles, name="articles"),
    path("articles/<str:short>/", reading.article, name="article"),
]
