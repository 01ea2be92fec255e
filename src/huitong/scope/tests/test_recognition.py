"""Recognition holds its floors on a labelled set it was not tuned on, for every kind; what only
looks so is let pass (A8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from huitong.scope.contents import Values, are_mobiles
from huitong.scope.suggest import RECOGNISERS, recognise, suggest
from huitong.scope.tests.recognition import FOLDER, columns, make, scores, table

FLOOR = 0.95


@pytest.mark.parametrize("half", ["tune", "held"])
def test_precision_and_recall_of_every_kind(half: str) -> None:
    by_kind = scores(half)
    assert set(by_kind) == {one.kind for one in RECOGNISERS}
    low = {
        kind: score
        for kind, score in by_kind.items()
        if min(score.precision, score.recall) < FLOOR or score.there < 20
    }
    assert not low


def test_the_documents_say_what_is_measured() -> None:
    root = Path(__file__).parents[4]
    assert table("held") in (root / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("half", ["tune", "held"])
def test_traps_are_let_pass(half: str) -> None:
    traps = [one for one in columns(half) if one.trap]
    caught = [(one.trap, one.column, one.comment, one.answer) for one in traps if one.answer]
    assert len({one.trap for one in traps}) >= 45 and len(caught) <= 0.01 * len(traps), caught


def test_the_set_is_made_of_what_is_written_and_the_halves_share_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {half: (FOLDER / f"{half}.csv").read_bytes() for half in make.SEEDS}
    names = (FOLDER / "names.csv").read_bytes()
    monkeypatch.setattr(make, "FOLDER", tmp_path)
    (tmp_path / "names.csv").write_bytes(names)
    make.main()
    assert before == {half: (tmp_path / f"{half}.csv").read_bytes() for half in make.SEEDS}
    called = [
        {(one.label, one.trap, one.column, one.comment) for one in columns(half)}
        for half in make.SEEDS
    ]
    assert not called[0] & called[1]


def test_a_body_s_code_is_recognised_and_no_personal_data() -> None:
    codes = ["91350100M000100Y43", "9111000071093123XX"]
    sign = recognise("col", "", codes)
    assert sign is not None and (sign.kind, sign.certain) == ("credit_code", True)
    assert suggest("col", "", codes) is None and suggest("tyshxydm", "统一社会信用代码") is None


def test_content_speaks_against_a_name_unless_nobody_can_read_it() -> None:
    """网址 is no address; a hashed citizen number still is one."""
    assert suggest("address", "地址", [f"https://a.cn/{n}" for n in range(9)]) is None
    digests = [f"{n:064x}" for n in range(9)]
    sign = suggest("sfzh", "身份证号", digests)
    assert sign is not None and (sign.kind, sign.certain) == ("citizen_number", False)
    assert suggest("sjh", "手机号", ["138****0001"] * 9) is not None
    few = suggest("sfzh", "身份证号", ["A1", "A2"])
    assert few is not None, "two test rows say nothing"


def test_what_an_office_publishes_is_let_pass_by_content_too() -> None:
    places = ["南通市崇川区人民路1号", "南通市通州区金沙镇交通路5号"]
    assert suggest("djjgdz", "登记机关地址", places) is None
    assert suggest("qylxrsj", "企业联系人手机", ["13812345678", "15987654321"]) is not None


@pytest.mark.parametrize(
    ("segments", "mobiles"), [(("1381", "1390"), False), (("1381", "1390", "1371"), True)]
)
def test_mobiles_are_of_more_than_two_segments(segments: tuple[str, ...], mobiles: bool) -> None:
    numbers = [f"{segments[n % len(segments)]}{n:03}{n * 7919 % 10_000:04}" for n in range(40)]
    assert are_mobiles(Values(numbers)) is mobiles
