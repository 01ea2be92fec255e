"""Under which law a refusal within a step is made: that of its case (A36).

The body of a step serves every law it stands in; what it refuses names the first law's article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from huitong.kernel.doing.registry import PROCEDURES, Verb
from huitong.kernel.laws import HOME
from huitong.kernel.procedure import Problem


@contextmanager
def citing(verb: Verb, law: Callable[[], str]) -> Iterator[None]:
    """Let what is refused within this step of a case under this law cite that law."""
    try:
        yield
    except Problem as refusal:
        tables = PROCEDURES[verb.tables[0].kind]
        if refusal.article and HOME in tables and len(tables) > 1:
            own = tables.get(law(), tables[HOME])
            refusal.article = own.recite(refusal.article, verb.verb, tables[HOME])
        raise
