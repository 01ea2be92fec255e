"""How templates cite the law: `{{ row.article|article_words }}`, in every template."""

from __future__ import annotations

from typing import Any

from django import template

from huitong.kernel import laws

register = template.Library()


@register.filter
def article_words(article: Any) -> str:
    """``A12`` as the law counts: 第十二条; of another law with its name."""
    return laws.article_words(str(article))


@register.filter
def cited(article: Any) -> str:
    """``A12`` with the name of its law: 《实施细则》第十二条."""
    return laws.full_words(str(article))
