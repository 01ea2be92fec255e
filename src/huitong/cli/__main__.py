"""``python -m huitong.cli``."""

import locale
import os
import sys

from huitong.cli import main

if not sys.flags.utf8_mode and {
    sys.getfilesystemencoding().lower(),
    locale.getpreferredencoding(False).lower(),
} != {"utf-8"}:
    # paths, settings and files of ours are UTF-8 whatever the terminal's locale says (PEP 540):
    # begin again so
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, "-m", "huitong.cli", *sys.argv[1:]])  # noqa: S606

sys.exit(main())
