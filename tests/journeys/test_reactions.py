"""After a step the next desk is told, at the end the one who began; once, however often the job
comes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.sharing import CLEARED, Sharing
from tests.toy import actions as toy

from huitong import reactions
from huitong.access import actions as access
from huitong.access.models import Application, Grant
from huitong.catalog import actions as catalog
from huitong.catalog.tests.marriage import second_draft
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.organizations.models import Posting
from huitong.publishing import actions as publishing
from huitong.publishing.models import Mount
from huitong.work import actions as work
from huitong.work import queries
from huitong.work.models import Notice, Reacted
from huitong.work.tests import made

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db


def deferred(verb: str) -> list[dict[str, Any]]:
    """The jobs the last entry of a verb has deferred."""
    entry = Entry.objects.filter(verb=verb).latest("seq")
    jobs = ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("pk")
    return [job.args for job in jobs if job.args["entry"] == entry.seq]


def reacted_to(verb: str) -> None:
    """Run the reactions that the last entry of a verb has deferred, as the worker does."""
    assert deferred(verb)
    for args in deferred(verb):
        reactions.react(**args)
        reactions.react(**args)  # a job that comes twice does nothing twice


def notices_of(actor) -> list[tuple[str, str]]:
    return list(queries.notices_of(actor).order_by("pk").values_list("kind", "title"))


def test_the_next_desk_and_at_last_the_opener_are_told_once(cast):
    case = made.room(cast)
    reacted_to("room.send")
    assert notices_of(cast.civil_manager) == [("arrived", "待办：借用会议室：协调会")]
    assert (
        f"请于 {case.due_on:%Y-%m-%d} 前办理" in queries.notices_of(cast.civil_manager).get().text
    )
    toy.refuse(cast.civil_manager, case, reasons="当日有会")
    reacted_to("room.refuse")
    result = queries.notices_of(cast.housing_operator).get()
    assert result.kind == "result" and "不同意" in result.text and "当日有会" in result.text
    assert notices_of(cast.stranger_manager) == [] and Reacted.objects.count() == 2


def test_a_reaction_that_fails_leaves_nothing_and_may_be_tried_again(cast, monkeypatch):
    made.room(cast)
    entry = Entry.objects.filter(verb="room.send").get()

    def breaks(*given: Any) -> None:
        reactions.tell_the_next_desk.do(*given)
        raise OSError("down")

    monkeypatch.setitem(
        reactions.BY_NAME, "breaks", replace(reactions.tell_the_next_desk, do=breaks)
    )
    with pytest.raises(OSError):
        reactions.react(entry.seq, "breaks")
    assert not Notice.objects.exists() and not Reacted.objects.exists()
    monkeypatch.setitem(reactions.BY_NAME, "breaks", reactions.tell_the_next_desk)
    reactions.react(entry.seq, "breaks")
    assert Notice.objects.count() == 1


# -- nobody is told of one act twice ---------------------------------------------------------------


def notices(actor, kind: str = "result") -> list[str]:
    rows = queries.notices_of(actor).filter(kind=kind).order_by("pk")
    return list(rows.values_list("title", flat=True))


def test_the_act_and_a_reaction_to_it_tell_the_same_person_once(sharing):
    """Who began an application is of the body the decision tells, and its opener as well."""
    application, cast = sharing.accepted(sharing.mount("division")), sharing.cast
    before = notices(cast.housing_operator)
    access.grant(cast.bureau_manager, application.case)
    reacted_to("application.grant")
    assert notices(cast.housing_operator)[len(before) :] == ["申请已获授权：行政区划代码"]


def test_two_reactions_to_one_act_tell_the_same_person_once(cast, monkeypatch):
    case = made.room(cast)
    toy.refuse(cast.civil_manager, case, reasons="当日有会")
    twin = replace(reactions.tell_the_opener, name="twin")
    monkeypatch.setitem(reactions.BY_NAME, "twin", twin)
    [args] = deferred("room.refuse")
    reactions.react(**args)
    reactions.react(**args | {"reaction": "twin"})
    assert len(notices(cast.housing_operator)) == 1


def test_a_reaction_delivered_again_after_its_mark_is_lost_tells_nobody_again(cast):
    """A worker killed between two databases' worth of backups, a queue restored: whatever makes a
    job come again when nothing remembers it was done."""
    case = made.room(cast)
    toy.refuse(cast.civil_manager, case, reasons="当日有会")
    [args] = deferred("room.refuse")
    reactions.react(**args)
    with writing("the mark is lost"):
        Reacted.objects.all().delete()
    reactions.react(**args)
    assert len(notices(cast.housing_operator)) == 1


def test_a_worker_killed_in_the_middle_is_done_by_the_next_one_whole_and_once(cast, monkeypatch):
    made.room(cast)
    [args] = deferred("room.send")

    class Killed(BaseException):
        """As a signal ends a worker: nothing of ours catches it."""

    def killed(*given: Any) -> None:
        reactions.tell_the_next_desk.do(*given)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setitem(
            reactions.BY_NAME,
            "tell_the_next_desk",
            replace(reactions.tell_the_next_desk, do=killed),
        )
        with pytest.raises(Killed):
            reactions.react(**args)
    assert not Notice.objects.exists()
    reactions.react(**args)
    reactions.react(**args)
    assert len(notices(cast.civil_manager, "arrived")) == 1


def test_the_database_refuses_a_second_notice_of_one_act(cast):
    """Should two workers tell at the same moment, neither seeing the other."""
    made.room(cast)
    [args] = deferred("room.send")
    reactions.react(**args)
    notice = Notice.objects.get(person=cast.civil_manager.person)
    notice.pk = None
    with writing("the other worker"), pytest.raises(IntegrityError), transaction.atomic():
        notice.save(force_insert=True)


def test_two_acts_of_one_kind_are_told_twice(cast):
    case = made.room(cast)
    for words in ("请尽快", "再催一次"):
        work.urge(cast.housing_operator, case=case.pk, text=words)
    assert len(notices(cast.civil_manager, "urged")) == 2


def granted_to_hr(sharing: Sharing, mount: Mount) -> Grant:
    """The same resource, granted to Human Resources as well."""
    clerk, cast = sharing.cast.hr_operator, sharing.cast
    system = catalog.register_system(clerk, name="社会保险系统", protection_level="三级")
    answers = sharing.answers(
        duty=cast.duty("hr").pk, matter=cast.matter("hr").pk, system=system.pk
    )
    form = access.apply(clerk, resources=[sharing.resource(mount)], **answers)
    access.print_form(clerk, form=form.pk)
    scan = sharing.scan(form, by=clerk)
    access.seal_form(clerk, form=form.pk, scan=scan, archive_number="RS-2026-001")
    access.submit_form(cast.hr_manager, form=form.pk)
    application = Application.objects.get(form=form)
    access.accept(cast.bureau_operator, application.case, **sharing.checks())
    return access.grant(cast.civil_manager, sharing.case(application))


def test_who_serves_two_bodies_hears_of_the_grants_of_both(sharing: Sharing) -> None:
    """A stop means something for each grant, and each has its own address."""
    mount, cast = sharing.mount("marriage", "api"), sharing.cast
    grants = [sharing.granted(mount), granted_to_hr(sharing, mount)]
    person = cast.person("housing_operator").pk
    with writing("test"):
        Posting.objects.create(
            person_id=person, body=cast.body("hr"), post=Post.OPERATOR, valid_from=today()
        )
    publishing.suspend_delivery(
        cast.civil_operator, mount=mount.pk, ground="wrong_data", reasons="数据有误，正在核实"
    )
    reacted_to("publishing.suspend_delivery")
    sent = Notice.objects.filter(person=person, title__contains="暂停交付")
    texts = dict(sent.values_list("url", "text"))
    assert texts.keys() == {f"/grants/{grant.pk}/" for grant in grants}
    for grant, name in zip(grants, ("市住建局", "市人社局"), strict=True):
        assert name in texts[f"/grants/{grant.pk}/"]
    assert sent.count() == 2, "once of each"
    of_one_body = Notice.objects.filter(person=cast.hr_manager.person, title__contains="暂停交付")
    assert of_one_body.get().url == f"/grants/{grants[1].pk}/"


def test_who_follows_a_resource_hears_of_its_versions_and_that_delivery_stops(sharing):
    cast = sharing.cast
    mount = sharing.mount("marriage")
    for who in (cast.hr_operator, cast.civil_operator):
        catalog.follow_entry(who, entry=mount.entry_id)
    publishing.suspend_delivery(
        cast.civil_operator, mount=mount.pk, ground="wrong_data", reasons="数据有误，正在核实"
    )
    reacted_to("publishing.suspend_delivery")
    (row,) = notices_of(cast.hr_operator)
    assert row == ("followed", f"关注的资源：{mount.entry.name}")
    notice = Notice.objects.get(person=cast.hr_operator.person)
    assert notice.text == "市民政局已暂停交付。", "why, is told to who uses it"
    assert notice.url == f"/catalog/{mount.entry_id}/"
    assert not Notice.objects.filter(person=cast.civil_operator.person, kind="followed").exists()
    again = Entry.objects.filter(verb="entry.publish").latest("seq")
    react = reactions.BY_NAME["tell_the_followers_of_the_resource"].do
    react(Actor.system("x"), again, Case.objects.get(pk=again.case), "again")
    assert "已发布" in Notice.objects.filter(person=cast.hr_operator.person).latest("pk").text


def test_who_follows_what_is_not_shared_any_more_hears_that_and_no_reason(sharing: Sharing) -> None:
    cast, entry = sharing.cast, sharing.entry()
    for who in (cast.hr_operator, cast.bureau_operator):
        catalog.follow_entry(who, entry=entry.pk)
    words = {"document": "民法典", "article": "第一条", "quotation": "应当尊重其意愿，不得泄露。"}
    for _ in range(2):
        case = second_draft(cast.civil_operator, entry)
        changes = {"share_class": "3", "open_class": "3", "summary": f"不对外提供，{case.pk}。"}
        catalog.edit(cast.civil_operator, case, **changes)
        catalog.add_ground(cast.civil_operator, case, kind="law", **words)
        catalog.submit(cast.civil_operator, case, cleared=CLEARED)
        catalog.pass_department(cast.civil_manager, case, cleared=CLEARED)
        catalog.pass_bureau(cast.bureau_operator, case)
        catalog.publish(cast.civil_operator, case)
        reacted_to("entry.publish")
        entry = sharing.entry()
    notice = Notice.objects.get(person=cast.hr_operator.person, kind="followed")
    assert notice.title == "关注的资源：婚姻登记信息" and notice.url == "/catalog/followed/"
    assert "不再共享" in notice.text and "民法典" not in notice.text
    texts = Notice.objects.filter(person=cast.bureau_operator.person, kind="followed")
    assert texts.count() == 2 and all("已发布" in notice.text for notice in texts), "it sees them"


# -- no job for what has nothing to do -------------------------------------------------------------


def names(verb: str) -> list[str]:
    return sorted(args["reaction"] for args in deferred(verb))


def test_a_job_is_deferred_only_where_somebody_is_to_be_told(cast):
    case = made.room(cast)
    assert names("room.send") == ["tell_the_next_desk"]
    toy.refuse(cast.civil_manager, case, reasons="当日有会")
    assert names("room.refuse") == ["tell_the_opener"]
    address = "housing_operator@example.gov.cn"
    organizations.edit_own_profile(cast.housing_operator, mobile="13900000000", email=address)
    assert names("organizations.edit_own_profile") == []
    organizations.edit_own_profile(cast.housing_operator, email="new@example.gov.cn")
    assert names("organizations.edit_own_profile") == ["tell_of_the_account"]


def test_each_plane_is_woken_by_its_own_grants_alone(sharing):
    cast = sharing.cast
    api, table = (
        sharing.granted(sharing.mount("division")),
        sharing.granted(sharing.mount("division", "table")),
    )
    file = sharing.granted(sharing.mount("division", "file"))
    woken = {api: "open_or_close_the_gateway", table: "keep_tables_in_step", file: ""}
    for grant, plane in woken.items():
        access.give_back(cast.housing_operator, sharing.case(grant))
        planes = {name for name in names("grant.give_back") if not name.startswith("tell")}
        assert planes == ({plane} if plane else set())
    publishing.suspend_delivery(
        cast.civil_operator, mount=file.mount_id, ground="wrong_data", reasons="数据有误，正在核实"
    )
    assert names("publishing.suspend_delivery") == [], "no plane serves it now, and nobody uses it"


def test_what_is_deferred_is_what_finds_something_to_do(sharing):
    """Along the whole way of an application: no job that does nothing, none missing."""
    grant = sharing.granted(sharing.mount("division"))
    access.give_back(sharing.cast.housing_operator, sharing.case(grant))
    doing.load()
    for entry in Entry.objects.order_by("seq"):
        jobs = ProcrastinateJob.objects.filter(task_name="huitong.react", args__entry=entry.seq)
        for args in list(jobs.values_list("args", flat=True)):
            if args["reaction"].startswith("tell"):
                assert entry.before.get("state") != entry.after.get("state"), entry.verb


def test_the_worker_does_what_the_act_deferred(live_db, cast):
    """The real worker over committed rows: it knows the tasks, runs them, and nothing is left
    waiting."""
    case = made.room(cast)
    worker = [sys.executable, "-m", "django", "procrastinate", "worker", "--one-shot"]
    paths = os.pathsep.join(str(ROOT / part) for part in ("src", ""))
    result = subprocess.run(
        worker,
        env=live_db.environment | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    left = ProcrastinateJob.objects.exclude(status="succeeded")
    assert not left.exists(), list(left.values("task_name", "status", "args"))
    assert "待办" in queries.notices_of(cast.civil_manager).get(case=case.pk).title
