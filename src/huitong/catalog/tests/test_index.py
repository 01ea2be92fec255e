"""The search index: that it finds what SQL finds, what it must not say, and a follower that may
die at any moment (A20)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from conftest import Live
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from tests.cast import Cast
from tests.thawing import thawed

from huitong.catalog import actions, queries
from huitong.catalog.management.follower import Follower, follow
from huitong.catalog.models import Entry, Version
from huitong.catalog.queries import index, indexing
from huitong.catalog.queries.facets import Facet
from huitong.catalog.queries.search import containing
from huitong.catalog.rules import words_of
from huitong.catalog.tests.many import TEXT, entries_of_random_words
from huitong.catalog.tests.marriage import drafted, published
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import today


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def marriages(db: None, cast: Cast) -> Entry:
    return published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)


def names(cast: Cast, q: str) -> list[str]:
    return [e.name for e in queries.search(cast.housing_operator, q, facets=False).entries]


def renamed(entry: Entry, name: str, **changes: object) -> None:
    """As if another version had been published."""
    values = {"name": name, "words": name} | changes
    with thawed():
        Version.objects.filter(pk=entry.current_id).update(**values)
        Entry.objects.get(pk=entry.pk).save()


def withdrawn(entry: Entry) -> None:
    with writing("test"):
        Entry.objects.filter(pk=entry.pk).update(current=None, updated_at=timezone.now())


def test_words_in_another_order_and_names_no_dictionary_knows_are_found(
    marriages: Entry, cast: Cast
) -> None:
    published(
        cast.civil_operator,
        cast.civil_manager,
        cast.bureau_operator,
        "濠滨囍缘驿站名录",
        summary="驿站的名称和地址。",
    )
    Follower().look()
    assert names(cast, "信息婚姻登记") == ["婚姻登记信息"]
    assert names(cast, "囍缘驿") == ["濠滨囍缘驿站名录"]
    assert names(cast, "囍") == ["濠滨囍缘驿站名录"]
    assert names(cast, "滨囍站") == []
    assert marriages.code
    assert set(names(cast, marriages.code[:6])) >= {"婚姻登记信息"} and names(
        cast, marriages.code
    ) == ["婚姻登记信息"]
    assert names(cast, marriages.code[1:]) == [], "codes are found by their beginning"


def held() -> dict[int, int]:
    return indexing.indexed(index.opened().index, 0, None, 1_000)


def test_what_not_everybody_may_see_is_said_to_its_owner_alone(
    marriages: Entry, cast: Cast
) -> None:
    follower = Follower()
    drafted(cast.civil_operator, "尚未发布的信息")
    assert follower.look() == 1
    renamed(marriages, "涉密婚姻台账", share_class="3")
    assert follower.look() == 1 and held().keys() == {marriages.pk}
    assert names(cast, "涉密") == [] and index.match(["涉密"]) == []
    assert [e.pk for e in queries.search(cast.civil_operator, "涉密").entries] == [marriages.pk]


def test_the_index_is_not_asked_when_nobody_follows_or_it_is_broken(
    marriages: Entry, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    assert names(cast, "婚姻") == ["婚姻登记信息"] and "there is none" in caplog.text
    Follower().look()
    with thawed():  # what only the index still says, tells who answers
        Version.objects.filter(pk=marriages.current_id).update(words="收养", name="收养")
    assert names(cast, "婚姻") == ["收养"]
    long_ago = time.time() - 2 * index.SILENCE
    os.utime(index.sign_of_life(), (long_ago, long_ago))
    assert names(cast, "婚姻") == []
    index.sign_of_life().touch()
    (index.tree() / "meta.json").write_text("{")
    caplog.clear()
    assert names(cast, "婚姻") == [] and names(cast, "收养") == ["收养"]
    assert caplog.text.count("cannot be read") == 1, "said once"
    assert Follower().look() == 1, "built anew"
    assert index.match(["收养"]) == [marriages.pk]


def test_an_older_index_is_put_right_without_building_it_anew(marriages: Entry, cast: Cast) -> None:
    other = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator, "收养登记信息")
    assert Follower().look() == 2
    renamed(marriages, "结婚名册")
    withdrawn(other)
    assert Follower().look() == 2, "a restart compares"
    assert held().keys() == {marriages.pk} and index.match(["结婚"]) == [marriages.pk]
    assert Follower().look() == 0, "nothing is written again"


def test_a_host_whose_clock_is_ahead_hides_no_change_of_another(
    marriages: Entry, cast: Cast
) -> None:
    follower, ahead = Follower(), timezone.now() + timedelta(hours=1)
    with writing("test"):
        Entry.objects.filter(pk=marriages.pk).update(updated_at=ahead)
    assert follower.look() == 1
    other = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator, "收养登记信息")
    assert follower.look() == 1 and index.match(["收养"]) == [other.pk]
    with writing("test"):
        Entry.objects.filter(pk=marriages.pk).update(updated_at=ahead + timedelta(hours=1))
    follower.look()
    renamed(other, "收养名册")
    assert follower.look() == 1 and index.match(["名册"]) == [other.pk]


def test_the_index_follows_a_succession_at_once(marriages: Entry, cast: Cast) -> None:
    follower, long_ago = Follower(), timezone.now() - timedelta(days=1)
    with writing("test"):
        Entry.objects.filter(pk=marriages.pk).update(updated_at=long_ago)
    follower.look()
    former, heir = cast.body("civil").pk, cast.body("hr").pk
    actions.pass_on(cast.system, predecessors=[former], heir=heir, on=today())
    assert follower.look() == 1
    chosen = queries.Filters(body=(str(heir),))
    assert [e.pk for e in queries.search(cast.housing_operator, "婚姻", chosen).entries] == [
        marriages.pk
    ]


SIGNS = st.text(
    st.sampled_from("\"'()[]{}^~*?:+-!&|/\\<>=%_$#@.,; \0\n\u3000\ud800\u200b婚姻登记aZ0İ")
    | st.characters(),
    max_size=30,
)


@limits(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=SIGNS)
@example(q="0\ud800")
def test_no_question_is_an_error(
    marriages: Entry, cast: Cast, caplog: pytest.LogCaptureFixture, q: str
) -> None:
    if not index.sign_of_life().exists():
        Follower().look()
    index.sign_of_life().touch()
    assert names(cast, q) in ([], ["婚姻登记信息"])
    assert not caplog.records, "the index answered"


@pytest.fixture
def many(db: None, cast: Cast) -> list[Entry]:
    return entries_of_random_words(cast)


def answer_to(cast: Cast, q: str) -> tuple[set[tuple[int, int]], list[Facet]]:
    """What is found with its rank, and how it is counted."""
    matches = queries.search(cast.housing_operator, q)
    ranked = bool(words_of(q))
    return {(entry.pk, ranked and entry.rank) for entry in matches.entries}, matches.facets


@limits(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    q=TEXT
    | st.sampled_from(
        [
            "民政",
            "101003/00",
            "婚姻登记管理系统(新)",
            "公共服务",
            "市人社局 社会保险系统vⅡ",
            "记",
            "ss",
        ]
    )
)
def test_the_index_and_sql_answer_alike(many: list[Entry], cast: Cast, q: str) -> None:
    if not index.sign_of_life().exists():
        assert Follower().look() == len(many)
    index.sign_of_life().touch()
    words = words_of(q)
    by_sql = set(Entry.objects.filter(containing(words)).values_list("pk", flat=True))
    assert set(index.match(words, queries.synonyms()) or ()) == by_sql, words
    answer = answer_to(cast, q)
    index.sign_of_life().unlink()
    try:
        assert answer_to(cast, q) == answer
    finally:
        index.sign_of_life().touch()


def test_a_question_without_end_is_cut(marriages: Entry, cast: Cast) -> None:
    Follower().look()
    assert names(cast, "x" * 100_000) == []


def waited(true: Callable[[], object], seconds: float = 60.0) -> float:
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds
        time.sleep(0.02)
    return time.monotonic() - start


@contextmanager
def following() -> Iterator[Thread]:
    stop = Event()
    thread = Thread(target=follow, args=(stop,))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(30)


def test_it_follows_within_a_second_is_rebuilt_when_deleted_and_has_one_writer(
    live_db: Live, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    with following() as first:
        waited(lambda: index.match(["婚姻"]) == [entry.pk])
        renamed(entry, "结婚名册")
        assert waited(lambda: index.match(["名册"]) == [entry.pk]) < 5, (
            "half a second, on a machine that is not busy"
        )
        # at once: while it is deleted file by file the follower still writes
        index.folder().rename(index.folder().with_name("gone"))
        waited(lambda: index.match(["名册"]) == [entry.pk])
        caplog.clear()
        with following() as second:
            time.sleep(1)
            assert first.is_alive() and second.is_alive() and not caplog.records, (
                "the second waits quietly"
            )
    assert index.match(["名册"]) is None, "who stops says so"


def test_the_process_survives_kill_nine_and_ends_when_asked(
    live_db: Live, cast: Cast, folder: Path
) -> None:
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    environment = live_db.environment | {
        "DJANGO_SETTINGS_MODULE": "huitong.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    for wish, code in ((signal.SIGKILL, -9), (signal.SIGTERM, 0)):
        process = subprocess.Popen([sys.executable, "-m", "huitong.cli", "index"], env=environment)
        try:
            start = time.time()
            waited(
                lambda start=start: (
                    index.sign_of_life().exists() and index.sign_of_life().stat().st_mtime > start
                )
            )
            assert index.match(["婚姻"]) == [entry.pk]
            process.send_signal(wish)
            assert process.wait(30) == code
        finally:
            process.kill()
