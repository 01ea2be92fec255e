"""Addresses of demands."""

from django.urls import path

from huitong.demands.views import lists, papers, registers, writing

app_name = "demands"
urlpatterns = [
    path("demands/", lists.demands, name="demands"),
    path("demands/drafts/", lists.drafts, name="drafts"),
    path("demands/responsibilities/", registers.responsibilities, name="responsibilities"),
    path("demands/duties/", registers.duties, name="duties"),
    path("demands/new/", writing.find, name="find"),
    path("demands/new/<uuid:key>/", writing.write, name="write"),
    path("demands/<int:pk>/", papers.page, name="demand"),
    path("demands/<int:pk>/edit/", writing.edit, name="edit"),
    path("demands/<int:pk>/form.pdf", papers.pdf, name="pdf"),
    path("demands/<int:pk>/scan/", papers.scan, name="scan"),
    path("demands/<int:pk>/scan/file/", papers.scan_file, name="scan_file"),
    path("demands/<int:pk>/apply/", papers.apply, name="apply"),
]
