"""What is given at a door: kept only when it can be kept, known again, and never readable where
it must not be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from huitong.kernel import doing
from huitong.kernel.actor import BODY, SYSTEM, Actor, Post
from huitong.kernel.doing import perform, recorded
from huitong.kernel.doing.given import digest_of
from huitong.kernel.ledger import Entry, plain
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import CalendarYear

CLERK = Actor(7, "经办人甲", 2, "某局", frozenset({Post.OPERATOR}), bureau_body=1)
OTHER = Actor(8, "经办人乙", 3, "另一局", frozenset({Post.OPERATOR}), bureau_body=1)


class Row(BaseModel):
    text: str = Field("", title="文字")


@recorded("A28", BODY(Post.OPERATOR), label="试填")
def fill(
    actor,
    *,
    text: Annotated[str, Field(title="文字")] = "",
    number: Annotated[int, Field(title="数字")] = 0,
    day: Annotated[date | None, Field(title="日期")] = None,
    rows: Annotated[list[Row], Field(title="行")] = [],  # noqa: B006
    tree: Annotated[Any, Field(title="结构")] = None,
    secret: Annotated[SecretStr | None, Field(title="口令")] = None,
) -> str:
    return text


@recorded("A28", BODY(Post.OPERATOR), label="试存")
def load_year(actor, *, year: int) -> CalendarYear:
    return CalendarYear.objects.create(year=year, source="试")


@recorded("A28", SYSTEM(Post.OPERATOR), label="平台自办")
def by_platform(actor) -> None: ...


@recorded("A28", BODY(Post.OPERATOR), label="内部一环", inner=True)
def part_of_another(actor) -> None: ...


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "a\0b"),
        ("number", 2**63),
        ("number", -(2**70)),
        ("day", date(9999, 12, 31)),
        ("day", date(1, 1, 1)),
        ("rows", [{"text": "a\0"}]),
        ("tree", {"a": ["x", "\ud800"]}),
        ("tree", {"\0": 1}),
        ("tree", [2**64]),
        ("secret", "a\0"),
        ("tree", nested(5000)),
    ],
)
def test_what_no_database_keeps_is_refused_by_its_field(field: str, value: Any) -> None:
    with pytest.raises(Malformed) as why:
        doing.VERBS["test_given.fill"].validate({field: value})
    assert set(why.value.fields) <= {field, ""}


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63 - 1)])
def test_the_largest_number_a_column_holds_is_taken(number: int) -> None:
    assert doing.VERBS["test_given.fill"].validate({"number": number})["number"] == number


def test_the_ends_of_the_calendar_are_taken() -> None:
    assert doing.VERBS["test_given.fill"].validate({"day": date(2199, 12, 31)})["day"] == date(
        2199, 12, 31
    )


def test_nothing_beside_the_parameters_reaches_the_function() -> None:
    for strange in ("actor", "case", "self", "unknown"):
        with pytest.raises(Malformed) as why:
            perform(CLERK, "test_given.fill", {strange: 1})
        assert strange in why.value.fields


@pytest.mark.django_db
def test_the_digest_of_a_request_tells_no_password() -> None:
    """Forms give passwords as plain text: who reads the ledger, and so the digest, cannot try
    them one by one."""
    import hashlib
    import json

    done = perform(
        CLERK, "test_given.fill", {"text": "x", "secret": "Huitong-2026"}, request_key="form:1"
    )
    text = plain(
        {"name": "test_given.fill", "case": None, "given": {"text": "x", "secret": "Huitong-2026"}}
    )
    guessed = hashlib.sha256(
        json.dumps(text, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()
    entry = Entry.objects.get(pk=done.entry.pk)
    assert entry.request_digest and entry.request_digest != guessed
    assert "Huitong-2026" not in json.dumps(plain(entry.as_dict()))


def test_another_password_is_another_request_through_every_door() -> None:
    typed, plainly = {"secret": SecretStr("a")}, {"secret": "a"}
    assert (
        digest_of("x", None, typed)
        == digest_of("x", None, plainly)
        != digest_of("x", None, {"secret": SecretStr("b")})
    )


@pytest.mark.django_db
def test_a_key_is_its_persons_alone() -> None:
    first = perform(CLERK, "test_given.fill", {"text": "mine"}, request_key="same")
    other = perform(OTHER, "test_given.fill", {"text": "theirs"}, request_key="same")
    assert (first.replayed, other.replayed, other.result) == (False, False, "theirs")
    with pytest.raises(Malformed):
        perform(CLERK, "test_given.fill", {"text": "changed"}, request_key="same")


@pytest.mark.django_db
def test_what_only_the_database_sees_is_a_refusal_not_a_fault() -> None:
    perform(CLERK, "test_given.load_year", {"year": 2100})
    with pytest.raises(AgainstRules, match="冲突"):
        perform(CLERK, "test_given.load_year", {"year": 2100})
    with pytest.raises(Malformed):
        perform(CLERK, "test_given.load_year", {"year": 99999})


def test_what_is_open_to_anyone_is_no_act_of_the_platform() -> None:
    """An act on one's own account is a person's, with or without a post."""
    verb = replace(doing.VERBS["test_given.fill"], who=(), anyone=True)
    assert verb.seats_of(replace(CLERK, posts=frozenset())) == []
    with pytest.raises(NotYours):
        verb.seats_of(Actor.system())


def test_only_what_is_somebodys_is_offered() -> None:
    doing.load()
    verbs = doing.VERBS
    assert verbs["test_given.fill"].offered
    assert not verbs["test_given.by_platform"].offered
    assert not verbs["test_given.part_of_another"].offered
    for name in (
        "grant.issue",
        "grant.expire",
        "access.report_delivery",
        "organizations.sign_in_refused",
        "organizations.change_password",
        "work.notify",
        "work.take_in",
    ):
        assert not verbs[name].offered, f"{name} is the platform's own, or part of another act"
    with pytest.raises(NotVisible):
        perform(CLERK, "test_given.nothing", {})
