"""What goes along with data handed out under a grant (A30)."""

from __future__ import annotations

from django.conf import settings

from huitong.access.rules import LiveGrant, headers_of
from huitong.kernel.addresses import reverse


def delivery_headers(grant: LiveGrant) -> dict[str, str]:
    """The headers of an answer under a grant, with the address of the grant itself."""
    return headers_of(grant, settings.PUBLIC_URL + reverse("access:grant", args=[grant.grant]))
