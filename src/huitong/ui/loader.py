"""Templates with their constant parts drawn when they are loaded, not on every page.

An icon, a tag or the heading of a column given nothing but literals looks the same for ever. There
are dozens on a page, and each would otherwise be a component drawn anew.
"""

from __future__ import annotations

import re
from typing import Any

from django.template import Context
from django_cotton.cotton_loader import Loader as CottonLoader

#: components that depend on nothing but their parameters → parameters for which they do not
CONSTANT: dict[str, str] = {"icon": "", "tag": "", "th": "sort"}
LITERAL = re.compile(
    r"{% cotton (?P<name>"
    + "|".join(CONSTANT)
    + r")(?P<given>(?: (?:[\w-]+=\"[^\"{]*\"|:[\w-]+=\"(?:True|False)\"))*) %}"
    r"[^{]*{% endcotton %}"
)


class Loader(CottonLoader):
    """Django-cotton's, and what is constant drawn by the very components."""

    def get_contents(self, origin: Any) -> str:
        contents: str = super().get_contents(origin)
        return LITERAL.sub(self._drawn, contents)

    def _drawn(self, call: re.Match[str]) -> str:
        name, source = call["name"], call[0]
        if CONSTANT[name] and f" {CONSTANT[name]}=" in call["given"]:
            return source
        drawn: str = self.engine.from_string(source).render(Context())
        return source if "{" in drawn else drawn
