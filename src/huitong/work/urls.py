"""Addresses of the workbench, of every case, of every verb."""

from django.urls import path

from huitong.work.views import (
    cases,
    choices,
    drafts,
    files,
    keeping,
    limits,
    lists,
    notices,
    record,
    turn,
    undoing,
)

app_name = "work"
urlpatterns = [
    path("todo/", lists.todo, name="todo"),
    path("lists/keep/", keeping.keep, name="keep"),
    path("limits/", limits.limits, name="limits"),
    path("cases/open/", cases.openings, name="openings"),
    path("cases/open/<str:kind>/<str:verb>/", cases.open_page, name="open"),
    path("cases/<int:pk>/", cases.case_page, name="case"),
    path("cases/<int:pk>/print/", record.print_page, name="print"),
    path("cases/<int:pk>/turn/", turn.turn, name="turn"),
    path("cases/<int:pk>/<str:verb>/", cases.step_page, name="step"),
    path("undo/", undoing.undo, name="undo"),
    path("do/<str:name>/", cases.do_page, name="do"),
    path("choices/<str:verb>/<str:name>/", choices.choices, name="choices"),
    path("attachments/<int:pk>/", files.attachment, name="attachment"),
    path("drafts/<int:pk>/delete/", drafts.delete, name="delete_draft"),
    path("drafts/<int:pk>/restore/", drafts.restore, name="restore_draft"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read, name="mark_read"),
    path("notices/unread/", notices.unread, name="unread"),
    path("notices/preferences/", notices.preferences, name="preferences"),
]
