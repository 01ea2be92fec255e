"""Addresses of the directory, of one's own page, of the administrators' pages."""

from django.urls import path

from huitong.organizations.views import acts, administration, choices, directory, imports, own

app_name = "organizations"


def act(address: str, name: str) -> object:
    return path(address, acts.page, {"act": name}, name=name)


urlpatterns = [
    path("orgs/", directory.bodies, name="bodies"),
    path("orgs/<int:pk>/", directory.body, name="body"),
    act("orgs/<int:pk>/task-force/", "set_task_force"),
    path("me/", own.me, name="me"),
    path("me/body/", own.switch_body, name="switch_body"),
    act("me/profile/", "edit_own_profile"),
    act("me/tokens/add/", "create_token"),
    act("me/tokens/<int:pk>/revoke/", "revoke_token"),
    act("me/deputies/add/", "deputize"),
    act("me/deputies/<int:pk>/revoke/", "revoke_deputy"),
    path("sys/", administration.overview, name="overview"),
    path("sys/bodies/", directory.bodies, name="sys_bodies"),
    act("sys/bodies/add/", "add_body"),
    act("sys/bodies/<int:pk>/edit/", "edit_body"),
    act("sys/bodies/<int:pk>/rename/", "rename_body"),
    act("sys/bodies/<int:pk>/end/", "end_body"),
    act("sys/bodies/succession/", "succeed"),
    path("sys/people/", administration.people, name="people"),
    act("sys/people/add/", "add_person"),
    act("sys/people/<int:pk>/edit/", "edit_person"),
    act("sys/people/<int:pk>/disable/", "disable_person"),
    act("sys/people/<int:pk>/enable/", "enable_person"),
    act("sys/people/<int:pk>/reset-password/", "reset_password"),
    path("sys/duties/", administration.duties, name="duties"),
    act("sys/duties/add/", "add_duty"),
    act("sys/duties/confirm/", "confirm_duties"),
    act("sys/duties/<int:pk>/edit/", "edit_duty"),
    act("sys/duties/<int:pk>/end/", "end_duty"),
    act("sys/duties/<int:pk>/transfer/", "transfer_duty"),
    act("sys/duties/<int:pk>/matters/add/", "add_matter"),
    act("sys/matters/<int:pk>/edit/", "edit_matter"),
    act("sys/matters/<int:pk>/end/", "end_matter"),
    path("sys/divisions/", administration.divisions, name="divisions"),
    path("sys/calendar/", administration.calendar, name="calendar"),
    path("sys/limits/", administration.limits, name="limits"),
    act("sys/limits/add/", "add_limit"),
    act("sys/limits/<int:pk>/confirm/", "confirm_limit"),
    act("sys/laws/adopt/", "adopt_law"),
    act("sys/laws/<int:pk>/end/", "end_law"),
    path("sys/import/<str:register>/", imports.upload, name="import"),
    path("sys/import/<str:register>/template/", imports.template, name="import_template"),
    path("sys/import/<str:register>/confirm/", imports.confirm, name="import_confirm"),
    path("sec/", administration.rights, name="rights"),
    act("sec/appoint/", "appoint"),
    path("sec/accounts/", choices.find_accounts, name="find_accounts"),
    act("sec/changes/<int:pk>/release/", "release_change"),
    act("sec/changes/<int:pk>/decline/", "decline_change"),
    act("sec/postings/<int:pk>/dismiss/", "dismiss"),
    act("sec/people/<int:pk>/second-factor/", "reset_second_factor"),
    path("sec/sessions/", administration.sessions, name="sessions"),
    act("sec/sessions/<int:pk>/end/", "end_session"),
    path("hand-over/<int:person>/<int:body>/", administration.hand_over, name="hand_over"),
]
