"""What somebody meets in the first quarter of an hour: `make demo` in a folder as people name
theirs, under whatever locale, and all that README and docs/api.md promise of it, done on it
while it runs."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from string import Template

import httpx
import pytest
from tests.installation import REPOSITORY, Installation

from huitong.cli import main

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
#: seconds the story may take beside other tests
PATIENCE = 400.0
#: a terminal that speaks no UTF-8
LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture(scope="module")
def demo() -> Iterator[Installation]:
    """`huitong demo`, its story told, still running."""
    root = Path(tempfile.mkdtemp(prefix="huitong-"))
    root.chmod(0o711)
    (root / "政务 平台").mkdir(mode=0o711)
    site = Installation(root / "政务 平台", "demo", **LOCALE)
    try:
        site.start()
        until = time.monotonic() + PATIENCE
        while "步均成立" not in (
            output := site.output.read_text(encoding="utf-8", errors="replace")
        ):
            assert "步不成立" not in output and time.monotonic() < until, output[-3000:]
            time.sleep(0.5)
        yield site
    finally:
        site.__exit__()
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="module")
def desks(demo: Installation) -> Iterator[dict[str, httpx.Client]]:
    """The people of the README's table, signed in."""
    password = re.search(
        r"password of all: (\S+)", (demo.folder / "run" / "demo-accounts").read_text()
    )
    assert password
    seated: dict[str, httpx.Client] = {}
    for user in re.findall(r"^\| `(\w+)`", README, re.M):
        client = httpx.Client(
            base_url=demo.url.rstrip("/"),
            trust_env=False,
            follow_redirects=True,
            timeout=30,
            headers={"Referer": demo.url},
        )
        token = re.search(
            r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/account/login/").text
        )
        assert token
        client.post(
            "/account/login/",
            data={"login": user, "password": password[1], "csrfmiddlewaretoken": token[1]},
        )
        seated[user] = client
    yield seated
    for client in seated.values():
        client.close()


@pytest.mark.slow
def test_each_promise_of_the_readme_is_kept(desks: dict[str, httpx.Client], demo: Installation):
    """By the table "sign in as … and look at …", row by row."""
    assert set(desks) == {
        "zj_operator",
        "mz_manager",
        "mz_operator",
        "sc_operator",
        "dsj_operator",
        "audit",
    }

    def shows(who: str, where: str, *words: str) -> None:
        page = desks[who].get(where)
        text = re.sub("</?mark>", "", page.text)
        assert page.status_code == 200 and not [word for word in words if word not in text], (
            who,
            where,
            [w for w in words if w not in text],
        )

    shows("zj_operator", "/catalog/?q=婚姻登记", "婚姻登记信息")
    shows("zj_operator", "/applications/", "婚姻登记信息")
    shows("zj_operator", "/grants/", "行政区划代码", "婚姻登记信息", "有效")
    shows("zj_operator", "/exchange/", "婚姻登记信息")
    system = re.search(r'href="(/systems/\d+/)"', desks["zj_operator"].get("/systems/").text)
    assert system
    shows("zj_operator", system[1], "公租房管理系统", "credentials/new")
    grants_page = desks["mz_manager"].get("/grants/?tab=given").text
    running = next(
        link
        for link in re.findall(r'href="(/grants/\d+/)"', grants_page)
        if "收回授权" in desks["mz_manager"].get(link).text
    )
    shows("mz_manager", running, "暂停授权")
    shows("mz_operator", "/compile/", "婚姻登记机关名录", "收养登记机关名录", "草稿")
    shows("mz_operator", "/compile/sources/", "民政局前置库")
    shows("mz_operator", "/mounts/", "婚姻登记信息", "行政区划代码")
    shows("sc_operator", "/compile/", "食品经营许可信息", "退回")
    assert "企业登记信息" not in desks["sc_operator"].get("/compile/").text
    sources = desks["sc_operator"].get("/compile/sources/").text
    assert "front_sc" not in sources
    assert "front_sc" in (demo.folder / "run" / "fronts.json").read_text()
    shows("dsj_operator", "/calls/", "已放行", "未获授权或授权已终止")
    shows("audit", "/audit/", "台账")
    shows("sc_operator", "/help/", "第二十二条")
    assert desks["sc_operator"].get("/api/docs").status_code == 200


