"""The scope itself and its JSON form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from huitong.scope import reading
from huitong.scope.filters import Filter, filter_from_json, filter_to_json, items_of
from huitong.scope.masks import Mask, mask_from_json, mask_to_json
from huitong.scope.parameters import ControlParameter, parameter_from_json, parameter_to_json
from huitong.scope.reading import ScopeError

MOST_ITEMS = 1600  # PostgreSQL's own limit of columns


@dataclass(frozen=True)
class Scope:
    """The data that may leave the provider: these items, of rows passing the filter, masked so, if
    each call says why.

    No items = nothing leaves. ``comparison_only``: a verdict may leave, never a value (比对, A8).
    Raises `ScopeError` when a mask names an item that is not delivered, or something is named
    twice.
    """

    items: tuple[str, ...]
    row_filter: Filter | None = None
    masks: Mapping[str, Mask] = field(default_factory=dict, hash=False)
    control_parameters: tuple[ControlParameter, ...] = ()
    comparison_only: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "masks", dict(self.masks))
        for at, item in enumerate(self.items):
            if item in self.items[:at]:
                raise ScopeError(f"items[{at}]", f"信息项“{item}”重复")
        for item in self.masks:
            if item not in self.items:
                raise ScopeError(f"masks.{item}", "脱敏的信息项不在所列信息项之中")
        names = [p.wire for p in self.control_parameters]
        for at, name in enumerate(names):
            if name in names[:at]:
                raise ScopeError(f"control_parameters[{at}].name", f"管控参数“{name}”重复")

    @property
    def filtered_items(self) -> tuple[str, ...]:
        """Items the row filter looks at; they need not be delivered."""
        return items_of(self.row_filter)

    def tells_apart(self, key: Iterable[str]) -> bool:
        """Whether rows can be told apart by these items where they arrive: each delivered, as it
        is or as a keyed token."""
        return all(
            item in self.items and (item not in self.masks or self.masks[item].keyed)
            for item in key
        )

    @property
    def key_names(self) -> tuple[str, ...]:
        """Names of the keys its tokens need."""
        return tuple(dict.fromkeys(m.key for m in self.masks.values() if m.keyed))


def to_json(scope: Scope) -> dict[str, Any]:
    """Plain lists and objects for a JSON column or an API body; `from_json` reads it back equal."""
    return {
        "items": list(scope.items),
        "row_filter": None if scope.row_filter is None else filter_to_json(scope.row_filter),
        "masks": {item: mask_to_json(mask) for item, mask in scope.masks.items()},
        "control_parameters": [parameter_to_json(p) for p in scope.control_parameters],
        "comparison_only": scope.comparison_only,
    }


def from_json(value: Any, path: str = "") -> Scope:
    """Read a scope strictly: unknown fields are refused, every fault is a `ScopeError` naming
    its path."""
    members = reading.read_object(
        value,
        path,
        required=("items",),
        optional=("row_filter", "masks", "control_parameters", "comparison_only"),
    )

    def at(name: str) -> str:
        return reading.under(path, name)

    masks = reading.read_object(
        members.get("masks", {}), at("masks"), optional=members.get("masks", {}) or ()
    )
    try:
        return Scope(
            reading.read_list(
                members["items"],
                at("items"),
                lambda v, p: reading.read_text(v, p, most=200),
                most=MOST_ITEMS,
            ),
            (
                None
                if members.get("row_filter") is None
                else filter_from_json(members["row_filter"], at("row_filter"))
            ),
            {
                item: mask_from_json(mask, reading.under(at("masks"), item))
                for item, mask in masks.items()
            },
            reading.read_list(
                members.get("control_parameters", ()),
                at("control_parameters"),
                parameter_from_json,
                most=50,
            ),
            reading.read_truth(members.get("comparison_only", False), at("comparison_only")),
        )
    except ScopeError as fault:
        if path and not fault.path.startswith(path):
            raise ScopeError(at(fault.path), fault.message) from None
        raise
