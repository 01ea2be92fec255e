"""A request as every view receives it."""

from __future__ import annotations

from django.http import HttpRequest

from huitong.kernel.actor import Actor


class Request(HttpRequest):
    """Django's request with what the platform's middleware and the API's token add to it.

    For annotations only: Django makes the object, `huitong.portal.middleware` and
    `huitong.api.auth` set these attributes before any view is called.
    """

    #: who acts
    actor: Actor
    #: the number by which the log and an error page name this request
    request_id: str
    #: a HEAD request answered as GET, whose body does not leave
    bare: bool
