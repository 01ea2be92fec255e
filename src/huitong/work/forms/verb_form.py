"""The form of a verb: shown, checked, performed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict

from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.procedure import Malformed, NotVisible
from huitong.kernel.requests import Request
from huitong.ui.rules import is_key
from huitong.work import actions, queries
from huitong.work.forms import confirming
from huitong.work.forms.fields import field_for
from huitong.work.forms.inputs import UPLOADED, UploadField
from huitong.work.forms.words import words
from huitong.work.rules import CaseRef, shape_of

ONCE = "_once"


class VerbForm(forms.Form):
    """The form of a verb for one actor; ``status`` is the page's HTTP status (200, or 422)."""

    def __init__(
        self,
        name: str,
        request: Request,
        *,
        case: Case | None = None,
        fixed: Mapping[str, Any] | None = None,
        only: Collection[str] | None = None,
        initial: Mapping[str, Any] | None = None,
        data: QueryDict | None = None,
        **more: Any,
    ) -> None:
        """``data`` binds the form to these values instead of those of the request."""
        if (verb := doing.VERBS.get(name)) is None:
            raise NotVisible("该操作")
        self.verb, self.case, self.fixed = verb, case, dict(fixed or {})
        self.actor, self.request = request.actor, request
        posted = request.method == "POST" and data is None
        data = request.POST.copy() if posted else data
        super().__init__(
            data, request.FILES if posted else None, initial=dict(initial or {}), **more
        )
        self.about = about = case or self._case_in(request, verb, posted)
        demands = self._demands()
        for key, field in verb.given.model_fields.items():
            if key not in self.fixed and (only is None or key in only):
                self.fields[key] = field_for(
                    key, field, self.actor, about, required=key in demands, verb=verb.name
                )
        self.fields[ONCE] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
        self.initial.setdefault(ONCE, uuid.uuid4().hex)

    def _case_in(self, request: Request, verb: doing.Verb, posted: bool) -> Case | None:
        """The case that a hidden parameter names, for the lists that depend on it."""
        key = next(
            (k for k, f in verb.given.model_fields.items() if shape_of(f).mark(CaseRef)), None
        )
        pk = (
            self.fixed.get(key)
            or (request.POST if posted else request.GET).get(key)
            or self.initial.get(key)
            if key
            else None
        )
        return queries.case_for(self.actor, int(pk)) if pk and is_key(str(pk)) else None

    def _demands(self) -> frozenset[str]:
        """The parameters the table demands of this step, but for those the case has already."""
        rows = [row for table in self.verb.tables for row in table.rows(self.verb.verb)]
        current = [
            row for row in rows if (self.case.state in row.origin if self.case else row.opening)
        ]
        facts = self.case.facts if self.case else {}
        return frozenset(d for row in current[:1] for d in row.demands if not facts.get(d))

    @property
    def once(self) -> forms.BoundField:
        """The one-time token, for templates that draw single fields."""
        return self[ONCE]

    @property
    def status(self) -> int:
        """The status of the page the form is drawn on."""
        return 422 if self.is_bound and not confirming.went_back(self.request) else 200

    @property
    def needs_nothing(self) -> bool:
        """Whether there is nothing to fill in, so that a button is enough."""
        return all(isinstance(f.widget, forms.HiddenInput) for f in self.fields.values())

    @property
    def confirmed(self) -> bool:
        """Whether pages have it confirmed: forms carry ``data-confirm`` then."""
        row = queries.row_of(self.actor, self.verb, self.case)
        return row.confirmed if row is not None else bool(self.verb.effect)

    def given(self) -> dict[str, Any] | None:
        """The verb's parameters as filled in, uploads stored; None when the form has errors."""
        self._store_uploads()
        valid = self.is_valid()
        fields = self.verb.given.model_fields
        given = {
            key: value
            for key in self.fields
            if key != ONCE
            and key in self.cleaned_data
            and (not _blank(value := self.cleaned_data[key]) or fields[key].is_required())
        } | self.fixed
        try:
            self.verb.validate(given)
        except Malformed as problem:  # the form has its own errors already
            self.refuse(
                Malformed(
                    {
                        k: v
                        for k, v in problem.fields.items()
                        if k.partition(".")[0] not in self.errors
                    }
                    or {"": []}
                )
            )
            valid = valid and not problem.fields
        return given if valid else None

    def ask(self, parts: Collection[tuple[str, Case]] = ()) -> HttpResponse | None:
        """What asks for confirmation, with what will come of the act; None when it is confirmed,
        needs none, or the form has errors. Raises `NotYours`, `AgainstRules`, `NotVisible`."""
        if confirming.went_back(self.request) or (given := self.given()) is None:
            return None
        try:
            return confirming.ask(
                self.request,
                self.verb.name,
                given,
                case=self.case,
                parts=parts,
                answers=self.answers(),
                sent=self.data,
            )
        except Malformed as problem:
            self.refuse(problem)
            return None

    def perform(self) -> doing.Done | None:
        """Perform the verb; None when the form has errors. Raises `NotYours`, `AgainstRules`,
        `NotVisible`."""
        if confirming.went_back(self.request) or (given := self.given()) is None:
            return None
        once = self.cleaned_data.get(ONCE)
        try:
            return doing.perform(
                self.actor,
                self.verb.name,
                given,
                case=self.case.pk if self.case else None,
                request_key=f"form:{once}" if once else "",
            )
        except Malformed as problem:
            self.refuse(problem)
            return None

    def check_open(self) -> None:
        """Checks, before anything is filled in, that the step can be taken. Raises `NotYours`,
        `AgainstRules`."""
        case, actor = self.case, self.actor
        if case is None or any(v is self.verb for _, v in doing.open_to(actor, case)):
            return
        table = doing.procedure_of(case)
        rows = table.rows(self.verb.verb) if self.verb.verb in table.verbs else []
        doing.check_step(actor, case, self.verb, {d: "-" for row in rows for d in row.demands})

    def refuse(self, problem: Malformed) -> None:
        """Show each error beside its field, with the values as typed."""
        for where, errors in problem.fields.items():
            name = where.partition(".")[0]
            for text in errors:
                self.add_error(name if name in self.fields else None, text)

    def answers(self) -> list[tuple[str, str]]:
        """Labels and values in words, for a page that asks for confirmation."""
        return [
            (str(self.fields[key].label), words(self[key]))
            for key in self.fields
            if key != ONCE and not isinstance(self.fields[key].widget, forms.HiddenInput)
        ]

    def _store_uploads(self) -> None:
        """Store files first, named by key from then on: an error elsewhere loses none."""
        for key, field in self.fields.items():
            if not isinstance(field, UploadField):
                continue
            name = self.add_prefix(key)
            try:
                stored = (
                    [actions.attach(self.actor, upload=file) for file in self.files.getlist(name)]
                    if isinstance(self.files, MultiValueDict)
                    else []
                )
            except Malformed as problem:
                field.problems = [text for errors in problem.fields.values() for text in errors]
                continue
            if stored:
                self.data.setlist(name + UPLOADED, [str(a.pk) for a in stored])


def _blank(value: Any) -> bool:
    return value is None or value == "" or value == []
