"""Whether what the manifests and tables say in words leads somewhere: addresses, templates, verbs,
papers."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import NoReverseMatch

from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import MANIFESTS, Manifest


def verify() -> None:
    """Check what a manifest can only say in words. Raises `ImproperlyConfigured` naming every
    address, template and verb that does not exist."""
    wrong = [
        f"{manifest.context}.manifest: {fault}"
        for manifest in MANIFESTS.values()
        for fault in faults_of(manifest)
    ]
    if wrong := [*wrong, *_faults_of_papers()]:
        raise ImproperlyConfigured("\n".join(wrong))


def faults_of(manifest: Manifest) -> Iterator[str]:
    """What of a manifest leads nowhere."""
    pages = [line.page for line in manifest.menu]
    for case in manifest.cases:
        pages += [page for page in case.openings.values() if page]
        if case.kind not in doing.PROCEDURES:
            yield f"no procedure moves cases of the kind {case.kind!r}"
        for verb in case.openings:
            opening = doing.VERBS.get(f"{case.kind}.{verb}")
            if opening is None or not opening.opening:
                yield f"{case.kind}.{verb} opens no case"
        if bool(case.template) != (case.facts is not None):
            yield f"the page of {case.kind!r} needs both a template and its facts, or neither"
        if case.template and not _template_exists(case.template):
            yield f"there is no template {case.template!r}"
    for name in manifest.acts:
        if name not in doing.VERBS or doing.VERBS[name].is_step:
            yield f"there is no recorded verb {name!r}"
    pages += manifest.acts.values()
    yield from (f"there is no address named {page!r}" for page in pages if not _page_exists(page))


def _faults_of_papers() -> Iterator[str]:
    """Steps that reopen a paper which loses nothing by it."""
    for kind, tables in doing.PROCEDURES.items():
        for row in (row for table in tables.values() for row in table.steps if row.reopens):
            if row.reopens not in doing.REOPENERS and not row.forgets:
                yield (
                    f"{kind}.{row.verb} reopens {row.reopens!r}: "
                    "name what it loses, by forgets= or @reopener"
                )


def _page_exists(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def _template_exists(name: str) -> bool:
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    return True
