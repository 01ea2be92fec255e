"""Settings of the product as the tests load them: a data folder of their own, and the quick
choices settings allow tests."""

import atexit
import os
import shutil
import tempfile

# workers of xdist inherit the folder of the process that started them
if "HUITONG_TESTING" not in os.environ:
    _folder = tempfile.mkdtemp(prefix="huitong-tests-")
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    os.environ["HUITONG_DATA"] = _folder
    os.environ["HUITONG_TESTING"] = "1"
    os.environ["HUITONG_SECOND_FACTOR"] = "optional"  # the tests of signing in require it
    # procedures of two files each, see tests/journeys/test_toy_*.py
    os.environ.setdefault(
        "HUITONG_CONTEXTS",
        "tests.toy,tests.toys.consultation,tests.toys.change,tests.toys.campaign",
    )
    for _name in ("DATABASE_URL", "DATABASE_OWNER_URL", "HUITONG_AS_OWNER"):
        os.environ.pop(_name, None)  # never the caller's real database

from huitong.settings import *  # noqa: F403
