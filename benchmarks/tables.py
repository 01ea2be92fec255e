"""Claim: the table plane moves rows nearly as fast as PostgreSQL's own binary pipe, masked or not,
in little memory.

Limit: ``psql -c 'COPY … TO STDOUT (BINARY)' | psql -c 'COPY … FROM STDIN (BINARY)'``. Ours, each in
a process of its own: ``lane`` the engine's copy into a table without key, as the limit does it;
``masked`` the same with two columns masked at the source; ``published`` a whole first run: drift
check, key, checksums on both sides, record; ``refresh`` a whole later run with every 40th row
changed, beside the same work written by hand (COPY to staging, update, insert, delete; no checks,
no masks, no record). Interleaved, medians of the ratios within each round; a figure counts only
after the arrived rows' checksum equals the source's.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from benchmarks._report import finish, median, table
from huitong.cli.postgres import EmbeddedPostgres
from huitong.connectors import DatabaseAddress, Guard, connect, scan
from huitong.planes.tables.engine import Plan, plan_for, run
from huitong.planes.tables.engine.source import checksum, copy_out, open_source, project
from huitong.planes.tables.engine.target import Target, open_target
from huitong.scope import Scope
from huitong.scope.masks import named

COLUMNS = [
    "id",
    "name",
    "id_no",
    "phone",
    "gender",
    "birth",
    "region_code",
    "address",
    "income",
    "score",
    "remark",
    "created_at",
    "updated_at",
]
MASKS = {"name": named("name"), "id_no": named("citizen_number")}
MASKED = {
    "name": "left(name, 1) || repeat('*', length(name) - 1)",
    "id_no": "left(id_no, 6) || repeat('*', length(id_no) - 10) || right(id_no, 4)",
}
DECLARED = """
  id bigint, name varchar(64), id_no varchar(18), phone varchar(20), gender smallint, birth date,
  region_code varchar(6), address text, income numeric(14,2), score float8, remark text,
  created_at timestamp, updated_at timestamptz
"""
ROWS = """
INSERT INTO public.person
SELECT i,
       (ARRAY['王','李','张','刘','陈'])[1 + i % 5] || (ARRAY['伟','芳','秀英','敏'])[1 + i % 4],
       '320613' || to_char(date '1950-01-01' + (i % 25000)::int, 'YYYYMMDD')
                || lpad((i % 10000)::text, 4, '0'),
       '1' || (3 + i % 7) || lpad(i::text, 9, '0'),
       1 + i % 2,
       date '1950-01-01' + (i % 25000)::int,
       '320613',
       '江苏省南通市崇川区人民中路' || i % 999 || '号' || i % 30 || '单元',
       round((i * 37 % 10000000) / 100.0, 2),
       sqrt(i),
       CASE WHEN i % 5 > 0 THEN '备注:第' || i % 1000 || '批次登记,状态正常' || md5(i::text) END,
       timestamp '2020-01-01' + i % 150000000 * interval '1 second',
       timestamptz '2024-01-01 00:00:00+08' + i * interval '7.123457 second'
  FROM generate_series(1::bigint, %s::bigint) i
"""
BY_HAND = """
ALTER TABLE staging ADD PRIMARY KEY (id); ANALYZE staging;
DELETE FROM published t WHERE NOT EXISTS (SELECT FROM staging s WHERE s.id = t.id);
UPDATE published t SET ({names}) = (SELECT {staged}) FROM staging s
 WHERE t.id = s.id AND ({old}) IS DISTINCT FROM ({staged});
