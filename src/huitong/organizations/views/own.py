"""One's own page: profile, body, tokens, deputies, second factor."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from huitong.kernel.actor import Post
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.organizations import queries
from huitong.organizations.rules import ADMINISTRATORS, LENDABLE, masked_mobile
from huitong.ui.addresses import inside


@require_safe
def me(request: Request) -> HttpResponse:
    """Who I am here, in which body I act, what I have lent and been lent, my tokens."""
    actor = request.actor
    person = queries.person_for(actor, actor.person or 0)
    postings = queries.postings_visible_to(actor)
    return render(
        request,
        "organizations/me.html",
        {
            "person": person,
            "mobile": masked_mobile(person.mobile),
            "bodies": queries.bodies_of(person),
            "acting": actor.body,
            "postings": postings.filter(person=person, deputy_of=None),
            "borrowed": postings.filter(person=person).exclude(deputy_of=None),
            "lent": postings.filter(deputy_of=person),
            "tokens": queries.tokens_visible_to(actor).filter(person=person),
            "may_lend": bool(LENDABLE & actor.posts),
            "team_lent": (
                postings.filter(body=actor.body).exclude(deputy_of=None).exclude(deputy_of=person)
                if actor.has(Post.MANAGER)
                else ()
            ),
            "may_have_tokens": actor.body is not None and not ADMINISTRATORS & actor.posts,
            "second_factor": queries.has_second_factor(person.pk),
            "crumbs": [("个人设置", "")],
        },
    )


@require_POST
def switch_body(request: Request) -> HttpResponse:
    """Act for another of one's bodies from now on."""
    key = request.POST.get("body", "")
    body = next((b for b in queries.bodies_of(request.user) if str(b.pk) == key), None)
    if body is None:
        raise NotVisible("该机构")
    request.session[queries.ACTING_BODY] = body.pk
    messages.success(request, f"现在以“{body.short_name}”的身份办理。")
    return redirect(inside(request, request.POST.get("next", "")) or "organizations:me")
