"""From live grants to Envoy's files, and from its log back to calls, delivery facts and the
ledger (A28, A30, A34)."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests.sharing import RISK, Sharing

from huitong.access import queries as grants
from huitong.access.models import DeliveryFact
from huitong.access.rules import LiveGrant
from huitong.kernel.ledger import Entry
from huitong.kernel.workdays import today
from huitong.planes.gateway import jobs, queries
from huitong.planes.gateway.compile import Api
from huitong.planes.gateway.engine import log
from huitong.planes.gateway.engine.process import folder
from huitong.planes.gateway.engine.store import Store
from huitong.planes.gateway.models import Call
from huitong.planes.gateway.reconcile import reconcile
from huitong.planes.gateway.rules import Verdict, verdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(settings, tmp_path) -> Path:
    settings.DATA = tmp_path
    return folder(tmp_path)


def line(
    stream: str,
    status: int = 200,
    *,
    grant: int | None = None,
    client: str = "ht-1",
    kind: str = "DownstreamEnd",
    **more,
) -> str:
    call = {
        "kind": kind,
        "id": stream,
        "at": "2026-11-23T03:13:01.458Z",
        "request_id": stream,
        "method": "GET",
        "path": "/apis/1/2",
        "status": status,
        "details": "via_upstream" if status == 200 else "rbac_access_denied_matched_policy[none]",
        "bytes": 100,
        "ms": 3,
        "client": client,
        "grant": str(grant) if grant else None,
        "ip": "10.1.2.3",
        **more,
    }
    return json.dumps(call) + "\n"


def test_a_grant_opens_its_route_and_its_end_closes_it(sharing: Sharing, place: Path):
    grant = sharing.granted()
    client = sharing.credential()["client_id"]
    assert reconcile()
    store = Store(place)
    [(path, made_of)] = store.made_of("scope").items()
    assert path == f"/apis/{grant.mount.entry.code}" and client in made_of
    assert list(store.made_of("grant")) == [str(grant.pk)]
    assert store.path.stat().st_mode & 0o777 == 0o600
    assert reconcile() == [], "the same grants are the same bytes"
    from huitong.access import actions

    actions.revoke(sharing.cast.civil_manager, grant.case, **RISK)
    assert {"scope", "grant"} <= set(reconcile())
    assert store.made_of("scope") == store.made_of("grant") == {}


def test_the_gateway_listens_once_every_mount_has_been_looked_at(sharing: Sharing, place: Path):
    """A new listener knows no others than the items of the store."""
    grant, store = sharing.granted(), Store(place)
    assert {"service", "grant", "scope"} <= set(reconcile({grant.mount_id}))
    assert store.made_of("listener") == {}
    assert {"listener", "cluster", "filter"} <= set(reconcile())


def test_what_is_written_was_read_while_nobody_else_wrote(
    sharing: Sharing, place: Path, monkeypatch: pytest.MonkeyPatch
):
    """Else a run that began before a revocation and ends after it would open the route again."""

    def watched(**how: Any) -> list[LiveGrant]:
        with (place / "lock").open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return live_grants(**how)

    live_grants = grants.live_grants
    monkeypatch.setattr(grants, "live_grants", watched)
    assert reconcile()


def test_the_quota_of_a_day_closes_until_the_next(
    sharing: Sharing, place: Path, monkeypatch: pytest.MonkeyPatch
):
    sharing.credential()
    grant = sharing.granted(per_day=3)

    def rate() -> int:
        [text] = Store(place).made_of("scope").values()
        return Api.of(text).grants[0].per_second

    reconcile()
    now = timezone.now().isoformat()
    (place / "access.log").write_text(
        "".join(line(f"s{n}", grant=grant.pk, at=now) for n in range(2))
        + line("no", 403, grant=grant.pk, at=now)
    )
    jobs.take_evidence()
    assert reconcile() == [], "refused calls do not count"
    with (place / "access.log").open("a") as file:
        file.write(line("s3", grant=grant.pk, at=now))
    jobs.take_evidence()
    assert reconcile() == ["scope"] and rate() == 0
    monkeypatch.setattr(queries, "today", lambda: today() + timedelta(1))
    assert reconcile() == ["scope"] and rate() == grant.per_second


def test_every_line_is_taken_once_with_its_root_in_the_ledger(sharing: Sharing, place: Path):
    grant = sharing.granted()
    path = place / "access.log"
    path.write_text(
        line("a", 0, kind="DownstreamStart")
        + line("a", grant=grant.pk)
        + line("b", 403, client="ht-2")
        + "not json\n"
        + line("c")[:40]
    )
    assert jobs.take_evidence() == 4 and jobs.take_evidence() == 0, (
        "a line still being written waits"
    )
    with path.open("a") as file:
        file.write(line("c")[40:] + line("d", grant=999_999))
    assert jobs.take_evidence() == 2
    assert list(
        Call.objects.filter(ended=True).order_by("pk").values_list("stream", "verdict")
    ) == [("a", "allowed"), ("b", "not_granted"), ("c", "allowed"), ("d", "allowed")]
    assert Call.objects.filter(details="not json").count() == 1, "evidence is never dropped"
    assert Call.objects.get(stream="d").grant is None, "a number that is no grant is not made one"
    fact = DeliveryFact.objects.get(plane="gateway")
    assert (fact.grant_id, fact.bytes, fact.detail) == (grant.pk, 100, {"calls": 1})
    batches = Entry.objects.filter(verb="gateway.record_calls").order_by("seq")
    assert [(b.after["lines"], len(b.after["root"])) for b in batches] == [(4, 64), (2, 64)]
    assert batches[0].after["verdicts"] == {"allowed": 1, "not_granted": 1}


def test_a_batch_read_twice_is_kept_once(sharing: Sharing, place: Path):
    (place / "access.log").write_text(line("a") + line("b"))
    batch = log.read(place / "access.log", 0)
    from huitong.planes.gateway import actions

    for _ in range(2):
        actions.record_calls(
            sharing.cast.system,
            file=batch.file,
            start=batch.start,
            offset=batch.offset,
            lines=batch.lines,
        )
    assert Call.objects.count() == 2 and queries.position_of(batch.file) == batch.offset
    assert Entry.objects.filter(verb="gateway.record_calls").latest("seq").after["repeated"] is True


def test_calls_are_seen_by_the_parties_and_denied_ones_by_the_bureau(sharing: Sharing, place: Path):
    grant = sharing.granted()
    (place / "access.log").write_text(line("a", grant=grant.pk) + line("b", 403, client="ht-9"))
    jobs.take_evidence()
    visible = {
        who: set(queries.visible_to(getattr(sharing.cast, who)).values_list("stream", flat=True))
        for who in (
            "civil_operator",
            "housing_operator",
            "bureau_operator",
            "audit_admin",
            "stranger_operator",
            "platform_operator",
        )
    }
    assert visible == {
        "civil_operator": {"a"},
        "housing_operator": {"a"},
        "bureau_operator": {"a", "b"},
        "audit_admin": {"a", "b"},
        "stranger_operator": set(),
        "platform_operator": set(),
    }


def test_the_page_shows_filters_and_exports_within_its_budget(
    sharing: Sharing, place: Path, django_assert_max_num_queries
):
    grant = sharing.granted()
    (place / "access.log").write_text(
        "".join(line(f"s{n}", grant=grant.pk) for n in range(60))
        + line("denied", 403, client="ht-9")
    )
    jobs.take_evidence()
    client = sharing.cast.client("bureau_operator")
    client.get("/calls/")
    with django_assert_max_num_queries(14):
        page = client.get("/calls/").content.decode()
    assert "未获授权或授权已终止" in page and "denied" in page and grant.case.number in page
    assert "denied" not in client.get("/calls/?verdict=allowed").content.decode()
    sheet = (
        b"".join(client.get("/calls/?format=csv&q=denied").streaming_content)
        .decode("utf-8-sig")
        .splitlines()
    )
    assert len(sheet) == 2 and sheet[1].split(",")[4] == "未获授权或授权已终止"


def test_nothing_a_caller_sends_runs_as_a_formula_in_the_export(sharing: Sharing, place: Path):
    """The path of a call is the caller's own words; ``OPTIONS`` takes one without a slash."""
    begins = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
    (place / "access.log").write_text(
        "".join(line(f"s{n}", 404, path=f"{first}1+1") for n, first in enumerate(begins))
    )
    jobs.take_evidence()
    sheet = b"".join(
        sharing.cast.client("bureau_operator").get("/calls/?format=csv").streaming_content
    ).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(sheet, newline="")))[1:]
    assert {row[2] for row in rows} == {f"'{first}1+1" for first in begins}


