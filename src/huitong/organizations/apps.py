"""Django's name for this context; and what it notes whenever Django begins a session."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "huitong.organizations"
    verbose_name = "机构与人员"

    def ready(self) -> None:
        from allauth.account.signals import password_changed
        from django.contrib.auth.signals import user_logged_in

        from huitong.kernel.manifest import register
        from huitong.organizations.manifest import MANIFEST

        register(MANIFEST)

        # however a session was reached: by the sign-in page, or renewed after a changed password
        user_logged_in.connect(_note, dispatch_uid="huitong.session")
        password_changed.connect(_note, dispatch_uid="huitong.password")


def _note(sender: object, request: object, user: object, **_: object) -> None:
    from huitong.organizations.actions import note_session

    note_session(request, user)  # type: ignore[arg-type]
