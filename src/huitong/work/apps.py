"""Django's name for this context; attachments named in any act are bound to its case from here on."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "huitong.work"
    verbose_name = "工作台"

    def ready(self) -> None:
        from huitong.kernel import doing
        from huitong.work.actions import bind_attachments

        if bind_attachments not in doing.BINDERS:
            doing.BINDERS.append(bind_attachments)
