"""A class is styled where it stands: by the frame of every page or by its own room. The sheet of
another room is not loaded there, and nobody sees that it is missing."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from tests.each import each

SOURCE = Path(__file__).parents[2] / "src" / "huitong"
FRAME = SOURCE / "ui"
TAGS = re.compile(r"\{[%{].*?[%}]\}")


def room_of(path: Path) -> Path:
    """What lies above a room's templates or static files."""
    names = path.relative_to(SOURCE).parts
    end = next(n for n, name in enumerate(names) if name in ("templates", "static"))
    return SOURCE.joinpath(*names[:end])


def styled() -> dict[str, set[Path]]:
    """The rooms whose sheets speak of a class."""
    rooms: dict[str, set[Path]] = defaultdict(set)
    for sheet in SOURCE.rglob("static/**/*.css"):
        if "vendor" not in sheet.parts:
            for name in re.findall(r"\.([a-z][\w-]*)", sheet.read_text()):
                rooms[name].add(room_of(sheet))
    return rooms


ROOMS = styled()


@each(SOURCE.rglob("templates/**/*.html"))
def test_a_class_is_styled_by_its_room_or_the_frame(template: Path) -> None:
    loaded = {FRAME, room_of(template)}
    names = {
        name
        for value in re.findall(r'class="([^"]*)"', template.read_text())
        for name in TAGS.sub(" ", value).split()
    }
    elsewhere = {name for name in names if name in ROOMS and not ROOMS[name] & loaded}
    assert not elsewhere, f"styled by another room alone: {', '.join(sorted(elsewhere))}"
