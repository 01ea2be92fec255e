"""The configuration beside the gateway: whole steps, each seen once by whoever follows."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitong.planes.gateway.engine.store import Item, Node, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


def item(name: str, body: str = "x", mount: int = 0) -> Item:
    return Item("scope", name, body.encode(), made_of=body, mount=mount)


def test_a_step_has_the_next_serial_and_the_same_again_is_none(store: Store) -> None:
    assert store.write([item("a"), item("b")]) == 1
    assert store.write([item("a"), item("b")]) == 0
    assert store.write([item("a", "y")], [("scope", "b")]) == 2
    assert store.write([], [("scope", "b"), ("scope", "never there")]) == 0
    assert [(c.serial, c.name, c.body) for c in store.changes(1)] == [
        (2, "a", b"y"),
        (2, "b", None),
    ]
    assert store.changes(2) == [] and store.serial() == 2
    assert store.write([item("b")]) == 3 and store.body("scope", "b") == b"x"


def test_a_step_that_breaks_off_leaves_nothing(store: Store) -> None:
    def broken() -> Iterator[Item]:
        yield item("a")
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="space"):
        store.write(broken())
    assert store.serial() == 0 and store.changes(0) == [] and store.write([item("b")]) == 1


def test_items_are_found_by_their_mount(store: Store) -> None:
    store.write([item("a", mount=1), item("b", mount=2), item("c", mount=2)])
    assert set(store.made_of("scope", {2})) == {"b", "c"} and store.made_of("scope", ()) == {}
    assert store.mounts() == {1, 2}
    store.write([], [("scope", "a")])
    assert store.mounts() == {2} and set(store.made_of("scope")) == {"b", "c"}


def test_nobody_else_may_read_it(store: Store) -> None:
    store.write([item("a")])
    files = list(store.path.parent.iterdir())
    assert len(files) == 3 and {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}


def test_another_s_write_is_noticed_and_one_s_own_is_not(store: Store, tmp_path: Path) -> None:
    before = store.stamp()
    store.report(Node("gateway", True, 7, {"scope a": "why"}))
    assert store.stamp() == before
    other = Store(tmp_path)
    other.write([item("a")])
    assert store.stamp() != before
    assert other.nodes() == {"gateway": Node("gateway", True, 7, {"scope a": "why"})}
    other.close()


STEPS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xyz")),
        st.sets(st.sampled_from("abcd")),
        st.booleans(),
    ),
    max_size=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_who_follows_ends_where_the_store_is(tmp_path_factory, steps) -> None:
    """Whenever a follower looks, and however often, it misses nothing and keeps nothing."""
    store = Store(tmp_path_factory.mktemp("store"))
    has: dict[str, bytes] = {}
    is_so: dict[str, bytes] = {}
    serial = 0

    def look() -> int:
        for change in store.changes(serial):
            if change.body is None:
                has.pop(change.name, None)
            else:
                has[change.name] = change.body
        return store.serial()

    for put, away, looks in steps:
        store.write([item(name, body) for name, body in put.items()], [("scope", n) for n in away])
        is_so |= {name: body.encode() for name, body in put.items()}
        for name in away:
            is_so.pop(name, None)
        if looks:
            serial = look()
            assert has == is_so
    look()
    assert has == is_so
    store.close()
