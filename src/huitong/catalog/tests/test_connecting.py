"""Knocking at other bodies' databases leaves a trace, is counted and slowed; a database registered
twice is seen (A13, A28).

Stands for the clerk who guessed passwords at another body's database by 登记数据库, without limit and
without a trace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from tests.cast import Cast

from huitong import reactions
from huitong.catalog import actions, queries
from huitong.catalog.models import Database
from huitong.catalog.tests.test_actions import everywhere
from huitong.cli.postgres import EmbeddedPostgres
from huitong.kernel.actor import Actor
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.organizations.rules import security_limit
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
NAME, GUESSED = "catalog_guessed", "Guess-2026!abc"


@pytest.fixture(scope="module")
def source(embedded_postgres: EmbeddedPostgres) -> Iterator[dict[str, Any]]:
    owner = conninfo_to_dict(embedded_postgres.owner_url)
    for statement in ("CREATE DATABASE {}", ""):
        with psycopg.connect(
            **(owner if statement else owner | {"dbname": NAME}), autocommit=True
        ) as server:
            server.execute(
                sql.SQL(statement or "CREATE TABLE t (no int PRIMARY KEY)").format(
                    sql.Identifier(NAME)
                )
            )
    yield {
        "host": owner["host"],
        "port": int(owner["port"]),
        "dbname": NAME,
        "username": owner["user"],
        "password": owner["password"],
    }
    with psycopg.connect(**owner, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))


@pytest.fixture(autouse=True)
def allowed(settings: Any, source: dict[str, Any]) -> None:
    settings.ALLOWED_NETWORKS = [f"127.0.0.1:{source['port']}"]


@pytest.fixture
def most() -> int:
    return security_limit("database_refusals_body", today()).amount


def guess(actor: Actor, source: dict[str, Any], **more: Any) -> str:
    """Why a registration with a guessed password is refused."""
    with pytest.raises((Malformed, AgainstRules)) as refused:
        actions.register_database(actor, name="猜测", **source | {"password": GUESSED} | more)
    return str(refused.value) + str(getattr(refused.value, "fields", ""))


def refusals() -> list[dict[str, Any]]:
    return [
        entry.after | {"body": entry.body}
        for entry in Entry.objects.filter(verb="catalog.refuse_connection").order_by("seq")
    ]


def react() -> None:
    for job in ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("pk"):
        reactions.react(**job.args)


def people_told(title: str) -> set[str]:
    return set(
        Notice.objects.filter(title__contains=title).values_list("person__username", flat=True)
    )


def test_every_refusal_is_kept_though_the_act_comes_to_nothing(
    cast: Cast, source: dict[str, Any]
) -> None:
    """A wrong password, a closed port, a forbidden address, a new password, a test: each with
    its cause, none with the password."""
    own = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    assert "密码" in guess(cast.hr_operator, source)
    guess(cast.hr_operator, source, host="10.1.2.3")
    guess(cast.hr_operator, source, dbname="nowhere", password=source["password"])
    with pytest.raises(Malformed):
        actions.renew_password(cast.civil_operator, database=own.pk, password=GUESSED)
    with writing("test"):
        Database.objects.filter(pk=own.pk).update(schema="nowhere")
    with pytest.raises(Malformed):
        actions.probe_database(cast.civil_operator, database=own.pk)
    hr, civil = cast.body("hr").pk, cast.body("civil").pk
    assert [(row["body"], row["cause"]) for row in refusals()] == [
        (hr, "bad_password"),
        (hr, "address_refused"),
        (hr, "no_such_database"),
        (civil, "bad_password"),
        (civil, "no_such_table"),
    ]
    assert refusals()[0]["at"] == f"127.0.0.1:{source['port']}" and not everywhere(GUESSED)


def test_what_is_only_written_wrongly_is_no_refusal(cast: Cast, source: dict[str, Any]) -> None:
    guess(cast.hr_operator, source, host="http://x/")
    guess(cast.hr_operator, source, kind="oracle")
    assert refusals() == []


@pytest.mark.parametrize("door", ["page", "api"])
def test_a_trace_of_each_door_is_left(cast: Cast, source: dict[str, Any], door: str) -> None:
    given = source | {
        "name": "猜测",
        "password": GUESSED,
        "schema_name": "public",
        "role": "source",
        "kind": "postgresql",
        "tls": "prefer",
    }
    if door == "page":
        answer = cast.client("hr_operator").post("/do/catalog.register_database/", given)
    else:
        token = organizations.create_token(cast.hr_operator, label="脚本")["token"]
        answer = Client(
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}
        ).post(
            "/api/do/catalog.register_database", json.dumps(given), content_type="application/json"
        )
    assert answer.status_code == 422 and [row["cause"] for row in refusals()] == ["bad_password"]


def test_a_body_that_is_refused_too_often_waits(
    cast: Cast, source: dict[str, Any], most: int
) -> None:
    """Also at other addresses, also with the right password; an hour later it goes on. Other
    bodies go on at once."""
    for number in range(most):
        assert "过多" not in guess(
            cast.hr_operator, source, host="127.0.0.1" if number % 2 else "10.1.2.3"
        )
    assert "本部门一小时内" in guess(cast.hr_operator, source)
    assert "本部门一小时内" in guess(cast.hr_operator, source, password=source["password"])
    assert len(refusals()) == most, "nobody was connected to any more"
    assert actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    react()
    assert people_told("数据库连接连续被拒绝") >= {
        "security_admin",
        "bureau_operator",
        "hr_manager",
    }
    later = timezone.now() + timedelta(hours=1, minutes=1)
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("huitong.catalog.queries.sources.timezone.now", lambda: later)
        assert actions.register_database(cast.hr_operator, name="参保库", **source)


def test_an_address_is_counted_over_all_bodies_but_for_whose_it_is(
    cast: Cast, source: dict[str, Any], most: int
) -> None:
    """Guesses spread over bodies stop too; who has the database registered already is not shut
    out by strangers' guesses."""
    own = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    bodies = [cast.hr_operator, cast.finance_operator, cast.housing_operator]
    for number in range(most):
        guess(bodies[number % len(bodies)], source)
    assert "该地址一小时内" in guess(cast.stranger_operator, source)
    assert actions.probe_database(cast.civil_operator, database=own.pk) == own
    react()
    assert {"civil_manager", "security_admin", "bureau_operator"} <= people_told(
        "数据库连接连续被拒绝"
    )


