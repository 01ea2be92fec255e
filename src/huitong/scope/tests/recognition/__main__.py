"""``python -m huitong.scope.tests.recognition``: precision and recall of both halves."""

from huitong.scope.tests.recognition import table

for half in ("tune", "held"):
    print(f"{half}\n\n{table(half)}\n")
