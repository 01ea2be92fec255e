"""Fetch the vendored front-end packages and rebuild what is made from them: `make css`.

Needs npm and the development dependency libsass; running the platform needs neither.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOM = Path(__file__).resolve().parent
VENDOR = ROOM / "static" / "vendor"
RECORD = VENDOR / "VENDOR.toml"
SOURCE_MAP = re.compile(rb"\n?(?://# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$")


def main() -> None:
    """Write every vendored file and bring its recorded hash up to date."""
    record = tomllib.loads(RECORD.read_text("utf-8"))
    hashes: dict[tuple[str, str], str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for package in record["package"]:
            unpacked = fetch(package, Path(folder))
            for file in package["files"]:
                content = compiled(file, package, unpacked)
                (VENDOR / file["name"]).write_bytes(content)
                hashes[file["name"], "sha256"] = hashlib.sha256(content).hexdigest()
                if "scss" in file:
                    hashes[file["name"], "scss_sha256"] = hashlib.sha256(
                        (ROOM / file["scss"]).read_bytes()
                    ).hexdigest()
                print(f"{file['name']}: {len(content) // 1024} KB")
    RECORD.write_text(with_hashes(RECORD.read_text("utf-8"), hashes), "utf-8")


def fetch(package: dict[str, Any], folder: Path) -> Path:
    """The unpacked tarball of exactly the recorded version and hash."""
    name = f"{package['name']}@{package['version']}"
    packed = subprocess.run(
        ["npm", "pack", "--silent", name], cwd=folder, check=True, capture_output=True, text=True
    )
    tarball = folder / packed.stdout.strip().splitlines()[-1]
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    if digest != package["tarball"]:
        raise SystemExit(
            f"{name}: the tarball's sha256 is {digest}, recorded is {package['tarball']}"
        )
    target = folder / tarball.stem
    target.mkdir()
    subprocess.run(["tar", "-xzf", tarball, "-C", target], check=True)
    return target / "package"


def compiled(file: dict[str, Any], package: dict[str, Any], unpacked: Path) -> bytes:
    """One committed file: copied, compiled from SCSS, or put together from icons."""
    if "icons" in file:
        return sprite(unpacked / file["from"], file["icons"])
    if "scss" in file:
        import sass

        css = sass.compile(
            filename=str(ROOM / file["scss"]),
            include_paths=[str(unpacked / file["from"])],
            output_style="compressed",
        )
        return (
            f"/*! {package['name']} {package['version']}, {package['licence']} */\n" + css
        ).encode()
    return SOURCE_MAP.sub(b"\n", (unpacked / file["from"]).read_bytes())


def sprite(folder: Path, names: list[str]) -> bytes:
    """One SVG of symbols: `<svg class="icon"><use href="…/icons.svg#bell"/></svg>`."""
    symbols = [symbol(name, (folder / f"{name}.svg").read_text("utf-8")) for name in sorted(names)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    ).encode()


def symbol(name: str, svg: str) -> str:
    inner = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    shapes = [
        line.strip()
        for line in inner.splitlines()
        if line.strip() and 'd="M0 0h24v24H0z"' not in line
    ]
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>'


def with_hashes(text: str, hashes: dict[tuple[str, str], str]) -> str:
    """The record with each file's sha256 brought up to date, comments and order kept."""
    for (name, key), digest in hashes.items():
        line = rf'(name = "{re.escape(name)}"\n(?:\w+ = "[^"]*"\n)*?{key} = )"[0-9a-f]*"'
        text, count = re.subn(line, rf'\1"{digest}"', text)
        if not count:
            raise SystemExit(f"VENDOR.toml has no line {key} below the name {name}")
    return text


if __name__ == "__main__":
    main()
