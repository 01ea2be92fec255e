"""``python -m huitong.cli``."""

import sys

from huitong.cli import main

sys.exit(main())
