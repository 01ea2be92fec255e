"""Several seats asked at once (会商): each owes its own opinion, has its own desk and clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from tests.cast import Cast
from tests.toys.consultation import actions as consultation

from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.kernel.workdays import SHANGHAI, today
from huitong.organizations import actions as organizations
from huitong.work import actions as work
from huitong.work import jobs, queries
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_each_opinion_is_one_seats_duty_and_has_its_own_clock(cast: Cast, enquiry: Case) -> None:
    bodies = [cast.body(name).pk for name in ("civil", "housing", "bureau")]
    assert sorted(enquiry.awaiting) == sorted(f"{body}:manager" for body in bodies)
    clocks = Clock.objects.filter(case=enquiry)
    assert {(c.body, c.post) for c in clocks} == {(body, "manager") for body in bodies}
    for who in ("civil_manager", "housing_manager", "bureau_manager"):
        assert enquiry in Case.objects.waiting_for(getattr(cast, who))


def test_the_case_moves_when_all_have_spoken_in_any_order(cast: Cast, enquiry: Case) -> None:
    consultation.advise(cast.housing_manager, enquiry, opinion="需要")
    case = fresh(enquiry)
    assert case.state == "collecting" and len(case.awaiting) == 2
    assert case not in Case.objects.waiting_for(cast.housing_manager)
    running = Clock.objects.filter(case=case, stopped_on=None)
    assert cast.body("housing").pk not in running.values_list("body", flat=True)
    consultation.advise(cast.bureau_manager, case, opinion="可以")
    consultation.advise(cast.civil_manager, case, opinion="同意")
    case = fresh(case)
    assert case.state == "concluding" and case.awaiting == [f"{cast.body('bureau').pk}:operator"]
    assert not Clock.objects.filter(case=case, stopped_on=None).exists()
    entries_of_advice = Entry.objects.filter(case=case.pk, verb="consultation.advise").order_by(
        "seq"
    )
    assert [e.after["given"]["opinion"] for e in entries_of_advice] == ["需要", "可以", "同意"]
    assert case.opinions.count() == 3


def test_nobody_speaks_twice_nor_for_another(cast: Cast, enquiry: Case) -> None:
    consultation.advise(cast.housing_manager, enquiry, opinion="需要")
    with pytest.raises(AgainstRules, match="不必再次"):
        consultation.advise(cast.housing_manager, enquiry, opinion="不需要")
    with pytest.raises(NotYours):
        consultation.advise(cast.civil_operator, enquiry, opinion="代为发言")
    with pytest.raises(NotVisible):
        consultation.advise(cast.stranger_manager, enquiry, opinion="路过")
    assert [row.verb for row, _ in doing.open_to(cast.housing_manager, fresh(enquiry))] == []


def test_when_the_limit_is_over_the_platform_goes_on_without_the_missing(
    cast: Cast, enquiry: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    consultation.advise(cast.housing_manager, enquiry, opinion="需要")
    with pytest.raises(AgainstRules, match="时限未到"):
        consultation.close_collecting(cast.system, enquiry)
    last = max(Clock.objects.filter(case=enquiry).values_list("due_on", flat=True))
    jobs.watch(last)
    assert fresh(enquiry).state == "collecting", "the last day is still theirs"
    later = datetime.combine(last + timedelta(1), time(9), SHANGHAI)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    jobs.watch(last + timedelta(1))
    assert fresh(enquiry).state == "concluding"
    entry = Entry.objects.get(case=enquiry.pk, verb="consultation.close_collecting")
    assert entry.person is None and entry.article == "A27" and entry.law == "nantong-2020"


def test_who_is_late_is_urged_and_warned_each_for_themselves(cast: Cast, enquiry: Case) -> None:
    from huitong.work import actions as work

    consultation.advise(cast.housing_manager, enquiry, opinion="需要")
    work.urge(cast.bureau_operator, case=enquiry.pk, text="请尽快")
    urged = {row.urged for row in queries.urgings_of(enquiry)}
    assert urged == {cast.body("civil").pk}, "who has spoken owes nothing, and nobody urges itself"
    clock = Clock.objects.get(case=enquiry, body=cast.body("civil").pk)
    jobs.watch(clock.warn_on)
    warned = set(Notice.objects.filter(kind="warning").values_list("person", flat=True))
    assert cast.civil_manager.person in warned and cast.housing_manager.person not in warned


def test_who_has_spoken_reads_that_it_is_not_asked_again(cast: Cast, enquiry: Case) -> None:
    consultation.advise(cast.housing_manager, enquiry, opinion="需要")
    page = cast.client("housing_manager").get(f"/cases/{enquiry.pk}/advise/")
    assert page.status_code == 409 and "不必再次办理" in page.content.decode()


def test_an_heir_speaks_for_each_seat_it_has_come_into(cast: Cast, enquiry: Case) -> None:
    organizations.succeed(
        cast.system_admin,
        kind="merge",
        predecessors=[cast.body("civil").pk, cast.body("hr").pk],
        successors=[cast.body("housing").pk],
        on=today(),
        document="通政发〔2026〕9号",
    )
    case = fresh(enquiry)
    housing, bureau = cast.body("housing").pk, cast.body("bureau").pk
    assert set(case.awaiting) == {f"{housing}:manager", f"{bureau}:manager"}
    consultation.advise(cast.bureau_manager, case, opinion="可以")
    consultation.advise(cast.housing_manager, fresh(case), opinion="作为提供部门，可以")
    assert fresh(case).state == "collecting"
    assert fresh(case).awaiting == [f"{housing}:manager"]
    with pytest.raises(NotYours, match="须由另一人办理"):
        consultation.advise(cast.housing_manager, fresh(case), opinion="作为使用部门，需要")


def test_nobody_takes_a_case_for_oneself_where_several_are_asked(cast: Cast, enquiry: Case) -> None:
    with pytest.raises(AgainstRules, match="分别办理"):
        work.claim(cast.housing_manager, case=enquiry.pk)
    client = cast.client("housing_manager")
    assert "领办" not in client.get(f"/cases/{enquiry.pk}/").content.decode()
    assert f"/cases/{enquiry.pk}/" in client.get("/todo/").content.decode()
    summary = client.post("/todo/", {"bulk": "claim", "row": [enquiry.pk]}).content.decode()
    assert "不能办理的 1 件" in summary and "各部门分别办理" in summary
    colleague = cast.housing_manager.person
    with pytest.raises(AgainstRules, match="分别办理"):
        work.hand_over(cast.housing_manager, case=enquiry.pk, to=colleague)
