"""Words that mean the same to somebody who searches (A20): groups the bureau keeps, the first ones
shipped in `data/synonyms.csv`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from huitong.catalog.rules.finding import BETWEEN, folded, simplified

#: each word with the others of its groups
Synonyms = Mapping[str, tuple[str, ...]]
#: words of one group, and characters of one word: whoever writes more means something else
MOST_WORDS, LONGEST_WORD = 12, 20


def words_of_group(text: str) -> tuple[str, ...]:
    """The words of a group as they are compared, in simplified characters, each once.

    >>> words_of_group("社保、社会保险 五险")
    ('社保', '社会保险', '五险')
    """
    return tuple(dict.fromkeys(word for word in BETWEEN.split(simplified(folded(text))) if word))


def fault_of(text: str) -> str:
    """Why these words are no group; empty where they are one."""
    words = words_of_group(text)
    if len(words) < 2:
        return "至少写两个意思相同的词，用空格或顿号分开"
    if len(words) > MOST_WORDS:
        return f"一组最多 {MOST_WORDS} 个词"
    if long := next((word for word in words if len(word) > LONGEST_WORD), ""):
        return f"“{long}”过长，每个词最多 {LONGEST_WORD} 个字"
    if short := next((word for word in words if len(word) < 2), ""):
        return f"“{short}”只有一个字，到处都有，请写完整的词"
    return ""


def is_word(text: str) -> bool:
    """Whether a question can be a word of a group: one word, and not too long."""
    return len(words_of_group(text)) == 1 and 2 <= len(text) <= LONGEST_WORD


def synonyms_of(groups: Iterable[str]) -> Synonyms:
    """Each word with the others of all its groups."""
    others: dict[str, dict[str, None]] = {}
    for group in groups:
        words = words_of_group(group)
        for word in words:
            others.setdefault(word, {}).update(dict.fromkeys(w for w in words if w != word))
    return {word: tuple(rest) for word, rest in others.items()}
