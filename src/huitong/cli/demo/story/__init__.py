"""The story `make demo` plays: the platform's main job from a scan to a proof, on the running
platform (A3, A7-A23, A26-A30, A34)."""

from pathlib import Path


def tell(data: Path) -> int:
    """Tell it all; 0 only if every step held."""
    from huitong.cli.demo.fronts import fronts
    from huitong.cli.demo.story import applying, arriving, calling, cataloging, mounting, proving
    from huitong.cli.demo.story.telling import Broken, Telling
    from huitong.kernel import doing
    from huitong.kernel.procedure import Problem

    doing.load()
    t = Telling(data)
    try:
        servers = {front.dbname: front for front in fronts(data / "run" / "fronts.json")}
        made = cataloging.tell(t, servers)
        mounting.mount(t, made, servers["front_mz"])
        shares = applying.apply(t, made, servers["front_zj"])
        t.once("接口调用", lambda: calling.tell(t, made, shares))
        t.once("到期关闭", lambda: calling.outlive(t, made, shares))
        t.once(
            "库表送达", lambda: arriving.rows(t, shares, servers["front_mz"], servers["front_zj"])
        )
        t.once("文件下载", lambda: arriving.file(t, shares))
        t.once("收回授权", lambda: calling.revoke(t, made, shares))
        proving.tell(t, shares)
    except (Broken, Problem) as no:
        t.say(
            f"\n!! 第 {t.steps + 1} 步不成立：{no}"
            + (f" {no.as_body()}" if isinstance(no, Problem) else "")
        )
        return 1
    t.end()
    return 0
