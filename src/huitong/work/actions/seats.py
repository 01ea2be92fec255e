"""Whose the acts beside the steps of a case are."""

from __future__ import annotations

from huitong.kernel.actor import BODY, Post

#: whoever holds a post in a body; and those who do its business
EVERYBODY = tuple(BODY(post) for post in Post)
BUSINESS = (BODY(Post.OPERATOR), BODY(Post.MANAGER))
