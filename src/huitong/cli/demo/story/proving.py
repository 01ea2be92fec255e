"""Chapter eight: everything is in the ledger, and a tampered copy is caught (A28, A34)."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

from huitong.audit import actions as audit
from huitong.audit import queries as ledger
from huitong.audit.rules.note import Note
from huitong.audit.rules.offline import source, verify
from huitong.cli.demo.story.deciding import Shares
from huitong.cli.demo.story.play import Story
from huitong.kernel.ledger import Entry
from huitong.planes.gateway import queries as calls
from huitong.planes.gateway.rules import Verdict

MUST_BE_THERE = (
    "application.accept",
    "application.grant",
    "application.refuse",
    "grant.revoke",
    "access.report_delivery",
    "gateway.record_calls",
    "entry.pass_bureau",
    "organizations.appoint",
)


def play(story: Story, shares: Shares) -> None:
    story.chapter("八、台账：决定、调用、拒绝、交付都在，且可离线核验（第二十八条、第三十四条）")
    verdicts = story.until("调用证据入账", lambda: _verdicts(story))
    story.report(
        "A28",
        "平台",
        "调用证据（含被拒绝的）入账",
        "、".join(f"{Verdict(k).label} {n} 次" for k, n in sorted(verdicts.items())),
    )
    missing = story.retry(
        lambda: [
            verb for verb in MUST_BE_THERE[:-1] if not Entry.objects.filter(verb=verb).exists()
        ]
    )
    story.check(not missing, f"台账缺少：{missing}")
    story.report("A28", "平台", "台账条目", f"共 {story.retry(Entry.objects.count)} 条")

    work = story.data / "run" / "story-ledger"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    actor = story.actor("audit")
    exported = story.retry(lambda: audit.export(actor, reasons="演示：离线核验"))
    # the last before the export: a later one would prove entries made since
    last = story.retry(lambda: ledger.latest(exported.size))
    trusted = [Note.parse(last.note)]  # type: ignore[union-attr]
    export = work / "ledger.zip"
    shutil.copy(story.retry(lambda: ledger.package_file(actor, exported.pk))[1], export)
    report = verify(source(export), trusted)
    story.check(report.ok and report.entries > 100, f"导出应核验通过：{report}")
    story.report(
        "A28",
        story.who("audit"),
        "导出台账，`huitong verify` 离线核验",
        f"{report.entries} 条全部通过，签名者 {'、'.join(report.signed_by)}",
    )
    forged = _tampered(export, work / "tampered.zip")
    caught = verify(source(forged), trusted)
    story.check(not caught.ok, "被篡改的副本应被发现")
    story.report(
        "A28", "任何人", "在副本里把“不予授权”改成“同意授权”再核验", f"被发现：{caught.faults[0]}"
    )
    package = story.retry(
        lambda: audit.evidence(
            story.actor("mz_manager"),
            case=shares.grant_case["marriage-api"],
            reasons="演示：责任认定",
        )
    )
    story.report(
        "A34",
        story.who("mz_manager"),
        "导出该授权的证据包",
        f"{package.entries} 条，含证明和可独立运行的核验程序",
    )


def _verdicts(story: Story) -> dict[str, int] | None:
    from collections import Counter

    verdicts = Counter(calls.visible_to(story.actor("audit")).values_list("verdict", flat=True))
    return (
        dict(verdicts)
        if verdicts["allowed"] and verdicts["not_granted"] and verdicts["no_token"]
        else None
    )


def _tampered(export: Path, forged: Path) -> Path:
    """The same export with one word changed in one entry."""
    with zipfile.ZipFile(export) as old, zipfile.ZipFile(forged, "w") as new:
        changed = False
        for name in old.namelist():
            raw = old.read(name)
            if not changed and b"application.refuse" in raw:
                raw, changed = raw.replace(b"application.refuse", b"application.grant ", 1), True
            new.writestr(name, raw)
    if not changed:
        raise AssertionError(json.dumps("the export holds no refusal to tamper with"))
    return forged
