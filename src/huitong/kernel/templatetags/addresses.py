"""``{% url %}`` as Django's, with `kernel.addresses`, in every template."""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape

from huitong.kernel.addresses import reverse

register = template.Library()


class Address(URLNode):
    """The address of a page by its name and arguments in their order."""

    def render(self, context: Context) -> str:
        if self.kwargs:
            return super().render(context)
        args = [arg.resolve(context) for arg in self.args]
        try:
            address = reverse(self.view_name.resolve(context), args)
        except NoReverseMatch:
            if self.asvar is None:
                raise
            address = ""
        if self.asvar:
            context[self.asvar] = address
            return ""
        return conditional_escape(address) if context.autoescape else address


@register.tag
def url(parser: Parser, token: Token) -> Address:
    node = parse(parser, token)
    return Address(node.view_name, node.args, node.kwargs, node.asvar)
