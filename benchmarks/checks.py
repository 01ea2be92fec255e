"""Claim: a whole catalog of 20,000 entries is checked by today's rules, doubles among them, in two
minutes of processor time and in memory that does not grow with the time it takes.

In an embedded PostgreSQL, in one process, as the worker does it: the entries of the demonstration
as dozens of places would keep them, each place under its own name, with most of the items and two
of its own, so that every entry has dozens that are like it. One report over all of them; then, for
some, what the check of a single entry costs that asks the database alone. Times are of the wall,
with the processor's (the database's apart) beside them. ``--entries`` says how many.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

from tests.installation import environment

from benchmarks._report import finish, table
from huitong.cli.postgres import EmbeddedPostgres

#: entries checked one by one beside the report
SINGLE = 200


def plant(entries: int) -> None:
    """So many published entries, of bodies in turn."""
    from django.utils import timezone
    from tests.cast import Cast

    from huitong.catalog import queries
    from huitong.catalog.models import Entry, InformationSystem, Item, LegalGround, Version
    from huitong.cli.demo.living.resources import resources as invented
    from huitong.kernel.case import Case
    from huitong.kernel.ledger import writing
    from huitong.organizations.models import Body

    chance = random.Random(1)
    with writing("benchmark"):
        Cast()
        bodies = list(Body.objects.values_list("pk", flat=True))
        systems = {body: InformationSystem(body_id=body, name="业务管理系统") for body in bodies}
        InformationSystem.objects.bulk_create(systems.values())
        file = resources.files("huitong.organizations") / "data/divisions.csv"
        places = [row["name"] for row in csv.DictReader(file.read_text("utf-8").splitlines())]
        whole = invented()
        for start in range(0, entries, 1000):
            numbers = range(start + 1, min(start + 1000, entries) + 1)
            cases = Case.objects.bulk_create(
                Case(kind="entry", law="nantong-2020", number=f"B{n}", state="published")
                for n in numbers
            )
            rows = Entry.objects.bulk_create(
                Entry(body_id=bodies[n % len(bodies)], code=f"307001/{n:06d}") for n in numbers
            )
            versions, items = [], []
            for n, case, entry in zip(numbers, cases, rows, strict=True):
                one = whole[n % len(whole)]
                place = n // len(whole)
                version = Version(
                    entry=entry,
                    case=case,
                    name=f"{places[place % len(places)]}{one.name}"[:120],
                    system=systems[entry.body_id],
                    summary=f"依照职责办理和采集的{one.name}，1998 年以来的全部记录，逐日汇总。",
                    origin="own",
                    category=one.category,
                    themes=list(one.themes),
                    industry=one.industry,
                    format="database",
                    format_detail="PostgreSQL",
                    standard="本部门数据标准",
                    share_class=one.share_class,
                    share_modes=list(one.modes),
                    shapes=["partial_items", "masked"] if one.share_class == "2" else [],
                    condition=f"因履行职责需要核对{one.name}的部门可以申请，限于所需的信息项。",
                    personal_reason="属于依法应当公示的登记事项，各部门办理业务均需核对。",
                    open_class="3",
                    open_mode="none",
                    update_cycle=one.cycle,
                    data_cycle=one.cycle,
                    contact_office="信息中心",
                    contact_name="周敏",
                    contact_phone="0513-85210000",
                )
                versions.append(version)
                own = [item for item in one.items if chance.random() < 0.8]
                own += [
                    one.items[-1].model_copy(update={"name": name, "column": f"own{place}"})
                    for name in (f"本地内容{n}", f"本地编号{n}")
                ]
                items.append((version, own))
            Version.objects.bulk_create(versions)
            Item.objects.bulk_create(
                Item(version=version, position=position, **queries.columns_of(row))
                for version, rows in items
                for position, row in enumerate(rows, 1)
            )
            LegalGround.objects.bulk_create(
                LegalGround(
                    version=version,
                    kind="law",
                    document="中华人民共和国统计法",
                    article="第二十八条",
                    quotation="统计调查中获得的能够识别或者推断单个对象身份的资料，不得对外提供。",
                )
                for version in versions
                if version.share_class == "3"
            )
            keys = [version.pk for version in versions]
            Version.objects.filter(pk__in=keys).update(number=1, published_at=timezone.now())
            for entry, version in zip(rows, versions, strict=True):
                entry.current = entry.latest = version
            Entry.objects.bulk_update(rows, ["current", "latest"])


def measure() -> dict[str, Any]:
    from huitong.catalog import actions, jobs, queries
    from huitong.catalog.models import CheckReport
    from huitong.kernel.actor import Actor

    def spent() -> tuple[float, float, int]:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return time.perf_counter(), time.process_time(), memory

    report = actions.check_catalog(Actor.system())
    started = spent()
    jobs.check_all(report=report.pk)
    stopped = spent()
    report = CheckReport.objects.get(pk=report.pk)
    doubles = sum(report.counts.get("similar", {}).values())
    versions = [v for chunk in islice(queries.report.chunks_to_check(None), 2) for v in chunk]
    one = spent()
    for version in versions[:SINGLE]:
        queries.all_findings_of(version)
    other = spent()
    return {
        "entries": report.done,
        "findings": sum(n for by in report.counts.values() for n in by.values()),
        "doubles": doubles,
        "s": round(stopped[0] - started[0], 1),
        "cpu_s": round(stopped[1] - started[1], 1),
        "mb_before": started[2],
        "mb": stopped[2],
        "single_ms": round((other[0] - one[0]) / min(SINGLE, len(versions)) * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=20_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="huitong-checks-"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder):
            settings = environment(folder, HUITONG_SECOND_FACTOR="optional")
            command = [sys.executable, "-m", "huitong.cli", "migrate"]
            subprocess.run(command, env=settings, check=True, capture_output=True)
            os.environ.update(settings)
            from huitong.cli.django_ready import ready

            ready()
            plant(options.entries)
            figures = measure()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    table("the whole catalog checked", ("figure", "value"), list(figures.items()))
    finish("checks", figures)


if __name__ == "__main__":
    main()
