"""The text of the laws whose articles are cited (A35)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from huitong.kernel.laws import LAWS, Citation, citation


@dataclass(frozen=True)
class Article:
    """An article: where it stands, and its paragraphs; none while the text is not at hand."""

    cited: Citation
    chapter: str = ""
    paragraphs: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        return self.cited.short

    @property
    def beginning(self) -> str:
        """The first words, for lists."""
        first = "".join(self.paragraphs[:1])
        return first if len(first) <= BEGINNING else f"{first[:BEGINNING]}…"


#: so many characters are the beginning of an article
BEGINNING = 40


def _articles() -> dict[str, Article]:
    # a text has lines of its own within a cell
    path = Path(__file__).parents[1] / "data" / "articles.csv"
    text = path.read_text(encoding="utf-8")
    articles = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        short = f"{LAWS[row['law']].mark}{row['article']}"
        articles[short] = Article(citation(short), row["chapter"], tuple(row["text"].splitlines()))
    return articles


#: by short citation, in the order of the laws
ARTICLES: Mapping[str, Article] = _articles()


def article(short: str) -> Article:
    """The article a short citation names, or its law as a whole. Raises `ValueError` where it
    cites no law."""
    return ARTICLES.get(short) or Article(citation(short))
