"""The WSGI application of the shaping service, for the server's worker; HUITONG_SHAPING_PLACE names
its folder."""

from __future__ import annotations

import os
from pathlib import Path

from huitong.planes.gateway.engine.shaping import Service

application = Service(Path(os.environ["HUITONG_SHAPING_PLACE"]))
