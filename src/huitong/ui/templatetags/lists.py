"""Rows of a list: ``{% rows list %}{% cell "title" %}…{% endcell %}{% endrows %}``.

Each row is ``row``, its place in the list ``number``. Only the columns somebody chose are drawn, in
the order the list declares; a column without a cell here shows its plain value.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from huitong.ui import moments

register = template.Library()


class CellNode(Node):
    """What one column of a row shows."""

    def __init__(self, key: str, content: NodeList) -> None:
        self.key, self.content = key, content

    def render(self, context: Context) -> SafeString:
        return self.content.render(context)


class RowsNode(Node):
    """The body of a list's table."""

    def __init__(self, listing: FilterExpression, content: NodeList) -> None:
        self.listing = listing
        self.cells = {n.key: n.content for n in content if isinstance(n, CellNode)}

    def render(self, context: Context) -> SafeString:
        listing: Any = self.listing.resolve(context)
        spec, columns = listing.spec, listing.columns
        heads = [_open(column.label, column.classes) for column in columns]
        lines: list[str] = []
        for number, row in enumerate(listing.rows, listing.first_number):
            with context.push(row=row, number=number):
                lines.append("<tr>")
                if listing.bulk:
                    lines.append(_choice(spec, listing.bulk, row))
                if spec.numbered:
                    lines.append(f'<td class="no" data-label="序号">{number}</td>')
                for head, column in zip(heads, columns, strict=True):
                    cell = self.cells.get(column.key)
                    inner = cell.render(context) if cell is not None else column.html(row)
                    lines.append(f"{head}{inner}</td>")
                lines.append("</tr>\n")
        return mark_safe("".join(lines))  # noqa: S308 - each part escaped where it was drawn


def _open(label: str, classes: str) -> str:
    css = f' class="{conditional_escape(classes)}"' if classes else ""
    return f'<td data-label="{conditional_escape(label)}"{css}>'


def _choice(spec: Any, acts: Any, row: Any) -> str:
    """The box that chooses a row; where nothing can be done with it, why."""
    title, _ = spec.name_of(row)
    barred = [act.barred(row) for act in acts]
    if all(barred):
        return format_html(
            '<td class="no choice" data-label="选择"><span class="none" title="{}">—'
            '<span class="visually-hidden">{}</span></span></td>',
            barred[0],
            barred[0],
        )
    return format_html(
        '<td class="no choice" data-label="选择"><input type="checkbox" class="form-check-input"'
        ' form="bulk" name="row" value="{}" aria-label="选择 {}"></td>',
        spec.key_of(row),
        title,
    )


@register.tag
def rows(parser: Parser, token: Token) -> RowsNode:
    """``{% rows list %}…{% endrows %}``"""
    parts = token.split_contents()
    if len(parts) != 2:
        raise template.TemplateSyntaxError("{% rows list %} takes the list")
    content = parser.parse(("endrows",))
    parser.delete_first_token()
    return RowsNode(parser.compile_filter(parts[1]), content)


@register.tag
def cell(parser: Parser, token: Token) -> CellNode:
    """``{% cell "title" %}…{% endcell %}``"""
    parts = token.split_contents()
    if len(parts) != 2:
        raise template.TemplateSyntaxError('{% cell "key" %} takes the key of a column')
    content = parser.parse(("endcell",))
    parser.delete_first_token()
    return CellNode(parts[1].strip("\"'"), content)


@register.simple_tag
def moment(
    at: date | None, relative: bool | None = None, seconds: bool = False, empty: str = "—"
) -> SafeString:
    """A moment or a day, absolute and, for moments, relative (`c-date`)."""
    if not at:
        return format_html('<span class="none">{}</span>', empty)
    return moments.moment(at, relative, seconds)
