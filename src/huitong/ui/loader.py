"""Templates with their small parts drawn when they are loaded, not on every page.

An icon, a tag or the heading of a column looks the same for the same words. There are dozens on a
page, and each would otherwise be a component drawn anew; what of it a page fills in stays for the
page to fill in.
"""

from __future__ import annotations

import re
from typing import Any

from django.template import Context
from django_cotton.cotton_loader import Loader as CottonLoader

#: components drawn when loaded → parameters that only pass through them, so that a page may fill
#: them in; all others decide how the component looks and must be literals
SMALL: dict[str, frozenset[str]] = {
    "icon": frozenset({"name", "class"}),
    "tag": frozenset({"kind", "text"}),
    "th": frozenset(),
}
#: components that are one tag, with its library: a page calls the tag itself
TAGS = {"due": ("ui", "countdown"), "date": ("lists", "moment")}
#: parameters that have another name there
NAMES = {"ago": "relative"}
GIVEN = r' (?P<key>:?[\w-]+)="(?P<value>[^"]*)"'
CALL = re.compile(
    r"{% cotton (?P<name>" + "|".join(SMALL) + r')(?P<given>(?: :?[\w-]+="[^"]*")*) %}'
    r"(?P<slot>(?:(?!{% (?:end)?cotton).)*){% endcotton %}",
    re.DOTALL,
)
#: what a page fills in; in its place stands a sign that no text has
PIECE = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
ONE_TAG = re.compile(
    r"{% cotton (?P<name>"
    + "|".join(TAGS)
    + r')(?P<given>(?: :[\w-]+="[\w.]*")*) %}{% endcotton %}'
)
SIGN = "\ue000{}\ue001"


class Loader(CottonLoader):
    """Django-cotton's, and small components drawn by the very components."""

    def get_contents(self, origin: Any) -> str:
        contents: str = super().get_contents(origin)
        return ONE_TAG.sub(_called, CALL.sub(self._drawn, contents))

    def _drawn(self, call: re.Match[str]) -> str:
        name, source = call["name"], call[0]
        for given in re.finditer(GIVEN, call["given"]):
            key, value = given["key"], given["value"]
            dynamic = PIECE.search(value) and key not in SMALL[name]
            computed = key.startswith(":") and value not in ("True", "False")
            if dynamic or computed:
                return source
        pieces: list[str] = []

        def held(piece: re.Match[str]) -> str:
            pieces.append(piece[0])
            return SIGN.format(len(pieces) - 1)

        parameters, slot = (PIECE.sub(held, call[part]) for part in ("given", "slot"))
        call_again = f"{{% cotton {name}{parameters} %}}{slot}{{% endcotton %}}"
        drawn: str = self.engine.from_string(call_again).render(Context())
        if "{" in drawn or any(drawn.count(SIGN.format(n)) != 1 for n in range(len(pieces))):
            return source
        for n, piece in enumerate(pieces):
            drawn = drawn.replace(SIGN.format(n), piece)
        return drawn


def _called(call: re.Match[str]) -> str:
    """The tag a component is, with the component's parameters."""
    library, tag = TAGS[call["name"]]
    given = [(each["key"][1:], each["value"]) for each in re.finditer(GIVEN, call["given"])]
    words = " ".join(f"{NAMES.get(key, key)}={value}" for key, value in given)
    return f"{{% load {library} %}}{{% {tag} {words} %}}"
