"""All addresses: the portal's, those in each context's manifest, the API's. A context carries its
own prefixes."""

from django.urls import URLResolver, include, path, re_path
from django.urls.resolvers import RoutePattern
from django.views.generic import RedirectView

from huitong.kernel.manifest import MANIFESTS
from huitong.portal import urls as portal
from huitong.portal.errors import closed
from huitong.ui import urls as ui

#: allauth's pages for strangers who sign up and for people who keep addresses themselves: accounts
#: here are the system administrator's, and every write is an act; the names stay, for allauth
#: resolves them
CLOSED = "signup|email|confirm-email|password/set|login/code"


class OnDemand(URLResolver):
    """Addresses of a namespace, loaded when one of them is asked for: the API's routes are a
    fifth of what a process loads, and only web processes use them."""

    def _populate(self) -> None:
        """Leave out the list for names without namespace, for which all would be loaded."""


urlpatterns = [
    re_path(rf"^account/(?:{CLOSED})/", closed),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("favicon.ico", RedirectView.as_view(url="/static/ui/img/favicon.svg", permanent=True)),
]
contexts = (manifest.urls for manifest in MANIFESTS.values() if manifest.urls is not None)
urlpatterns += [path("", include(room)) for room in (ui, portal, *contexts)]
api = RoutePattern("api/", is_endpoint=False)
urlpatterns.append(OnDemand(api, "huitong.api.urls", app_name="ninja", namespace="api"))

handler400 = "huitong.portal.errors.bad_request"
handler403 = "huitong.portal.errors.forbidden"
handler404 = "huitong.portal.errors.not_found"
handler500 = "huitong.portal.errors.server_error"
