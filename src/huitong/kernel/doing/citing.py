"""Under which law a refusal within a step is made, or an act that is part of one: that of its case
(A36).

The body of a step serves every law it stands in; what it refuses names the first law's article, and
so does a recorded act that prepares a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.utils import timezone

from huitong.kernel.doing.registry import PROCEDURES, Verb, procedure_now
from huitong.kernel.laws import HOME
from huitong.kernel.procedure import Problem
from huitong.kernel.workdays import day_of


@contextmanager
def citing(verb: Verb, law: Callable[[], str]) -> Iterator[None]:
    """Let what is refused within this step of a case under this law cite that law.

    The law is asked for only where it decides the article: what rests on a rule beside the
    procedures (A3: no secrets) is refused before anything is asked of the database.
    """
    try:
        yield
    except Problem as refusal:
        refusal.article = cited(refusal.article, verb, law)
        raise


def cited(article: str, verb: Verb, law: Callable[[], str]) -> str:
    """What stands for an article of the first law in a step of a case under this law; what is no
    step cites as it does."""
    tables = PROCEDURES[verb.tables[0].kind] if verb.is_step else {}
    if article and (first := tables.get(HOME)):
        articles = {code: table.recite(article, verb.verb, first) for code, table in tables.items()}
        if set(articles.values()) != {article}:
            return articles.get(law(), article)
    return article


def law_now(verb: Verb) -> str:
    """The law of a case in which this step would be taken, were it opened today."""
    return procedure_now(verb.tables[0].kind, day_of(timezone.now())).law
