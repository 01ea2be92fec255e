"""Addresses of the catalog: /catalog/ to find, /r/<code> for ever, /compile/ to make, /review/
to judge."""

from django.urls import path

from huitong.catalog.views import (
    affected,
    browse,
    changes,
    compiling,
    filed,
    lists,
    review,
    sections,
    sources,
    versions,
    words,
)

app_name = "catalog"
urlpatterns = [
    path("catalog/", browse.browse, name="browse"),
    path("catalog/<int:pk>/", browse.entry_page, name="entry"),
    path("catalog/<int:pk>.json", browse.entry_json, name="entry_json"),
    path("catalog/<int:pk>/versions/", versions.versions, name="versions"),
    path("catalog/words/", words.words, name="words"),
    path("catalog/words/missed/", words.missed, name="missed"),
    path("catalog/words/missed/dismiss/", words.dismiss_missed, name="dismiss_missed"),
    path("catalog/words/new/", words.add_synonyms, name="add_synonyms"),
    path("catalog/words/<int:pk>/", words.change_synonyms, name="change_synonyms"),
    path("catalog/words/<int:pk>/remove/", words.remove_synonyms, name="remove_synonyms"),
    path("catalog/grounds/", filed.filed_grounds, name="filed_grounds"),
    path("catalog/grounds/kinds/", filed.ground_kinds, name="ground_kinds"),
    path("catalog/grounds/kinds/new/", filed.add_ground_kind, name="add_ground_kind"),
    path("catalog/grounds/kinds/<str:code>/end/", filed.end_ground_kind, name="end_ground_kind"),
    path("catalog/changes/", changes.changes, name="changes"),
    path("catalog/changes/new/", changes.register_change, name="register_change"),
    path("catalog/changes/<int:case>/", changes.change, name="change"),
    path("catalog/changes/<int:case>/choose/", affected.choose_affected, name="choose_affected"),
    path("catalog/changes/parts/<int:case>/", affected.change_part, name="change_part"),
    path("r/<path:code>", browse.by_code, name="by_code"),
    path("compile/", lists.own_entries, name="mine"),
    path("compile/new/", compiling.start, name="start"),
    path("compile/sources/", lists.sources, name="sources"),
    path("compile/sources/systems/", lists.systems, name="systems"),
    path("compile/sources/systems/new/", sources.new_system, name="new_system"),
    path("compile/sources/databases/new/", sources.new_database, name="new_database"),
    path("compile/sources/databases/<int:pk>/scan/", sources.scan, name="start_scan"),
    path(
        "compile/sources/databases/<int:pk>/password/",
        sources.renew_password,
        name="renew_password",
    ),
    path("compile/sources/scans/<int:pk>/", sources.scan_page, name="scan"),
    path("compile/<int:pk>/", compiling.compile_page, name="compile"),
    path("compile/<int:pk>/next/", compiling.onward, name="onward"),
    path("compile/<int:pk>/check/", compiling.check_page, name="check"),
    path("compile/<int:pk>/grounds/", sections.grounds, name="grounds"),
    path("compile/<int:pk>/update/", compiling.update, name="update"),
    path("compile/<int:pk>/discard/", compiling.discard, name="discard"),
    path("compile/<int:pk>/publish/", compiling.publish, name="publish"),
    path("compile/<int:pk>/<str:section>/", sections.section_page, name="section"),
    path("review/<int:case>/", review.review, name="review"),
]
