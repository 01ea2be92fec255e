"""Addresses of the ledger's pages and of the public checkpoint."""

from django.urls import path

from huitong.audit import views

app_name = "audit"
urlpatterns = [
    path("audit/", views.entries, name="entries"),
    path("audit/<int:seq>/", views.entry, name="entry"),
    path("audit/status/", views.status, name="status"),
    path("audit/check/", views.check, name="check"),
    path("audit/export/", views.export, name="export"),
    path("audit/cases/<int:case>/evidence/", views.evidence, name="evidence"),
    path("audit/packages/<int:pk>/", views.package, name="package"),
    path("audit/packages/<int:pk>/file/", views.package_file, name="package_file"),
    path("checkpoint", views.checkpoint, name="checkpoint"),
    path("checkpoint/keys", views.checkpoint_keys, name="checkpoint_keys"),
    path("checkpoint/consistency", views.checkpoint_consistency, name="checkpoint_consistency"),
]
