"""What the index is asked is answered from what was answered before and what changed since: to the
last entry as if it had been asked anew (A20)."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.utils import timezone
from tests.cast import Cast
from tests.thawing import thawed

from huitong.catalog.management.follower import Follower
from huitong.catalog.models import Entry, Version
from huitong.catalog.queries import commits, index
from huitong.catalog.queries.commits import Opened, note, noted
from huitong.catalog.queries.facets import FACETS
from huitong.catalog.queries.index import DOWNWARDS, Window, best_of, tally_of, window_of
from huitong.catalog.queries.matching import Question, question_of
from huitong.catalog.queries.reach import Reach
from huitong.catalog.tests.many import PIECES, entries_of_random_words
from huitong.kernel.ledger import writing


@pytest.fixture
def many(db: None, cast: Cast, settings: Any, tmp_path: Path) -> list[Entry]:
    settings.DATA = tmp_path
    return entries_of_random_words(cast)


def altered(entries: list[Entry], chance: Random) -> None:
    """Some are published anew, withdrawn or come back, close or open, get another name."""
    for entry in chance.sample(entries, k=chance.choice([1, 1, 2, 5])):
        with thawed():
            Version.objects.filter(pk=entry.latest_id).update(
                name="".join(chance.choices(PIECES, k=3)),
                words="".join(chance.choices(PIECES, k=6)),
                share_class=chance.choice("123"),
                usage=chance.sample(["frequent", "timely", "analysis"], k=chance.randrange(3)),
                published_at=timezone.now() - timedelta(minutes=chance.randrange(90)),
            )
        with writing("test"):
            current = None if chance.random() < 0.2 else entry.latest_id
            Entry.objects.filter(pk=entry.pk).update(current_id=current, updated_at=timezone.now())


def questions(cast: Cast) -> list[Question]:
    reaches = [Reach(), Reach(body=cast.civil_operator.body), Reach(every=True)]
    chosen: list[dict[str, tuple[str, ...]]] = [{}, {"usage": ("frequent",), "share_class": ("1",)}]
    words: list[list[str]] = [[], ["信息"], ["婚姻登记"], ["囍"], ["101"]]
    return [question_of(*each) for each in product(words, reaches, chosen)]


def answers(opened: Opened, question: Question, places: dict[str, Any]) -> list[Any]:
    parts = [
        Window(order, behind, backwards, 4)
        for order in DOWNWARDS
        for behind, backwards in ((None, False), (places[order], False), (places[order], True))
    ]
    return [
        tally_of(opened, question),
        tally_of(opened, question, FACETS),
        *(window_of(opened, question, part) for part in parts),
        sorted(best_of(opened, question, 100)) if question.words else [],
    ]


@pytest.mark.parametrize(("spare", "most"), [(50, 500), (1, 3), (0, 0)])
def test_what_is_carried_over_is_what_would_be_answered_anew(
    many: list[Entry], cast: Cast, monkeypatch: pytest.MonkeyPatch, spare: int, most: int
) -> None:
    monkeypatch.setattr(index, "SPARE", spare)
    monkeypatch.setattr(commits, "MOST_CHANGED", most)
    chance = Random(spare)
    follower = Follower()
    follower.look()
    carried = 0
    candidates = questions(cast)
    whole = question_of((), Reach(every=True))
    for step in range(12):
        opened, fresh = index.opened(), Opened(index.tree(), "fresh")
        assert fresh.before is None and (opened.before is not None) == (step > 0)
        carried += len(opened.changed)
        places = {}
        for order in DOWNWARDS:
            rows = window_of(fresh, whole, Window(order, None, False, 40))
            places[order] = chance.choice(rows)[0]
        for question in chance.sample(candidates, k=len(candidates) // 2):
            by_both = (answers(each, question, places) for each in (opened, fresh))
            assert next(by_both) == next(by_both), (step, question)
        altered(many, chance)
        follower.look()
        if step == 6:
            del follower  # lets go of the lock; another one goes on with the same index
            follower = Follower()
    assert carried


def test_of_many_the_best_stay_the_best_while_entries_come_and_go(
    many: list[Entry], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "SPARE", 2)
    follower, question = Follower(), question_of(["信息"])
    follower.look()
    for n in range(8):
        best = best_of(index.opened(), question, 3)
        again = best_of(Opened(index.tree(), "fresh"), question, 3)
        assert len(best) == 3 and best == again
        with thawed():
            entry = Entry.objects.get(pk=best[n % 3] if n % 2 else many[n].pk)
            Version.objects.filter(pk=entry.current_id).update(
                name="信息" if not n % 2 else "登记", words="信息" if not n % 2 else "登记"
            )
            entry.save()
        assert follower.look() == 1


def test_notes_tell_what_changed_since_a_commit_or_that_nobody_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert noted(tmp_path).since(0) is None, "no follower has noted anything"
    monkeypatch.setattr(commits, "MOST_NOTED", 3)
    note(tmp_path, 10, [1, 2])
    note(tmp_path, 20, [2])
    first = noted(tmp_path)
    assert first.since(10) == {1, 2} and first.since(20) == {2} and first.since(21) == set()
    assert first.since(9) is None, "before the first note"
    note(tmp_path, 30, [7, 8])
    second = noted(tmp_path)
    assert second.of == first.of
    assert second.since(10) is None and second.since(20) == {2, 7, 8}
    note(tmp_path, 40, range(9))
    assert noted(tmp_path).since(30) is None and noted(tmp_path).since(41) == set()
    (tmp_path / "changed.json").write_text("[")
    assert noted(tmp_path).since(41) is None


def test_an_index_built_anew_has_no_answers_from_the_former(many: list[Entry], cast: Cast) -> None:
    Follower().look()
    former = index.opened()
    for file in index.tree().iterdir():
        file.unlink()
    Follower().look()
    assert index.opened().before is None and index.opened().of != former.of