def test_the_examples_of_the_gateway_work_in_the_demonstration(
    desks: dict[str, httpx.Client], demo: Installation
):
    grants = desks["zj_operator"].get("/grants/").text
    pages = (
        desks["zj_operator"].get(link).text for link in re.findall(r'href="(/grants/\d+/)"', grants)
    )
    code = next(
        match[1]
        for page in pages
        if "行政区划代码" in page and (match := re.search(r"/apis/([\w/.-]+)\?", page))
    )
    answers = []
    for credential in sorted((demo.folder / "run").glob("demo-credential-*")):
        client_id, _, secret = credential.read_text().strip().partition(" ")
        token = httpx.post(
            f"{demo.url}oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client_id, secret),
            trust_env=False,
        )
        answers.append(token.json()["access_token"])
    page = (REPOSITORY / "docs" / "api.md").read_text(encoding="utf-8")
    examples = [
        (line, status)
        for line, status in re.findall(r"^(curl .*?)\s+# (\d{3})$", page, re.M)
        if "$GATEWAY" in line
    ]
    assert answers and len(examples) == 3
    gateway = "http://" + (demo.folder / "run" / "gateway-address").read_text().strip()
    for line, status in examples:
        statuses = []
        for token in answers:  # one is Housing's, the other of the body whose grant has ended
            words = shlex.split(
                Template(line).substitute(ACCESS_TOKEN=token, GATEWAY=gateway, CODE=code)
            )
            headers = dict(word.split(": ", 1) for flag, word in pairwise(words) if flag == "-H")
            statuses.append(
                httpx.get(words[-1], headers=headers, trust_env=False, timeout=30).status_code
            )
        assert int(status) in statuses, (line, statuses)


def test_commands_look_at_the_running_demonstration(demo: Installation):
    """Beside it, under the same locale, with no other word than its folder; and every one of
    them in one line when that is another."""
    for words, text in (
        (["doctor"], "pages"),
        (["cases", "--as", "mz_manager"], "授权"),
        (["audit", "status"], "sealed"),
    ):
        result = subprocess.run(
            [sys.executable, "-m", "huitong.cli", *words],
            env=demo.environment,
            capture_output=True,
            timeout=120,
        )
        assert (
            text in result.stdout.decode("utf-8", "replace") and b"Traceback" not in result.stderr
        ), (words, result.stdout, result.stderr)
    elsewhere = demo.environment | {"HUITONG_DATA": str(demo.folder.parent / "elsewhere")}
    result = subprocess.run(
        [sys.executable, "-m", "huitong.cli", "cases", "--as", "mz_manager"],
        env=elsewhere,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (
        result.returncode == 1
        and len(result.stderr.splitlines()) == 1
        and "HUITONG_DATA" in result.stderr
    )


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder near the root: below a longer one no socket would fit, which is another test."""
    with tempfile.TemporaryDirectory(prefix="ht-", dir="/tmp") as folder:
        yield Path(folder)


def test_make_works_in_a_folder_with_a_space_and_chinese_characters(short_path: Path):
    """The Makefile, with an environment that is installed already: everything it runs finds its
    code."""
    folder = short_path / "政务 平台"
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(REPOSITORY / name, folder / name)
    (folder / "src").symlink_to(REPOSITORY / "src")
    (folder / "docs").mkdir()
    python = folder / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (folder / ".venv" / ".installed").touch()
    environment = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("HUITONG_", "PYTHON", "DJANGO_", "DATABASE_", "MAKE", "MFLAGS"))
    } | {"LC_ALL": "C", "LANG": "C", "HUITONG_DATA": str(folder / "数 据")}
    result = subprocess.run(
        ["make", "doctor", "ARGS=--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=120,
    )
    assert result.returncode in (0, 2) and result.stdout, (
        result.returncode,
        result.stderr.decode(),
    )
    findings = {finding["name"]: finding for finding in json.loads(result.stdout.decode())}
    assert findings["data folder"]["state"] == "good" and findings["Envoy"]["state"] == "good", (
        result.stdout.decode()
    )
    result = subprocess.run(
        ["make", "docs"], cwd=folder, env=environment, capture_output=True, timeout=120
    )
    assert result.returncode == 0, result.stderr.decode()
    for name in ("regulation.md", "procedures.md"):
        assert (folder / "docs" / name).read_bytes() == (REPOSITORY / "docs" / name).read_bytes()


def test_a_path_no_socket_can_have_is_said_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv(
        "HUITONG_DATA", str(tmp_path / "政务数据共享交换平台" / "数据共享" / "汇通平台")
    )
    assert main(["up"]) == 1
    output = capsys.readouterr().err
    assert len(output.splitlines()) == 1 and "too long" in output and "HUITONG_DATA" in output
