"""A form that performs a verb, once however often it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.http import HttpResponse

from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.procedure import Malformed
from huitong.kernel.requests import Request
from huitong.work.forms import confirming


class Once(forms.Form):
    """A form whose second submission does nothing: the one-time token becomes the request key of
    the act."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial.setdefault("once", uuid.uuid4().hex)

    def asks(
        self,
        request: Request,
        verb: str,
        given: Mapping[str, Any],
        case: Case,
        answers: Collection[tuple[str, str]] = (),
    ) -> HttpResponse | None:
        """What asks for confirmation; None when it is confirmed, needs none, or the verb found
        something malformed, which is put beside the fields."""
        try:
            return confirming.ask(request, verb, given, case=case, answers=answers)
        except Malformed as wrong:
            self.refuse(wrong)
            return None

    @property
    def status(self) -> int:
        return 422 if self.is_bound and self.errors else 200

    def do(
        self, actor: Actor, verb: str, given: Mapping[str, Any], case: int | None = None
    ) -> doing.Done | None:
        """Perform the verb; what it finds malformed is put beside the fields. Other refusals
        pass through."""
        once = self.cleaned_data.get("once")
        try:
            return doing.perform(
                actor, verb, given, case=case, request_key=f"form:{once}" if once else ""
            )
        except Malformed as wrong:
            self.refuse(wrong)
            return None

    def refuse(self, wrong: Malformed) -> None:
        """Put what the verb refused beside the field it concerns."""
        for where, messages in wrong.fields.items():
            field = where.partition(".")[0]
            for text in messages:
                self.add_error(field if field in self.fields else None, text)
