"""One act over several rows: choose, look at what was chosen, confirm, read what became of each.

What is confirmed is what was shown: the confirming page carries the chosen rows, signed. Each row
is an act of its own, with its own rights, transaction and record; one that is refused keeps no
other back. The page of outcomes is the answer to the post: sent once more (a reload), it does
nothing twice, because every row's act carries the same key.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst

from huitong.ui.lists.columns import List
from huitong.ui.rules import is_key

#: rows one bulk act takes at most: what a person can still look through
MOST_AT_ONCE = 200
SIGNER = Signer(salt="huitong.bulk")


@dataclass(frozen=True)
class Outcome:
    """What became of one row: done or refused, why, and what can be opened next."""

    done: bool
    words: str = ""
    url: str = ""


@dataclass(frozen=True)
class Look:
    """What is shown of a chosen row before it is confirmed: label, words and address, empty where
    there is none; and why nothing can be done with it, if so."""

    about: Sequence[tuple[str, str, str]] = ()
    barred: str = ""


@dataclass(frozen=True)
class Chosen:
    """A row as it was chosen, and why nothing can be done with it, if so."""

    key: str
    title: str
    url: str = ""
    barred: str = ""
    about: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True)
class BulkAct:
    """What can be done with several rows at once.

    ``act(request, key, answers, once)`` does it for one row: ``answers`` are those of ``form``,
    which is filled in once for all, ``once`` names this very act. ``barred(row)`` says why a row
    cannot be chosen, empty when it can; ``hint`` what will happen. ``look(request, key)`` is asked
    of chosen rows alone, when they are shown to be confirmed: for what takes longer to find out.
    ``most`` rows are taken at once.
    """

    name: str
    label: str
    act: Callable[[Any, str, Mapping[str, Any], str], Outcome]
    form: Callable[[Any], forms.Form] | None = None
    barred: Callable[[Any], str] = lambda row: ""
    hint: str = ""
    danger: bool = False
    look: Callable[[Any, str], Look] | None = None
    most: int = MOST_AT_ONCE


class Choice(Protocol):
    """What a bulk act needs of the list it starts from."""

    request: HttpRequest
    spec: List
    bulk: Sequence[BulkAct]
    draw: Callable[[list[Any]], Sequence[Any]]

    @property
    def path(self) -> str: ...

    def every(self, most: int) -> Iterator[Any]: ...

    def chosen(self, keys: Sequence[str]) -> Sequence[Any]: ...


def answer_bulk(listing: Choice) -> HttpResponse:
    """Answer a post of a list: the page to confirm, or what became of each row."""
    request = listing.request
    act = next((a for a in listing.bulk if a.name == request.POST.get("bulk")), None)
    if act is None:  # loaded again after the last row was done, or another has moved it on
        messages.warning(request, "这项批量操作现在不能办理，可能已经办完；请核对下面的列表。")
        return redirect(listing.path)
    chosen, cut = _chosen(listing, act)
    if not chosen:
        messages.warning(request, f"请先勾选要{act.label.removeprefix('批量')}的{_noun(listing)}。")
        return redirect(listing.path)
    ready = [row for row in chosen if not row.barred]
    confirmed = "confirm" in request.POST
    form = _form(act, request, bound=confirmed)
    if confirmed and ready and (form is None or form.is_valid()):
        return _outcomes(listing, act, ready, form.cleaned_data if form is not None else {})
    once = request.POST.get("once") if confirmed else None
    if act.look is not None:
        chosen = [_looked_at(act.look(request, row.key), row) for row in ready] + [
            row for row in chosen if row.barred
        ]
        ready = [row for row in chosen if not row.barred]
    context = {
        "list": listing,
        "act": act,
        "ready": ready,
        "barred": [row for row in chosen if row.barred],
        "cut": cut,
        "most": act.most,
        "form": form,
        "once": once or uuid.uuid4().hex,
        "rows": _signed(ready),
        "crumbs": [(listing.spec.label, listing.path), (act.label, "")],
    }
    return render(request, "ui/bulk_confirm.html", context, status=422 if confirmed else 200)


def _looked_at(look: Look, row: Chosen) -> Chosen:
    return replace(row, barred=look.barred, about=look.about)


def _noun(listing: Choice) -> str:
    return {"件": "事项", "条": "记录", "项": "项目"}.get(listing.spec.unit, "行")


def _form(act: BulkAct, request: HttpRequest, bound: bool) -> forms.Form | None:
    """The act's own form, bound only once the page that shows it is sent."""
    if act.form is None:
        return None
    form = act.form(request)
    if not bound:
        form.is_bound, form.data = False, {}
    return form


def _chosen(listing: Choice, act: BulkAct) -> tuple[list[Chosen], bool]:
    """The rows this post is about, and whether there were more than one act takes."""
    post = listing.request.POST
    if "rows" in post:
        return _read(post["rows"]), False
    if post.get("all"):
        rows = list(listing.every(act.most + 1))
        return [_as_chosen(listing, act, row) for row in rows[: act.most]], len(rows) > act.most
    keys = [key for key in dict.fromkeys(post.getlist("row")) if is_key(key)]
    there = listing.chosen(keys[: act.most])
    by_key = {listing.spec.key_of(row): row for row in there}
    chosen = [
        _as_chosen(listing, act, by_key[key])
        if key in by_key
        else Chosen(key, f"编号 {key}", "", "已不在列表中，可能已由他人办理")
        for key in keys[: act.most]
    ]
    return chosen, len(keys) > act.most


def _as_chosen(listing: Choice, act: BulkAct, row: Any) -> Chosen:
    title, url = listing.spec.name_of(row)
    return Chosen(listing.spec.key_of(row), title, url, act.barred(row))


def _signed(rows: list[Chosen]) -> str:
    return SIGNER.sign_object([[row.key, row.title, row.url] for row in rows], compress=True)


def _read(text: str) -> list[Chosen]:
    try:
        return [Chosen(*row) for row in SIGNER.unsign_object(text)][:MOST_AT_ONCE]
    except (BadSignature, ValueError, TypeError) as wrong:
        raise BadRequest("the rows were not signed here") from wrong


def _outcomes(
    listing: Choice, act: BulkAct, rows: list[Chosen], answers: Mapping[str, Any]
) -> HttpResponse:
    """Do it for one row after the other, and say what became of each."""
    request = listing.request
    once = request.POST.get("once", "")
    if not (len(once) == 32 and once.isalnum()):
        raise BadRequest("no key of the act")
    outcomes = [(row, act.act(request, row.key, answers, f"bulk:{once}:{row.key}")) for row in rows]
    refused = [row for row, outcome in outcomes if not outcome.done]
    context = {
        "list": listing,
        "act": act,
        "title": capfirst(act.label),
        "outcomes": outcomes,
        "done": len(outcomes) - len(refused),
        "refused": len(refused),
        "rows": _signed(refused),
        "crumbs": [(listing.spec.label, listing.path), (act.label, "")],
    }
    return render(request, "ui/bulk_outcomes.html", context)
