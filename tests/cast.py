"""The cast of every story: the Bureau, Civil Affairs and Human Resources, Housing, Rudong, Finance,
a Stranger, their people.

A pytest plugin. ``cast.housing_operator`` is an `Actor`, ``cast.person("housing_operator")`` its
row, ``cast.body("housing")`` the body, ``cast.client("housing_operator")`` a browser signed in as
that person, ``cast.duty("housing")`` and ``cast.matter("housing")`` what the body does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from tests.scenes import Stage

from huitong.kernel.actor import Actor, Post
from huitong.kernel.ledger import writing
from huitong.organizations.models import Body, Duty, Matter, Person, Posting, TaskForce

SINCE = date(2020, 2, 19)
FOUNDED = datetime(2020, 2, 19, tzinfo=UTC)
#: everybody's password
PASSWORD = "Cast-2026!huitong"
_hashed = ""

# fmt: off
#: key → name, short name, kind, credit code, division, further facts
BODIES: dict[str, tuple[str, str, str, str, str, dict[str, bool]]] = {
    "bureau": ("南通市大数据管理局", "市大数据局", "department", "11320600XN00000200", "320600",
               {"is_bureau": True}),
    "civil": ("南通市民政局", "市民政局", "department", "11320600XN000008X0", "320600", {}),
    "hr": ("南通市人力资源和社会保障局", "市人社局", "department", "11320600XN0000119G", "320600", {}),
    "housing": ("南通市住房和城乡建设局", "市住建局", "department", "11320600XN00001431", "320600", {}),
    "rudong": ("如东县大数据管理局", "如东县大数据局", "county", "11320623XN0000653Q", "320623",
               {"managing_organ": True}),
    "finance": ("南通市财政局", "市财政局", "department", "11320600XN0000100K", "320600", {}),
    "stranger": ("南通市体育局", "市体育局", "department", "11320600XN0000282P", "320600", {}),
}
#: body → duty, matter code, matter
DUTIES: dict[str, tuple[str, str, str]] = {
    "bureau": ("组织、指导、协调和监督全市政务信息资源共享工作", "DSJ-001", "政务信息资源目录审核"),
    "civil": ("负责全市婚姻登记管理，推进婚俗改革", "MZ-001", "婚姻登记"),
    "hr": ("负责全市社会保险管理", "RS-001", "社会保险参保登记"),
    "housing": ("负责全市住房保障工作", "ZJ-001", "公共租赁住房资格审核"),
    "rudong": ("组织、指导、协调和监督本地政务信息资源共享工作", "RD-DSJ-001",
               "本地政务信息资源目录编制上报"),
    "finance": ("负责市级财政资金和政务信息化项目预算管理", "CZ-001", "政务信息化项目资金审核"),
    "stranger": ("负责全市公共体育设施管理", "TY-001", "体育场馆开放补助"),
}
# fmt: on
BUREAU_ONLY = {
    "system_admin": Post.SYSTEM_ADMIN,
    "security_admin": Post.SECURITY_ADMIN,
    "audit_admin": Post.AUDIT_ADMIN,
    "platform_operator": Post.PLATFORM_OPERATOR,
}
FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦"


class Cast:
    """Who is who. Actors are attributes: ``cast.civil_manager``."""

    bureau_operator: Actor
    bureau_manager: Actor
    civil_operator: Actor
    civil_manager: Actor
    hr_operator: Actor
    hr_manager: Actor
    housing_operator: Actor
    housing_manager: Actor
    rudong_operator: Actor
    rudong_manager: Actor
    finance_operator: Actor
    finance_manager: Actor
    stranger_operator: Actor
    stranger_manager: Actor
    system_admin: Actor
    security_admin: Actor
    audit_admin: Actor
    platform_operator: Actor
    system: Actor

    def __init__(self) -> None:
        self._bodies = self._plant_bodies()
        self._people = self._plant_people()
        head = self._bodies["bureau"].pk
        self.system = Actor.system(bureau_body=head)
        for key, (person, body, post) in self._people.items():
            setattr(
                self,
                key,
                Actor(
                    person.pk,
                    person.name,
                    body.pk,
                    body.short_name,
                    frozenset({post}),
                    bureau_body=head,
                    offices=body.held_offices,
                ),
            )

    def _plant_bodies(self) -> dict[str, Body]:
        rows = Body.objects.bulk_create(
            [
                Body(
                    name=name,
                    short_name=short,
                    kind=kind,
                    credit_code=code,
                    division_code=division,
                    valid_from=SINCE,
                    **more,
                )
                for name, short, kind, code, division, more in BODIES.values()
            ]
        )
        bodies = dict(zip(BODIES, rows, strict=True))
        duties = Duty.objects.bulk_create(
            [
                Duty(
                    body=bodies[k],
                    text=text,
                    source="三定规定",
                    valid_from=SINCE,
                    confirmed_at=FOUNDED,
                    confirmed_by="平台",
                )
                for k, (text, _, _) in DUTIES.items()
            ]
        )
        matters = Matter.objects.bulk_create(
            [
                Matter(duty=duty, code=code, name=name)
                for duty, (_, code, name) in zip(duties, DUTIES.values(), strict=True)
            ]
        )
        TaskForce.objects.bulk_create(
            [
                TaskForce(body=body, leader="分管领导", office="办公室", technical_unit="信息中心")
                for key, body in bodies.items()
                if key != "stranger"
            ]
        )
        self._duties, self._matters = (
            dict(zip(DUTIES, duties, strict=True)),
            dict(zip(DUTIES, matters, strict=True)),
        )
        return bodies

    def _plant_people(self) -> dict[str, tuple[Person, Body, Post]]:
        seats = {
            f"{body}_{post}": (body, post)
            for body in BODIES
            for post in (Post.OPERATOR, Post.MANAGER)
        }
        seats |= {key: ("bureau", post) for key, post in BUREAU_ONLY.items()}
        people = Person.objects.bulk_create(
            [
                Person(
                    username=key,
                    name=FAMILY[n % len(FAMILY)] + seats[key][1].label,
                    password=_password(),
                    mobile=f"138000000{n:02d}",
                    email=f"{key}@example.gov.cn",
                )
                for n, key in enumerate(seats)
            ]
        )
        people_made = {
            key: (person, self._bodies[body], post)
            for person, (key, (body, post)) in zip(people, seats.items(), strict=True)
        }
        Posting.objects.bulk_create(
            [
                Posting(person=p, body=b, post=post, valid_from=SINCE)
                for p, b, post in people_made.values()
            ]
        )
        return people_made

    def colleague(self, key: str, name: str) -> Actor:
        """Another person in the seat of this one, known by this name from now on."""
        like, body, post = self._people[key]
        with writing("cast"):
            person = Person.objects.create(username=name, name="陆同事", password=like.password)
            Posting.objects.create(person=person, body=body, post=post, valid_from=SINCE)
        self._people[name] = (person, body, post)
        actor = replace(getattr(self, key), person=person.pk, name=person.name)
        setattr(self, name, actor)
        return actor

    def person(self, key: str) -> Person:
        return self._people[key][0]

    def body(self, key: str) -> Body:
        return self._bodies[key]

    def duty(self, key: str) -> Duty:
        return self._duties[key]

    def matter(self, key: str) -> Matter:
        return self._matters[key]

    def let_in(self, account: dict[str, Any]) -> str:
        """The whole one-time password the system administrator asked for: the security
        administrator releases it."""
        from huitong.organizations import actions, queries

        waiting = (
            queries.changes_visible_to(self.security_admin)
            .exclude(password="")
            .get(person=account["person"])
        )
        return str(
            account["first_half"]
            + actions.release_change(self.security_admin, change=waiting.pk)["second_half"]
        )

    def client(self, key: str) -> Client:
        """A browser in which this person is signed in."""
        client = Client()
        client.force_login(self.person(key))
        return client


def _password() -> str:
    global _hashed
    _hashed = _hashed or make_password(PASSWORD)
    return _hashed


@pytest.fixture
def cast(scenes: Stage) -> Cast:
    """The cast in the transaction around the test; beside `live_db` committed in that database."""
    with writing("cast"):
        return scenes.play(("cast",), Cast)
