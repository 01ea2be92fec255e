"""A verb done for several cases or objects at once: what `ui.lists` calls for each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.procedure import Malformed, Problem
from huitong.kernel.requests import Request
from huitong.ui.lists import BulkAct, Look, Outcome
from huitong.work.forms import undoing
from huitong.work.forms.verb_form import ONCE, VerbForm


def bulk_of(
    verb: str,
    label: str = "",
    *,
    parameter: str = "case",
    barred: Callable[[Any], str] = lambda row: "",
    fixed: Mapping[str, Any] | None = None,
    hint: str = "",
    danger: bool = False,
) -> BulkAct:
    """The bulk act of a verb; its form asks once for what the verb takes beside the row.

    A step of a case is done in the case whose key the row has; any other verb is given the key as
    ``parameter``. Each row is an act of its own: rights, transaction, ledger entry; a refusal says
    why and leaves the others alone.
    """
    constants = dict(fixed or {})

    def act(request: Any, key: str, answers: Mapping[str, Any], once: str) -> Outcome:
        return perform_once(request, verb, key, answers, once, parameter, constants)

    def form(request: Any) -> forms.Form:
        return AnswersForm(verb, request, fixed=constants | {parameter: 0})

    return BulkAct(
        name=verb.rpartition(".")[2],
        label=label or f"批量{doing.VERBS[verb].label}",
        act=act,
        form=form if _asks(verb, {parameter, *constants}) else None,
        barred=barred,
        hint=hint,
        danger=danger,
    )


def bulk_in(
    case: Case,
    verb: str,
    label: str,
    *,
    parameter: str,
    name: str = "",
    form: Callable[[Any], forms.Form] | None = None,
    fixed: Mapping[str, Any] | None = None,
    barred: Callable[[Any], str] = lambda row: "",
    look: Callable[[Any, str], Look] | None = None,
    hint: str = "",
) -> BulkAct:
    """A step of one case that is about things in it, done for rows of the list of these: each row
    is a step of its own, its key given alone as ``parameter``. The key outlives the step, so that
    the page of outcomes can be loaded again."""
    constants = dict(fixed or {})

    def act(request: Any, key: str, answers: Mapping[str, Any], once: str) -> Outcome:
        given = {name: value for name, value in answers.items() if value not in (None, "", [])}
        given |= constants | {parameter: [int(key)]}
        return _performed(request, verb, given, case.pk, once)

    return BulkAct(
        name=name or verb.rpartition(".")[2],
        label=label,
        act=act,
        form=form,
        barred=barred,
        look=look,
        hint=hint,
    )


class AnswersForm(VerbForm):
    """The form of a verb for many rows: what the table demands is checked for each of them."""

    def __init__(self, name: str, request: Request, **more: Any) -> None:
        super().__init__(name, request, **more)
        del self.fields[ONCE]
        for key in self.fixed:
            self.fields.pop(key, None)

    def _case_in(self, request: Request, verb: doing.Verb, posted: bool) -> None:
        """No single case is chosen."""

    def _demands(self) -> frozenset[str]:
        """What every row of the table demands for this verb."""
        rows = [row for table in self.verb.tables for row in table.rows(self.verb.verb)]
        demands = [frozenset(row.demands) for row in rows]
        return frozenset.intersection(*demands) if demands else frozenset()


def _asks(verb: str, without: set[str]) -> bool:
    return bool(doing.VERBS[verb].given.model_fields.keys() - without)


def perform_once(
    request: Request,
    verb: str,
    key: str,
    answers: Mapping[str, Any],
    once: str,
    parameter: str = "case",
    fixed: Mapping[str, Any] | None = None,
) -> Outcome:
    """Do a verb for one row; done again with the same ``once`` it changes nothing more."""
    row, step = int(key), doing.VERBS[verb].is_step
    given = {name: value for name, value in answers.items() if value not in (None, "", [])}
    given |= dict(fixed or {}) | ({} if step else {parameter: row})
    return _performed(request, verb, given, row if step else None, once)


def _performed(
    request: Request, verb: str, given: Mapping[str, Any], case: int | None, once: str
) -> Outcome:
    try:
        done = doing.perform(request.actor, verb, given, case=case, request_key=once)
    except Malformed as problem:
        texts = [text for texts in problem.fields.values() for text in texts]
        return Outcome(False, "；".join(texts) or problem.detail)
    except Problem as problem:
        return Outcome(False, " ".join(filter(None, (problem.detail, problem.remedy))))
    undoing.join(request, done)
    label = doing.VERBS[verb].label
    number = done.case.number if done.case is not None else ""
    url = reverse("work:case", args=[done.case.pk]) if done.case is not None else ""
    return Outcome(True, f"{label}：{number}" if number else label, url)