INSERT INTO published
SELECT * FROM staging s WHERE NOT EXISTS (SELECT FROM published t WHERE t.id = s.id);
"""


def child() -> None:
    """One measured run in this process: what to do comes in as JSON, seconds and peak memory go
    out."""
    task = json.load(sys.stdin)
    source, target = (DatabaseAddress(**task[side]) for side in ("source", "target"))
    plan, guard = Plan.from_json(task["plan"]), Guard.of(task["allowed"])
    start = time.monotonic()
    if task["what"] == "run":
        delivery = run(plan, source, target, guard=guard)
        assert delivery.source_checksum == delivery.target_checksum
    else:
        with open_source(source, guard) as reading, open_target(target, guard) as writing:
            projection = project(reading, plan)
            there = Target(writing, plan)
            there.copy_in(
                copy_out(reading, projection.query, binary=True), projection, straight=True
            )
            there.commit()
    print(
        json.dumps(
            {
                "s": time.monotonic() - start,
                "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


class Bench:
    """Two databases on one server, and every contender as a method that returns seconds."""

    def __init__(self, server: EmbeddedPostgres, rows: int) -> None:
        self.psql = str(server.bin / "psql")
        self.rows, self.runs, self.peak = rows, 0, 0.0
        with psycopg.connect(server.superuser_url, autocommit=True) as root:
            for name in ("provider", "consumer"):
                root.execute(f"CREATE DATABASE {name}")
        parts = urlsplit(server.superuser_url)
        account = (unquote(parts.username or ""), unquote(parts.password or ""), parts.port or 0)
        self.urls = {
            name: server.superuser_url.rsplit("/", 1)[0] + f"/{name}"
            for name in ("provider", "consumer")
        }
        self.source, self.target = (
            DatabaseAddress("127.0.0.1", name, *account) for name in ("provider", "consumer")
        )
        self.guard = Guard.of([f"127.0.0.1:{self.source.port}"])
        self.provider, self.consumer = (
            psycopg.connect(u, autocommit=True, prepare_threshold=None) for u in self.urls.values()
        )
        self.provider.execute(f"CREATE TABLE public.person ({DECLARED}, PRIMARY KEY (id))")
        self.provider.execute(ROWS.replace("%s", str(rows)))
        self.provider.execute("VACUUM ANALYZE public.person")

    def pipe(self, outputs: dict[str, str]) -> float:
        self.fresh("heap", bool(outputs))
        chosen = ", ".join(f"{outputs[c]} AS {c}" if c in outputs else c for c in COLUMNS)
        out = [
            self.psql,
            "-Xqc",
            f"COPY (SELECT {chosen} FROM public.person) TO STDOUT (FORMAT BINARY)",
            self.urls["provider"],
        ]
        into = [
            self.psql,
            "-Xqc",
            "COPY public.heap FROM STDIN (FORMAT BINARY)",
            self.urls["consumer"],
        ]
        start = time.monotonic()
        with subprocess.Popen(out, stdout=subprocess.PIPE) as sending:
            subprocess.run(into, stdin=sending.stdout, check=True)
        assert sending.returncode == 0
        return self.verified(time.monotonic() - start, "heap", chosen)

    def lane(self, masked: bool) -> float:
        self.fresh("heap", masked)
        chosen = ", ".join(f"{MASKED[c]} AS {c}" if masked and c in MASKED else c for c in COLUMNS)
        return self.verified(
            self.child_run("lane", self.plan("heap", MASKS if masked else {})), "heap", chosen
        )

    def published(self) -> float:
        self.consumer.execute("DROP TABLE IF EXISTS public.published, public.huitong_runs")
        return self.verified(
            self.child_run("run", self.plan("published", {})), "published", ", ".join(COLUMNS)
        )

    def refresh(self) -> float:
        self.change()
        return self.verified(
            self.child_run("run", self.plan("published", {})), "published", ", ".join(COLUMNS)
        )

    def by_hand(self) -> float:
        self.change()
        start = time.monotonic()
        with (
            psycopg.connect(self.urls["provider"]) as reading,
            psycopg.connect(self.urls["consumer"]) as writing,
        ):
            writing.execute("CREATE TEMP TABLE staging (LIKE public.published) ON COMMIT DROP")
            sender, receiver = reading.cursor(), writing.cursor()
            with (
                sender.copy("COPY public.person TO STDOUT (FORMAT BINARY)") as out,
                receiver.copy("COPY staging FROM STDIN (FORMAT BINARY)") as into,
            ):
                for block in out:
                    into.write(block)
            names = ", ".join(COLUMNS)
            staged, old = (", ".join(f"{alias}.{c}" for c in COLUMNS) for alias in ("s", "t"))
            writing.execute(BY_HAND.format(names=names, staged=staged, old=old))
        return self.verified(time.monotonic() - start, "published", ", ".join(COLUMNS))

    # -- what they share ---------------------------------------------------------------------------

    def plan(self, target: str, masks: dict[str, object]) -> Plan:
        self.runs += 1
        with connect(self.source, guard=self.guard) as reading:
            (table,) = scan(reading, "public", only=["person"])
        return plan_for(
            f"run{self.runs}",
            "bench",
            table,
            Scope(tuple(COLUMNS), masks=masks),
            ("public", target),
        )  # type: ignore[arg-type]

    def child_run(self, what: str, plan: Plan) -> float:
        task = {"what": what, "plan": plan.to_json(), "allowed": [f"127.0.0.1:{self.source.port}"]}
        for side, address in (("source", self.source), ("target", self.target)):
            task[side] = asdict(address)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.tables", "--child"],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        self.peak = max(self.peak, answer["mb"])
        return float(answer["s"])

    def fresh(self, name: str, masked: bool) -> None:
        declared = (
            DECLARED.replace("name varchar(64)", "name text").replace(
                "id_no varchar(18)", "id_no text"
            )
            if masked
            else DECLARED
        )
        self.consumer.execute(f"DROP TABLE IF EXISTS public.{name}")
        self.consumer.execute(f"CREATE TABLE public.{name} ({declared})")

    def change(self) -> None:
        self.runs += 1
        self.provider.execute(
            "UPDATE public.person SET remark = 'r' || %s WHERE id %% 40 = %s",
            (self.runs, self.runs % 40),
        )
        self.provider.execute("VACUUM ANALYZE public.person")

    def verified(self, seconds: float, name: str, chosen: str) -> float:
        sent, arrived = (
            checksum(self.provider, f"SELECT {chosen} FROM public.person"),
            checksum(self.consumer, f"SELECT {', '.join(COLUMNS)} FROM public.{name}"),
        )
        assert sent == arrived and sent[0] == self.rows, (name, sent, arrived)
        self.consumer.execute("CHECKPOINT")
        return seconds


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=500_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--child", action="store_true")
    chosen = options.parse_args()
    if chosen.child:
        return child()
    folder = Path(tempfile.mkdtemp(prefix="huitong-bench-"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder) as server:
            bench = Bench(server, chosen.rows)
            contenders: dict[str, Callable[[], float]] = {
                "psql | psql (limit)": lambda: bench.pipe({}),
                "lane": lambda: bench.lane(False),
                "psql | psql, masked": lambda: bench.pipe(MASKED),
                "lane, masked": lambda: bench.lane(True),
                "published": bench.published,
                "refresh": bench.refresh,
                "refresh by hand": bench.by_hand,
            }
            rounds = [
                {name: contend() for name, contend in contenders.items()}
                for _ in range(chosen.rounds)
            ]
            bench.provider.close()
            bench.consumer.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(rounds, chosen.rows, bench.peak)
    return None


def report(rounds: list[dict[str, float]], rows: int, peak: float) -> None:
    limit = "psql | psql (limit)"
    lines = [
        (
            name,
            median([r[name] for r in rounds]),
            round(rows / median([r[name] for r in rounds])),
            median([r[limit] / r[name] for r in rounds]),
        )
        for name in rounds[0]
    ]
    table(
        f"{rows:,} rows, 13 columns, {len(rounds)} rounds",
        ("", "s", "rows/s", "of the limit"),
        lines,
    )
    ratio = {name: share for name, _, _, share in lines}
    finish(
        "tables",
        {
            "full_ratio_to_psql": ratio["lane"],
            "masked_ratio": ratio["lane, masked"],
            "published_ratio": ratio["published"],
            "refresh_ratio_to_by_hand": median(
                [r["refresh by hand"] / r["refresh"] for r in rounds]
            ),
            "rows_per_s": lines[1][2],
            "peak_rss_mb": round(peak, 1),
        },
    )


if __name__ == "__main__":
    main()
