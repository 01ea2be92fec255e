"""What an evidence package holds of an application beside its own acts: its form with all that was
done to it, and its papers (A34)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Q

from huitong.access.models import Application, Form, Grant
from huitong.kernel.case import Case
from huitong.work import queries as work


def application_behind(case: Case) -> Application | None:
    """The application a case is about, be it its own case or that of the grant that came of it."""
    return (
        Application.objects.select_related("form__scan", "form__printed")
        .filter(Q(case=case) | Q(grant__case=case))
        .first()
    )


def written_about(case: Case) -> Iterator[tuple[str, str]]:
    """Objects whose acts belong to the evidence: the form with all that was done to it, the
    application, every paper."""
    if (application := application_behind(case)) is not None:
        yield Form._meta.label_lower, str(application.form_id)
        yield Application._meta.label_lower, str(application.pk)
        yield Case._meta.label_lower, str(application.case_id)
        for _, paper in work.papers_handed_in(application.form, _cases(application)):
            yield paper._meta.label_lower, str(paper.pk)


def papers_of(case: Case) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The papers as files, and the list of them."""
    if (application := application_behind(case)) is not None:
        yield from work.paper_files(application.form, _cases(application))


def _cases(application: Application) -> list[int]:
    """The application's case and that of its grant."""
    grants = Grant.objects.filter(application=application).values_list("case", flat=True)
    return [application.case_id, *grants]
