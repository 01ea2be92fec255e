"""The command line and everything that runs the product: database, supervisor, parts, doctor.

A command is a module of `huitong.cli.commands`: its name is the file's, its help the docstring's
first line, its options `arguments(parser)`, its work `run(options) -> exit code`. No list of
commands is kept elsewhere.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

OLDEST = (3, 11)
#: commands that look at an installation or act in it, and never begin one: they find a
#: demonstration by themselves
LOOKING = {"admin", "audit", "cases", "catalog", "demands", "do", "doctor", "intake"}
#: names of older versions, for scripts that use them
ALIASES = {"found": "init"}


def names() -> list[str]:
    """The names of all commands, one per file."""
    folder = Path(__file__).parent / "commands"
    return sorted(module.name for module in pkgutil.iter_modules([str(folder)]))


def parser_for(name: str) -> argparse.ArgumentParser:
    """The parser of one command. Only this command's module is imported."""
    module = import_module(f"huitong.cli.commands.{name}")
    parser = argparse.ArgumentParser(prog=f"huitong {name}", description=module.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    module.arguments(parser)
    parser.set_defaults(run=module.run)
    return parser


def overview() -> str:
    """The text of ``huitong`` and ``huitong --help``."""
    lines = [
        (
            "huitong (汇通): government data sharing and exchange. `huitong <command> --help` says"
            " more."
        ),
        "",
    ]
    for name in names():
        doc = import_module(f"huitong.cli.commands.{name}").__doc__ or ""
        lines.append(f"  {name:<12} {doc.splitlines()[0]}")
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Foreseen failures are one sentence, not a
    traceback."""
    if sys.version_info < OLDEST:
        print(
            f"huitong: this is Python {sys.version.split()[0]}, and {'.'.join(map(str, OLDEST))} or"
            " newer is needed. On Debian or Ubuntu: apt-get install python3 python3-venv, then"
            " `make install`",
            file=sys.stderr,
        )
        return 1
    from huitong.audit.rules.sources import any_terminal

    any_terminal()
    # whatever we and our parts write is ours alone; what others are to read is copied for them
    os.umask(0o077)
    words = list(sys.argv[1:] if words is None else words)
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    if words[0] == "--version":
        from huitong import __version__

        print(__version__)
        return 0
    words[0] = ALIASES.get(words[0], words[0])
    if words[0] not in names():
        print(
            f"huitong: there is no command {words[0]!r}. There are: {', '.join(names())}",
            file=sys.stderr,
        )
        return 2
    options = parser_for(words[0]).parse_args(words[1:])
    from huitong.cli.processes import CannotRun, WrongSetting

    try:
        if words[0] in LOOKING:
            from huitong.cli.place import use_demonstration

            use_demonstration()
        return int(options.run(options) or 0)
    except WrongSetting as error:
        print(f"huitong: {error}", file=sys.stderr)
        return 2
    except CannotRun as error:
        print(f"huitong: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `huitong … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
