"""The networks the platform may connect to on somebody's behalf: those the city lists, never its
own services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings

from huitong.connectors import Guard
from huitong.connectors.guard import Door
from huitong.kernel import turns


def guard() -> Guard:
    """The guard of every connection to an address somebody registered. Who asks for it goes on to
    wait for that address."""
    turns.web.give_up()
    return Guard.of(settings.ALLOWED_NETWORKS, dict.fromkeys(own_doors()))


def own_doors() -> Iterator[Door]:
    """The platform's services: its database, pages, gateway, mail server, proxies and the peers
    that keep its checkpoints."""
    databases = [
        place for place in (settings.DATABASES["default"], settings.OWNER_DATABASE) if place
    ]
    names = frozenset(str(place["NAME"]) for place in databases)
    for place in databases:
        yield Door(str(place["HOST"]), int(place["PORT"] or 5432), names)
    if settings.EMAIL_HOST:
        yield Door(settings.EMAIL_HOST, int(settings.EMAIL_PORT))
    listening = [
        f"http://{address}" for address in (settings.WEB_LISTEN, settings.GATEWAY_LISTEN) if address
    ]
    for url in (settings.PUBLIC_URL, settings.GATEWAY_URL, *listening, *settings.CHECKPOINT_PEERS):
        with suppress(ValueError):  # no address at all: the start checks report it
            parts = urlsplit(url)
            if parts.hostname:
                yield Door(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
    for proxy in settings.PROXIES:
        if "/" not in proxy or proxy.endswith(("/32", "/128")):
            for port in (80, 443):
                yield Door(proxy.partition("/")[0], port)
