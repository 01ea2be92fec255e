"""The story `make demo` plays: the platform's main job from a scan to a proof, on the running
platform (A3, A7-A30, A34)."""

from pathlib import Path


def play(data: Path) -> int:
    """Play all of it. Returns 0 only if every step held."""
    from huitong.cli.demo.fronts import fronts
    from huitong.cli.demo.story import (
        applying,
        arriving,
        calling,
        cataloging,
        differing,
        issuing,
        mounting,
        proving,
    )
    from huitong.cli.demo.story.play import Broken, Story
    from huitong.kernel import doing
    from huitong.kernel.procedure import Problem

    doing.load()
    story = Story(data)
    try:
        servers = {front.dbname: front for front in fronts(data / "run" / "fronts.json")}
        issuing.play(story)
        resources = cataloging.play(story, servers)
        mounting.mount(story, resources, servers["front_mz"])
        shares = applying.apply(story, resources, servers["front_zj"])
        story.once("接口调用", lambda: calling.play(story, resources, shares))
        story.once("到期关闭", lambda: calling.outlive(story, resources, shares))
        story.once(
            "库表送达",
            lambda: arriving.rows(story, shares, servers["front_mz"], servers["front_zj"]),
        )
        story.once("文件下载", lambda: arriving.file(story, shares))
        story.once("收回授权", lambda: calling.revoke(story, resources, shares))
        differing.play(story, shares, servers["front_mz"], servers["front_zj"])
        proving.play(story, shares)
    except (Broken, Problem) as no:
        story.say(
            f"\n!! 第 {story.steps + 1} 步不成立：{no}"
            + (f" {no.as_body()}" if isinstance(no, Problem) else "")
        )
        return 1
    story.end()
    return 0
