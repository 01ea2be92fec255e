"""A list as one request wants it: its page, its file, its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from huitong.ui.lists.bulk import BulkAct, answer_bulk
from huitong.ui.lists.columns import List
from huitong.ui.lists.files import FORMATS, MOST, file_of
from huitong.ui.lists.keeping import keeper
from huitong.ui.lists.paging import COUNTED, Page, Place, Term, without_gaps
from huitong.ui.lists.sources import CHUNK, source_of
from huitong.ui.lists.state import PLACES, State
from huitong.ui.moments import absolute

#: the last page an old address may name: further than this nobody pages
LAST_PAGE = 500

Draw = Callable[[list[Any]], Sequence[Any]]


@dataclass(frozen=True)
class Chip:
    """A condition that holds, and the address without it."""

    label: str
    words: str
    url: str


class Listing(State):
    """The rows of a `List` for one request.

    ``rows`` are those the reader may see, narrowed by ``form`` already: a queryset, `United` or a
    sequence. ``draw`` turns the rows of one page into what the template shows, all at once, so
    that what they need is fetched once a page. ``total`` is their number where the view counts
    several lists in one query. ``more`` are conditions beside the form: label, words, parameter
    and value.
    """

    def __init__(
        self,
        request: HttpRequest,
        spec: List,
        rows: Any,
        *,
        form: forms.Form | None = None,
        draw: Draw = list,
        total: int | None = None,
        bulk: Sequence[BulkAct] = (),
        more: Iterable[tuple[str, str, str, str]] = (),
    ) -> None:
        super().__init__(request, spec)
        self.form, self.more = form, list(more)
        self.bulk = () if self.faults else bulk
        self.source, self.draw, self._total = source_of(rows), draw, total

    def answer(self, template: str, context: Mapping[str, Any]) -> HttpResponseBase:
        """The page, its file when the address asks for one, or the outcome of a bulk act; where a
        condition cannot be read the page alone, which says so: what one did not mean to choose is
        neither taken along nor acted upon."""
        if self.faults:
            return render(self.request, template, {"list": self, **context}, status=422)
        if self.request.method == "POST":
            return answer_bulk(self)
        if self.query.get(self.spec.format_param) in FORMATS:
            return self.file(self.query[self.spec.format_param])
        if (view := self.default) is not None:
            return redirect(self.opening(view))
        if self._old_page > 1 and not self.page.rows:  # the list has become shorter
            return redirect(f"{self.request.path}{self.url()}")
        return render(self.request, template, {"list": self, **context})

    # -- rows --------------------------------------------------------------------------------------

    @cached_property
    def terms(self) -> list[Term]:
        """The order as the database is asked for it; `List.filled` fields are never empty."""
        terms = self.source.terms(self.spec.order_by(self.sort))
        return without_gaps(terms, self.spec.filled)

    @property
    def order(self) -> str:
        """What names the order: a place in one order is none in another."""
        return " ".join(f"{'-' if term.down else ''}{term.field}" for term in self.terms)

    @cached_property
    def page(self) -> Page:
        """The rows between two places; an old ``?page=2`` still finds its rows."""
        terms, size = self.terms, self.size
        read = {
            name: Place.read(self.query.get(name, ""), self.order) for name in ("after", "before")
        }
        if (place := read["before"]) is not None:
            turned = [term.turned for term in terms]
            rows = self.source.window(turned, place.values, 0, size + 1)
            if len(rows) > size:
                start = max(place.number - size, 0)
                return self._page(rows[:size][::-1], start, earlier=True, later=True)
        elif (place := read["after"]) is not None:
            rows = self.source.window(terms, place.values, 0, size + 1)
            if rows:
                return self._page(rows[:size], place.number, earlier=True, later=len(rows) > size)
        first = (self._old_page - 1) * size
        rows = self.source.window(terms, None, first, size + 1)
        return self._page(rows[:size], first, earlier=first > 0, later=len(rows) > size)

    @property
    def _old_page(self) -> int:
        """The page an address from before paging by key names."""
        text = self.query.get("page", "")
        return min(max(int(text), 1), LAST_PAGE) if text.isdecimal() and len(text) < 6 else 1

    def _page(self, rows: list[Any], start: int, *, earlier: bool, later: bool) -> Page:
        place = self.source.place
        behind = Place(self.order, start + len(rows), place(self.terms, rows[-1])) if later else ""
        before = Place(self.order, start, place(self.terms, rows[0])) if earlier and rows else ""
        return Page(rows, start, str(behind), str(before))

    @cached_property
    def rows(self) -> Sequence[Any]:
        """The rows of the page as the template shows them."""
        return self.draw(self.page.rows)

    @cached_property
    def total(self) -> int:
        """The number of rows; one more than `COUNTED` stands for all that is more."""
        if self._total is not None:
            return self._total
        page = self.page
        if not page.start and not page.after and not page.before:
            return len(page.rows)
        return self.source.count(COUNTED + 1)

    @property
    def total_words(self) -> str:
        return f"{COUNTED:,}+" if self.total > COUNTED else f"{self.total:,}"

    @property
    def first_number(self) -> int:
        return self.page.start + 1

    @property
    def last_number(self) -> int:
        return self.page.start + len(self.page.rows)

    def every(self, most: int) -> Iterator[Any]:
        """All rows in order, drawn some at a time."""
        rows = iter(self.source.every(self.terms, most))
        while chunk := list(islice(rows, CHUNK)):
            yield from self.draw(chunk)

    def chosen(self, keys: Sequence[str]) -> Sequence[Any]:
        """The rows of the list with these keys, drawn."""
        return self.draw(self.source.chosen(keys, self.spec.key_field))

    # -- pages ---------------------------------------------------------------------------------

    @property
    def earlier(self) -> str:
        return self.url(before=self.page.before) if self.page.before else ""

    @property
    def later(self) -> str:
        return self.url(after=self.page.after) if self.page.after else ""

    @property
    def beginning(self) -> str:
        return self.url() if self.page.start else ""

    @property
    def cut(self) -> str:
        """What to know before taking a list that is longer than a file may be."""
        return f"文件最多含前 {MOST:,} {self.spec.unit}" if self.total > COUNTED else ""

    # -- conditions --------------------------------------------------------------------------------

    @property
    def faults(self) -> list[tuple[str, str]]:
        """The conditions that cannot be read: label, and why."""
        if self.form is None:
            return []
        errors = self.form.errors.items()
        return [(str(self.form[name].label), "；".join(texts)) for name, texts in errors]

    @cached_property
    def chips(self) -> list[Chip]:
        """The conditions that hold, each with the address without it."""
        chips = [
            Chip(label, text, self.toggled(name, value)) for label, text, name, value in self.more
        ]
        form = self.form
        if form is None:
            return chips
        for field in form:
            if isinstance(field.field.widget, forms.HiddenInput) or field.errors:
                continue
            for value in self.query.getlist(field.html_name):
                if value:
                    words = _words(field.field, value)
                    url = self.toggled(field.html_name, value)
                    chips.append(Chip(str(field.label), words, url))
        return chips

    def toggled(self, name: str, value: str) -> str:
        """The address with this value of a condition, or without it where it holds."""
        values = self._present.get(name, [])
        others = [other for other in values if other != value]
        return self._address(
            self._present | {name: others if value in values else [*values, value]}
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.chips)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the filter's form must carry along: everything in the address it has no field of."""
        fields = {field.html_name for field in self.form} if self.form is not None else set()
        passed = {*PLACES, self.spec.format_param, *(name for _, _, name, _ in self.more)}
        carried = [
            (name, value)
            for name, values in self.query.lists()
            if name not in fields and name not in passed
            for value in values
            if value
        ]
        return carried + [(n, value) for _, _, n, value in self.more if n not in fields]

    # -- files -------------------------------------------------------------------------------------

    def file(self, kind: str) -> HttpResponseBase:
        """The list as narrowed, in its order, with the columns chosen."""
        if self.spec.personal:
            keeper().exported(self.request, self.spec.key, self.spec.label, kind)
        conditions = "；".join(f"{chip.label}：{chip.words}" for chip in self.chips)
        facts = [
            ("列表", self.spec.label),
            ("条件", conditions or "无"),
            ("导出时间", absolute(timezone.now())),
            ("最多", f"{MOST:,} {self.spec.unit}"),
        ]
        return file_of(kind, self.spec.label, self.file_columns, self.every(MOST), facts)


def _words(field: forms.Field, value: str) -> str:
    """What a value of a filter is called."""
    for key, label in getattr(field, "choices", ()):
        if isinstance(label, list | tuple):  # a group of choices
            label = next((words for own, words in label if str(own) == value), None)
            if label is not None:
                return str(label)
        elif str(key) == value:
            return str(label)
    return "是" if isinstance(field, forms.BooleanField) else value
