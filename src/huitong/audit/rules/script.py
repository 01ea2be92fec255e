"""The verifier as one script, for whoever receives an evidence package: the modules of these
rules, one after the other."""

from __future__ import annotations

import ast
from importlib import resources

NAME = "verify_huitong.py"
PARTS = (
    "suites",
    "tree",
    "ed25519",
    "note",
    "archive",
    "sources",
    "findings",
    "offline",
    "verifying",
)

HEAD = '''#!/usr/bin/env python3
"""离线核验汇通台账导出文件或证据包。只需 Python 3.11 及以上，无须联网，无须安装其他软件。

用法：python3 verify_huitong.py 证据包.zip --checkpoint 外存检查点文件 --key 另行取得的公钥文件
      检查点与证据包条数不同、提示未能比对时，另加  --proof 从平台 /checkpoint/consistency 取得的一致性证明文件
退出码：0 未发现改动，1 有问题，2 文件无法读取，3 有检查点未能比对。
"""

from __future__ import annotations
'''

TAIL = """

if __name__ == "__main__":
    raise SystemExit(main())
"""


def script() -> str:
    """Source of the stand-alone verifier. It is the very code the platform runs, only joined."""
    folder = resources.files("huitong.audit.rules")
    return (
        HEAD
        + "".join(
            _body((folder / f"{part}.py").read_text(encoding="utf-8"), part) for part in PARTS
        )
        + TAIL
    )


def _body(source: str, part: str) -> str:
    """A module without its docstring and without the imports of its siblings."""
    lines = source.splitlines(keepends=True)
    for index, node in enumerate(ast.parse(source).body):
        docstring = index == 0 and isinstance(node, ast.Expr)
        sibling = isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            ("huitong.", "__future__")
        )
        if docstring or sibling:
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return f"\n\n# {'-' * 20} {part} {'-' * 20}\n" + "".join(lines).lstrip("\n")
