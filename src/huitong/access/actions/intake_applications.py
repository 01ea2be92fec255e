"""The forms and applications behind grants that are brought in: decided on their own day, on a
paper or a platform that is not ours (A19, A20)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field, InstanceOf

from huitong.access.models import Application, Form
from huitong.access.rules import APPLICATION, APPLICATION_UNDER_DECREE
from huitong.access.rules.intake import OldGrant
from huitong.kernel.actor import BUREAU, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import Result, step
from huitong.kernel.doing.together import Body
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.work.rules import AttachmentId

Old = Annotated[InstanceOf[OldGrant], Field(title="补录内容")]
Paper = Annotated[AttachmentId | None, Field(title="纸质授权扫描件")]
#: the seat of who prepared a table: their hand is in every case that comes of it
PREPARER = f"{BUREAU.name}:{Post.OPERATOR}"
AT_ONCE = 500


@step(APPLICATION, APPLICATION_UNDER_DECREE, inner=True)
def bring_in(actor: Actor, case: Case, *, old: Old, paper: Paper = None) -> Application:
    """The application behind a grant that is brought in: part of confirming a table, for all of
    its rows together; never by itself."""
    raise AgainstRules(
        "补录的申请只能由确认补录产生。", article="A19", remedy="请在补录的页面确认。"
    )


def applications_of(table: Case) -> Body:
    """The body of ``application.bring_in`` for the rows of a table."""

    def make(cases: list[Case], given: list[dict[str, Any]]) -> list[Result]:
        olds = [typed["old"] for typed in given]
        forms = Form.objects.bulk_create([_form(table, old) for old in olds], batch_size=AT_ONCE)
        for form in forms:
            form.number = f"SQ-{today():%Y}-{form.pk:06d}"
        Form.objects.bulk_update(forms, ["number"], batch_size=AT_ONCE)
        rows = Application.objects.bulk_create(
            [
                Application(
                    form=form,
                    case=case,
                    mount_id=old.mount,
                    scope=old.scope,
                    target_id=old.target,
                    target_table=old.target_table,
                )
                for form, case, old in zip(forms, cases, olds, strict=True)
            ],
            batch_size=AT_ONCE,
        )
        for application, case, old in zip(rows, cases, olds, strict=True):
            stand_between(table, case, old)
            case.title = old.title("申请")
            case.facts |= {
                "form": application.form_id,
                "form_number": application.form.number,
                "application": application.pk,
                "mount": old.mount,
                "provider": old.provider,
                "sharing": old.sharing,
            }
        return [Result(application) for application in rows]

    return make


def stand_between(table: Case, case: Case, old: OldGrant) -> None:
    """Name the parties of a case that comes of a row, whose hand is in it, and where it is from."""
    case.between(consumer=old.consumer, provider=old.provider)
    case.hands |= {person: seat for person, seat in table.hands.items() if seat == PREPARER}
    case.facts |= {
        "authority": old.authority,
        "intake": {
            "source": old.source,
            "number": old.number,
            "decided_on": old.decided_on.isoformat(),
            "case": table.pk,
        },
    }
    if case.body_of(BUREAU.name) in (old.consumer, old.provider):
        case.facts |= {"bureau_is_party": True}


def name_grants(applications: Sequence[Case], grants: Sequence[Case]) -> None:
    """Note in the cases of applications the grants that have come of them."""
    for application, grant in zip(applications, grants, strict=True):
        application.facts |= {"grant": grant.facts["grant"], "partly": False}
    Case.objects.bulk_update(applications, ["facts"], batch_size=AT_ONCE)


def _form(table: Case, old: OldGrant) -> Form:
    return Form(
        consumer_id=old.consumer,
        duty_id=old.duty,
        matter_id=old.matter,
        system_id=old.system,
        purpose=old.purpose,
        scenario=old.scenario,
        period_from=old.valid_from,
        period_to=old.valid_to,
        contact=old.contact,
        phone=old.phone,
        hands={},
        opened_by=table.opened_by,
        submitted_at=timezone.now(),
    )
