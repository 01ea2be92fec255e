"""All addresses: each context's own `urls.py`, the portal's, the API's. A context carries its
own prefixes."""

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView

#: allauth's pages for strangers who sign up and for people who keep addresses themselves: accounts
#: here are the system administrator's, and every write is an act; the names stay, for allauth
#: resolves them
CLOSED = "signup|email|confirm-email|password/set|login/code"

urlpatterns = [
    re_path(rf"^account/(?:{CLOSED})/", import_module("huitong.portal.errors").closed),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("favicon.ico", RedirectView.as_view(url="/static/ui/img/favicon.svg", permanent=True)),
]
for room in ("huitong.ui", "huitong.portal", *settings.CONTEXTS):
    if find_spec(f"{room}.urls"):
        urlpatterns.append(path("", include(f"{room}.urls")))
urlpatterns.append(path("api/", import_module("huitong.api").api.urls))

handler400 = "huitong.portal.errors.bad_request"
handler403 = "huitong.portal.errors.forbidden"
handler404 = "huitong.portal.errors.not_found"
handler500 = "huitong.portal.errors.server_error"
