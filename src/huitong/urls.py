"""All addresses: each context's own `urls.py`, the portal's, the API's. A context carries its own prefixes."""

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("favicon.ico", RedirectView.as_view(url="/static/ui/img/favicon.svg", permanent=True)),
]
for room in ("huitong.ui", "huitong.portal", *settings.CONTEXTS):
    if find_spec(room) and find_spec(f"{room}.urls"):
        urlpatterns.append(path("", include(f"{room}.urls")))
if find_spec("huitong.api"):
    urlpatterns.append(path("api/", import_module("huitong.api").api.urls))

handler400 = "huitong.portal.errors.bad_request"
handler403 = "huitong.portal.errors.forbidden"
handler404 = "huitong.portal.errors.not_found"
handler500 = "huitong.portal.errors.server_error"