@pytest.mark.parametrize(
    ("status", "details", "expected"),
    [
        (200, "via_upstream", Verdict.ALLOWED),
        (401, "jwt_authn_access_denied{Jwt_is_missing}", Verdict.NO_TOKEN),
        (403, "rbac_access_denied_matched_policy[none]", Verdict.NOT_GRANTED),
        (429, "request_rate_limited", Verdict.TOO_FAST),
        (404, "route_not_found", Verdict.UNKNOWN),
        (400, "path_normalization_failed", Verdict.MALFORMED),
        (422, "via_upstream", Verdict.MALFORMED),
        (503, "upstream_reset", Verdict.FAILED),
        (200, "downstream_remote_disconnect", Verdict.ALLOWED),
        # to a caller who says it speaks gRPC, Envoy says no with status 200
        (200, "rbac_access_denied_matched_policy[none]", Verdict.NOT_GRANTED),
        (200, "jwt_authn_access_denied{Jwt_is_missing}", Verdict.NO_TOKEN),
        (200, "local_rate_limited", Verdict.TOO_FAST),
        (200, "request_rate_limited", Verdict.TOO_FAST),
        (200, "route_not_found", Verdict.UNKNOWN),
    ],
)
def test_a_verdict_is_read_off_status_and_details(status, details, expected):
    assert verdict(status, details) == expected