def test_a_database_two_bodies_register_is_seen(cast: Cast, source: dict[str, Any]) -> None:
    """The first body, the second and the bureau are told; another spelling of the address is the
    same address."""
    actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    actions.register_database(cast.civil_operator, name="婚姻登记库二", **source)
    react()
    assert not people_told("同一数据库"), "one's own twice is nobody else's business"
    actions.register_database(
        cast.hr_operator, name="参保库", **source | {"host": "::ffff:127.0.0.1"}
    )
    react()
    assert people_told("同一数据库") == {"civil_manager", "hr_manager", "bureau_operator"}
    assert Entry.objects.filter(verb="catalog.register_database").last().after["also_of"] == [
        cast.body("civil").pk
    ]


@pytest.mark.parametrize("setting", ["EMAIL_HOST", "PUBLIC_URL", "GATEWAY_URL", "CHECKPOINT_PEERS"])
def test_no_service_of_the_platform_is_a_database(
    cast: Cast, source: dict[str, Any], settings: Any, setting: str
) -> None:
    """Mail server, pages, gateway, peers: by host name as by number."""
    where = f"http://localhost:{source['port']}"
    value = {"EMAIL_HOST": "localhost", "CHECKPOINT_PEERS": [where]}.get(setting, where)
    setattr(settings, setting, value)
    settings.EMAIL_PORT = source["port"]
    assert "平台自身的服务" in guess(cast.hr_operator, source, password=source["password"])


def test_the_platforms_own_database_is_nobodys(
    cast: Cast, source: dict[str, Any], settings: Any
) -> None:
    """On a server shared with fronts by its one address only the platform's own is closed;
    reached by a wide network, all of it."""
    from django.db import connection

    assert "平台自身的数据库" in guess(
        cast.hr_operator, source, dbname=connection.settings_dict["NAME"]
    )
    settings.ALLOWED_NETWORKS = [f"127.0.0.0/8:{source['port']}"]
    assert "平台自身的数据库" in guess(cast.hr_operator, source, password=source["password"])
    assert queries.guard().doors


def test_the_page_shows_what_an_administrator_runs_and_nothing_odd_breaks_it(cast: Cast) -> None:
    client, address = cast.client("civil_operator"), "/compile/sources/databases/new/"
    assert "GRANT SELECT ON ALL TABLES" in client.get(address).content.decode()
    typed = {"kind": "mysql", "dbname": "a_b", "username": "读者'; DROP"}
    page = client.post(address, typed).content.decode()
    assert r"GRANT SELECT ON `a\_b`.* TO &#x27;读者&#x27;&#x27;; DROP&#x27;@&#x27;%&#x27;" in page
    for odd in ({"kind": "nothing"}, {"schema_name": "a\0b"}, {"username": "a\nb"}):
        answer = client.post(address, typed | odd)
        assert answer.status_code == 422 and "授权语句" not in answer.content.decode(), odd
    front = client.post(address, {"role": "target", "schema_name": "in"}).content.decode()
    assert "CREATE SCHEMA IF NOT EXISTS" in front
