"""Tabs above the lists of one room."""

from __future__ import annotations

from huitong.ui.lists import tabs


def test_each_list_has_its_address_and_one_is_open() -> None:
    labels = {"mine": "本部门的", "drafts": "我的草稿"}
    assert tabs("/grants/", labels, "mine", drafts="/drafts/", unused="/unused/") == [
        {"label": "本部门的", "url": "/grants/?tab=mine", "active": True},
        {"label": "我的草稿", "url": "/drafts/", "active": False},
    ]