def test_a_log_that_gets_the_inode_of_a_removed_one_is_read_from_its_beginning(
    sharing: Sharing, place: Path
):
    first, second = place / "access.log.1", place / "access.log"
    first.write_text(line("a") + line("b") + line("c"))
    assert jobs.take_evidence() == 3
    first.rename(second)
    second.write_text(line("d"))  # the same inode, another log
    assert jobs.take_evidence() == 1
    assert set(Call.objects.values_list("stream", flat=True)) == {"a", "b", "c", "d"}


def test_a_log_turned_over_is_read_to_its_end_and_removed_once_envoy_has_left_it(
    sharing: Sharing, place: Path
):
    old = place / "access.log.17"
    old.write_text(line("a"))
    assert jobs.take_evidence() == 1 and old.exists(), "Envoy may still write to it"
    with old.open("a") as file:
        file.write(line("b"))
    os.utime(old, (0, 0))
    assert jobs.take_evidence() == 1 and not old.exists()


def test_a_log_envoy_does_not_let_go_of_keeps_its_name(place: Path):
    path = place / "access.log"
    path.write_text(line("a"))
    assert log.turn(path, place / "nobody.sock", size=1) is None
    assert log.files(path) == [path] and path.read_text() == line("a")


def test_a_request_envoy_could_not_read_is_evidence_too(sharing: Sharing, place: Path):
    broken = {
        "id": None,
        "request_id": None,
        "client": None,
        "details": "http1.codec_error",
        "method": None,
        "path": None,
    }
    (place / "access.log").write_text("".join(line("x", 400, **broken) for _ in range(2)))
    assert jobs.take_evidence() == 2
    assert (
        list(Call.objects.values_list("ended", "verdict", "ip"))
        == [(True, "malformed", "10.1.2.3")] * 2
    )
