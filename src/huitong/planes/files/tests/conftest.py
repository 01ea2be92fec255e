"""A grant that hands out a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.sharing import Sharing


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> None:
    """A folder of each test's own: files are named by their content, and some tests spoil them."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def grant(sharing: Sharing) -> Any:
    """The file of Civil Affairs, granted to Housing."""
    return sharing.granted(sharing.mount("marriage", "file"))
