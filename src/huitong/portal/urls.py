"""Addresses of the pages that belong to no single context."""

from django.urls import path

from huitong.portal import guides, home, laws, palette, unsent, views

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("help/", views.help_page, name="help"),
    path("help/keys/", views.keys, name="keys"),
    path("help/laws/", laws.laws_page, name="laws"),
    path("help/<slug:key>/", guides.guide_page, name="guide"),
    path("palette/", palette.palette, name="palette"),
    path("unsent/", unsent.offer, name="unsent"),
    path("sitemap/", views.sitemap, name="sitemap"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("healthz", views.healthz, name="healthz"),
]
