"""The print of a stamped form: typeset from what was fixed, or read as it was kept (A20, A24)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from datetime import timezone as timezone_of
from typing import Any

from django.conf import settings

from huitong.kernel.workdays import SHANGHAI
from huitong.ui import pdf
from huitong.work.queries.files import path_of
from huitong.work.rules.stamped import FormKind, Print, StampedForm


def city_of_forms() -> str:
    """The city in a form's title: the site's name up to its 市."""
    name: str = settings.SITE_NAME
    return name[: name.find("市") + 1] if "市" in name else ""


def print_of(kind: FormKind, form: StampedForm) -> Print:
    """What names the form's last print."""
    return Print(kind, form.pk, form.number or "", form.version, form.printed_hash)


def typeset(kind: FormKind, form: StampedForm, content: Mapping[str, Any]) -> bytes:
    """The PDF of what was fixed as the form's last print, made now."""
    at: datetime = form.printed_at  # type: ignore[assignment]
    # typst wants a fixed offset
    local = at.astimezone(timezone_of(SHANGHAI.utcoffset(at.replace(tzinfo=None)) or timedelta()))
    filled = dict(content) | {
        "version": form.version,
        "printed_at": f"{local:%Y-%m-%d %H:%M}",
        "fingerprint": form.printed_hash,
        "qr": pdf.qr_svg(print_of(kind, form).code(settings.PUBLIC_URL)),
    }
    made_at = local.replace(microsecond=0)
    return pdf.render(kind.template, filled, made_at=made_at, fonts=settings.FONTS)


def printed_matter(kind: FormKind, form: StampedForm, content: Mapping[str, Any]) -> bytes:
    """The very PDF that was printed last."""
    if form.printed is not None and (path := path_of(form.printed)).is_file():
        return path.read_bytes()
    return typeset(kind, form, form.printed_content or content)  # printed before prints were kept
