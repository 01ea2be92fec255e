"""Addresses of applying, deciding, grants, credentials; where machines sign in."""

from django.urls import path
from django.views.generic import RedirectView

from huitong.access.views import (
    applying,
    deciding,
    drafts,
    grants,
    intake,
    lists,
    oauth,
    papers,
    renewing,
    unused,
)

app_name = "access"
urlpatterns = [
    path("oauth/token", oauth.token, name="token"),
    path("oauth/jwks", oauth.jwks, name="jwks"),
    path(".well-known/oauth-authorization-server", oauth.metadata, name="metadata"),
    path(".well-known/jwks.json", oauth.jwks),
    path("apply/", RedirectView.as_view(pattern_name="access:applications")),
    path("apply/begin/", RedirectView.as_view(pattern_name="access:begin", query_string=True)),
    path("apply/new/", applying.begin, name="begin"),
    path("apply/new/<uuid:key>/", applying.resources, name="apply"),
    path("apply/new/<uuid:key>/grounds/", applying.grounds, name="grounds"),
    path("apply/new/<uuid:key>/check/", applying.check, name="check"),
    path("applications/", lists.applications, name="applications"),
    path("applications/drafts/", drafts.drafts, name="drafts"),
    path("apply/<int:pk>/", papers.form_page, name="form"),
    path("apply/<int:pk>/edit/", papers.edit, name="edit"),
    path("apply/<int:pk>/add/", papers.add, name="add"),
    path("apply/<int:pk>/resources/<int:application>/", papers.resource, name="resource"),
    path("apply/<int:pk>/letters/", papers.letters, name="letters"),
    path("apply/<int:pk>/letters/<int:attachment>/", papers.letter, name="letter"),
    path("apply/<int:pk>/print/", papers.print_form, name="print"),
    path("apply/<int:pk>/form.pdf", papers.pdf, name="pdf"),
    path("apply/<int:pk>/scan/", papers.scan, name="scan"),
    path("apply/<int:pk>/scan/file/", papers.scan_file, name="scan_file"),
    path("apply/<int:pk>/sealed/", papers.sealed, name="sealed"),
    path("apply/<int:pk>/submit/", papers.submit, name="submit"),
    path("apply/<int:pk>/done/", papers.submitted, name="submitted"),
    path("accept/<int:pk>/", deciding.accept, name="accept"),
    path("decide/<int:pk>/", deciding.decide, name="decide"),
    path("grants/", lists.grants, name="grants"),
    path("grants/unused/", unused.unused, name="unused"),
    path("grants/intake/", intake.intakes, name="intakes"),
    path("grants/intake/template/", intake.empty_table, name="intake_template"),
    path("grants/intake/hand-in/", intake.hand_in, name="intake_hand_in"),
    path("grants/intake/<int:pk>/", intake.rows, name="intake_rows"),
    path("grants/<int:pk>/", grants.grant_page, name="grant"),
    path("grants/<int:pk>/renew/", renewing.renew, name="renew"),
    path("systems/<int:pk>/credentials/new/", grants.new_credential, name="new_credential"),
    path("credentials/<int:pk>/rotate/", grants.rotate, name="rotate"),
]
