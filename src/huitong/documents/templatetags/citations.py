"""How templates lead from a citation to what the law says there: `{{ row.article|article_link }}`,
in every template."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import NoReverseMatch
from django.utils.html import format_html
from django.utils.safestring import SafeString

from huitong.kernel import laws
from huitong.kernel.addresses import reverse

register = template.Library()


@register.filter
def article_link(article: Any, full: bool = False) -> SafeString | str:
    """``A12`` as a link to its page, in words: 第十二条; ``article_link:True`` with the name of its
    law. What cites no law stays as it is; where there are no pages of articles, so do the
    words."""
    short = str(article)
    try:
        cited = laws.citation(short)
    except ValueError:
        return short
    words = cited.full_words if full else cited.words
    try:
        return format_html('<a href="{}">{}</a>', reverse("documents:article", args=[short]), words)
    except NoReverseMatch:
        return words
