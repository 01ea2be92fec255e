"""What is set wrongly is said in one line that names it, with exit code 2, by every command and
before anything is started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from huitong.cli import main
from huitong.cli.place import free_address, use_demonstration
from huitong.cli.processes import WrongSetting
from huitong.connectors import values

ROOT = Path(__file__).parents[4]
# fmt: off
ADDRESSES = [
    "99999", "host", "host:", ":8800", "127.0.0.1:port", "127.0.0.1:99999", "127.0.0.1:-1",
    "::1:8800", "[::1]", "[::1:8800", "[x]:8800", "http://127.0.0.1:8800", "127.0.0.1:8800/",
    "127.0.0.1:８８００", "a b:80", "[127.0.0.1]:80",
]
# fmt: on
URLS = [
    "127.0.0.1:8800",
    "htp://x",
    "http//x",
    "http:/x",
    "http://",
    "http://x:99999",
    "http://x:y",
    "https://x y",
    "platform.example",
]
BAD: dict[str, list[str]] = {
    "HUITONG_LISTEN": ADDRESSES,
    "HUITONG_GATEWAY_LISTEN": ADDRESSES,
    **{
        name: ["zwei", "0", "-1", "1.5", "４", "999999999999"]
        for name in ("HUITONG_WEB_WORKERS", "HUITONG_WEB_THREADS", "HUITONG_GATEWAY_THREADS")
    },
    **dict.fromkeys(
        (
            "HUITONG_PUBLIC_URL",
            "HUITONG_GATEWAY_URL",
            "HUITONG_CHECKPOINT_PEERS",
            "HUITONG_ORIGINS",
        ),
        URLS,
    ),
    "HUITONG_SMTP_PORT": ["smtp", "0", "65536", "²"],
    "HUITONG_ATTACHMENT_MB": ["twenty", "0", "-5", "1e9"],
    "HUITONG_SMTP_TLS": ["yes"],
    "HUITONG_SECOND_FACTOR": ["no"],
    "HUITONG_SINGLE_SESSION": ["maybe"],
    "HUITONG_LEDGER_SUITE": ["md5"],
    "HUITONG_PROXIES": ["10.0.0.0/99", "proxy"],
    "HUITONG_ALLOWED_NETWORKS": ["10.0.0.0/8:port", "net"],
    "DATABASE_URL": [
        "localhost",
        "mysql://x/y",
        "postgresql//x",
        "postgresql://u:p@h:99999/x",
        "postgresql://u:p@h:port/x",
        "postgresql://u:p@h/x?sslmod=require",
        "postgresql://u:p@h/x?sslmode",
    ],
}
#: tries each in a process of its own state: settings are read once
TRIES = """
import contextlib, importlib, io, json, os, sys
from huitong.cli import main
outcome = []
for variable, said in json.loads(sys.stdin.read()):
    sys.modules.pop("huitong.settings", None)
    os.environ[variable] = said
    heard = io.StringIO()
    try:
        with contextlib.redirect_stderr(heard), contextlib.redirect_stdout(heard):
            code = main(["web"] if variable != "HUITONG_GATEWAY_THREADS" else ["gateway", "--show"])
    except BaseException as wrong:
        code = repr(wrong)
    del os.environ[variable]
    outcome.append((variable, said, code, heard.getvalue()))
print(json.dumps(outcome))
"""


def test_every_bad_value_is_one_line_that_names_its_setting(tmp_path: Path) -> None:
    others = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("HUITONG_") and k not in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
    environment = others | {"HUITONG_DATA": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
    pairs = [(variable, value) for variable, sayings in BAD.items() for value in sayings]
    result = subprocess.run(
        [sys.executable, "-c", TRIES],
        input=json.dumps(pairs),
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    outcome = json.loads(result.stdout)
    assert len(outcome) == len(pairs)
    for variable, value, code, output in outcome:
        assert (
            code == 2
            and len(output.splitlines()) == 1
            and output.startswith("huitong: ")
            and variable in output
        ), (variable, value, code, output)
        assert "p@h" not in output, "a password is in no message"


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1:8800", "[::1]:8800", "0.0.0.0:0", "localhost:1", "[::]:65535", "平台.example:80"],
)
def test_an_address_is_read(text: str) -> None:
    host, port = values.address("X", text)
    assert f"{host}:{port}" == text


def test_ipv6_is_listened_on() -> None:
    host, port = free_address("[::1]:0", "", "HUITONG_LISTEN")
    assert host == "[::1]" and port
    with pytest.raises(WrongSetting, match="HUITONG_LISTEN"):
        free_address("::1:0", "", "HUITONG_LISTEN")


@pytest.mark.parametrize(
    "words",
    [
        ["cases", "--as", "x"],
        ["audit", "status"],
        ["do", "work.read", "--as", "x"],
        ["admin", "reset", "x"],
    ],
)
def test_a_command_that_looks_makes_no_database(
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HUITONG_DATA", str(tmp_path / "政务 平台"))
    assert main(words) == 1
    output = capsys.readouterr().err
    assert len(output.splitlines()) == 1 and "HUITONG_DATA" in output and "huitong up" in output
    assert not (tmp_path / "政务 平台" / "postgresql").exists()


@pytest.mark.parametrize(
    ("folders", "running", "chosen"),
    [
        ((), "", ""),
        (("",), "", ""),
        (("demo",), "", "demo"),
        (("", "demo"), "", ""),
        (("", "demo"), "demo", "demo"),
        (("", "demo"), "", ""),
        (("demo",), "demo", "demo"),
    ],
)
def test_the_demonstration_is_found(
    folders: tuple[str, ...],
    running: str,
    chosen: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`make doctor` and `huitong cases` beside a running `make demo` look at it, and say so."""
    import fcntl

    from huitong.cli import place

    monkeypatch.setattr(place, "default_data", lambda: tmp_path)
    monkeypatch.setenv("HUITONG_DATA", "")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name in folders:
        (tmp_path / name / "postgresql").mkdir(parents=True)
        (tmp_path / name / "run").mkdir()
    with ExitStack() as stack:
        if running:
            lock = stack.enter_context(open(tmp_path / running / "run" / "supervisor.lock", "a"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        use_demonstration()
        assert os.environ["HUITONG_DATA"] == (str(tmp_path / chosen) if chosen else "")
        assert ("HUITONG_DATA" in capsys.readouterr().err) == bool(chosen)
