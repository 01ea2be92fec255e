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
    """Let what is refused within this step of a case under this law cite that law.

    The law is asked for only where it decides the article: what rests on a rule beside the
    procedures (A3: no secrets) is refused before anything is asked of the database.
    """
    try:
        yield
    except Problem as refusal:
        tables = PROCEDURES[verb.tables[0].kind]
        if refusal.article and (first := tables.get(HOME)):
            articles = {
                code: table.recite(refusal.article, verb.verb, first)
                for code, table in tables.items()
            }
            if set(articles.values()) != {refusal.article}:
                refusal.article = articles.get(law(), refusal.article)
        raise
