"""Setting one's own drafts aside and bringing them back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from huitong.kernel.requests import Request
from huitong.ui.addresses import inside
from huitong.work import actions


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """Set a draft aside: no question beforehand, for it can be brought back."""
    row = actions.delete_draft(request.actor, pk=pk)
    messages.success(request, f"已删除草稿“{row.title}”，可在“最近删除”中恢复。")
    return _back(request)


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    """Bring a draft back."""
    row = actions.restore_draft(request.actor, pk=pk)
    messages.success(request, f"已恢复草稿“{row.title}”。")
    return _back(request)


def _back(request: Request) -> HttpResponse:
    return redirect(inside(request, request.POST.get("next", "")) or "portal:home")
