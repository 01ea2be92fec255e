"""Chapter four: calls through the gateway, allowed and denied (A28, A30)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from huitong.catalog import queries as catalog
from huitong.cli.demo.story.applying import short_application
from huitong.cli.demo.story.cataloging import Resources
from huitong.cli.demo.story.deciding import Shares
from huitong.cli.demo.story.play import Story
from huitong.cli.processes import leftovers, write_private
from huitong.kernel.workdays import SHANGHAI

#: seconds the short grant lives
LIFE = 12


def play(story: Story, published: Resources, shares: Shares) -> None:
    story.chapter("四、接口：经网关调用（第二十八条、第三十条）")
    housing, stranger = (
        credential(story, "zj_operator", shares.system["housing"]),
        credential(story, "ty_operator", shares.system["stranger"]),
    )
    story.report(
        "A28",
        story.who("zj_operator"),
        "为“公租房管理系统”生成凭证",
        "密钥只显示一次，平台只存摘要",
    )
    marriage = path_of(story, published.entry["marriage"])
    story.until(
        "网关放行已授权的调用",
        lambda: True if call(story, marriage, housing).status_code == 200 else None,
    )
    answer = story.until("取得数据", lambda: _good(call(story, marriage, housing, limit=3)))
    row = answer["items"][0]
    story.check("mobile" not in row and "registrar" not in row, "只应返回授权的信息项")
    story.check("*" in row["male_name"] and "*" in row["male_id_number"], "姓名和身份证号应脱敏")
    story.check(
        all(r["registrar_division"].startswith("3206") for r in answer["items"]),
        "只应返回南通的记录",
    )
    story.report(
        "A30",
        "公租房管理系统",
        f"以 OAuth 2.0 令牌经 Envoy 调用 {marriage}",
        f"200，{len(row)} 个授权信息项，姓名和身份证号已脱敏：{'　'.join(map(str, row.values()))}",
    )
    expect(
        story,
        "A28",
        "体育场馆预约系统（未获授权）",
        "调用同一接口",
        lambda: call(story, marriage, stranger).status_code,
        403,
    )
    expect(
        story,
        "A28",
        "未带令牌者",
        "调用同一接口",
        lambda: call(story, marriage, None).status_code,
        401,
    )
    masked = call(story, marriage, housing, male_id_number="320602199001010011")
    story.check(masked.status_code == 422, "不得按脱敏的信息项查询")
    story.report(
        "A30", "公租房管理系统", "按未授权明文的身份证号查询", f"422，{masked.json()['detail']}"
    )


def revoke(story: Story, published: Resources, shares: Shares) -> None:
    housing = credential(story, "zj_operator", shares.system["housing"])
    marriage = path_of(story, published.entry["marriage"])
    story.do(
        "mz_manager",
        "grant.revoke",
        {"ground": "duty_failed", "reasons": "演示：使用部门未落实日志审计要求"},
        case=shares.grant_case["marriage-api"],
        key="revoke",
    )
    start = time.monotonic()
    story.until(
        "收回后网关拒绝",
        lambda: True if call(story, marriage, housing).status_code == 403 else None,
        every=0.02,
    )
    took = time.monotonic() - start
    story.report(
        "A28",
        story.who("mz_manager"),
        "收回“婚姻登记信息”接口授权",
        f"{took:.2f} 秒内调用即被拒绝（403）",
    )


def outlive(story: Story, published: Resources, shares: Shares) -> None:
    """Show that Envoy itself closes a grant after its end, with every Python process of the
    platform stopped."""
    case = short_application(story, published, shares)
    grant = story.act(
        "A23",
        "dsj_manager",
        f"平台授权体育局使用“行政区划代码”，只有 {LIFE} 秒",
        "application.grant",
        _short,
        case=case,
    ).entry.after
    end = datetime.combine(
        date.fromisoformat(grant["valid_to"]), time_of_day.fromisoformat(grant["until"]), SHANGHAI
    )
    stranger, path = (
        credential(story, "ty_operator", shares.system["stranger"]),
        path_of(story, published.entry["division"]),
    )
    bearer = {"Authorization": f"Bearer {token(story, stranger)}"}

    def status() -> int:
        return httpx.get(
            f"{settings.GATEWAY_URL}{path}",
            params={"limit": 1},
            headers=bearer,
            timeout=20,
            trust_env=False,
        ).status_code

    if datetime.now(SHANGHAI) < end - timedelta(seconds=1):
        story.until(
            "到期前可以调用",
            lambda: True if status() == 200 or datetime.now(SHANGHAI) > end else None,
        )

    def afterwards() -> tuple[int, int]:
        with standing_still(story.data) as stopped:
            while datetime.now(SHANGHAI) <= end:
                time.sleep(0.1)
            return status(), len(stopped)

    # Envoy itself may be killed then, and nobody could start it again: once more
    code, stopped = story.retry(afterwards)
    story.check(code == 403, f"到期后应为 403，实为 {code}")
    story.report(
        "A26",
        "Envoy 网关",
        f"授权到期，平台全部 {stopped} 个 Python 进程已停住，再次调用",
        "403，由网关自己的时钟关闭",
    )


def _short() -> dict[str, Any]:
    end = datetime.now(SHANGHAI) + timedelta(seconds=LIFE)
    return {
        "valid_to": end.date(),
        "until": end.time().replace(microsecond=0, tzinfo=None),
        "opinion": "短期试用",
        "ground": "more_than_needed",
        "cites": "使用期限",
        "reasons": "试用只需几分钟，期限相应缩短。",
    }


@contextlib.contextmanager
def standing_still(data: Path) -> Iterator[list[int]]:
    """Stop every Python process of the installation but the one that plays the story; they go on
    afterwards."""
    processes = python_processes(data)
    # the pipe's end is seen the moment this process is gone, kill -9 included
    waker = subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; kill -CONT "$@"', "sh", *map(str, processes)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={},
    )
    try:
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        yield processes
    finally:
        waker.communicate()


def python_processes(data: Path) -> list[int]:
    """The Python processes of this installation, the supervisor included, the one telling the
    story not."""
    supervisor = int((data / "run" / "supervisor.lock").read_text())
    return [
        supervisor,
        *(
            pid
            for pid in leftovers(data)
            if pid not in (supervisor, os.getpid()) and _is_python(pid)
        ),
    ]


def _is_python(pid: int) -> bool:
    try:
        program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()
    except OSError:
        return False
    # the name alone: Envoy lies in a folder of Python's
    return Path(program).name.startswith("python")


def credential(story: Story, who: str, system: int) -> tuple[str, str]:
    """Return client id and secret. A file beside the other secrets of the demonstration holds them:
    the platform shows a secret only once."""
    file = story.data / "run" / f"demo-credential-{system}"
    if file.exists():
        client, _, secret = file.read_text().strip().partition(" ")
        return client, secret
    issued = story.do(
        who,
        "access.issue_credential",
        {"system": system, "label": "演示"},
        key=f"credential-{system}-{os.getpid()}",
    ).result
    write_private(file, f"{issued['client_id']} {issued['client_secret']}")
    return issued["client_id"], issued["client_secret"]


def token(story: Story, client: tuple[str, str]) -> str:
    answer = story.ask(
        lambda: httpx.post(
            f"{settings.PUBLIC_URL}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=client,
            timeout=20,
            trust_env=False,
        )
    )
    story.check(answer.status_code == 200, f"应取得令牌：{answer.status_code} {answer.text[:200]}")
    return str(answer.json()["access_token"])


def call(story: Story, path: str, client: tuple[str, str] | None, **query: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token(story, client)}"} if client else {}
    return story.ask(
        lambda: httpx.get(
            f"{settings.GATEWAY_URL}{path}",
            params=query,
            headers=headers,
            timeout=20,
            trust_env=False,
        )
    )


def expect(story: Story, article: str, who: str, text: str, act: Any, status: int) -> None:
    code = act()
    story.check(code == status, f"{who}{text}：应为 {status}，实为 {code}")
    story.report(article, who, text, f"{code}，已拒绝")


def path_of(story: Story, entry: int) -> str:
    from huitong.kernel.actor import Actor

    return f"/apis/{story.retry(lambda: catalog.entry_for(Actor.system('演示'), entry).code)}"


def _good(answer: httpx.Response) -> Any:
    return answer.json() if answer.status_code == 200 else None
