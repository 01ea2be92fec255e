"""Django's name for this context; from here on attachments named in any act are bound to its
case, and no text marked as classified enters by any act."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "huitong.work"
    verbose_name = "工作台"

    def ready(self) -> None:
        from huitong.kernel import doing
        from huitong.kernel.doing import given
        from huitong.work.actions import bind_attachments
        from huitong.work.rules import refuse_marked

        if bind_attachments not in doing.BINDERS:
            doing.BINDERS.append(bind_attachments)
        if refuse_marked not in given.GUARDS:
            given.GUARDS.append(refuse_marked)
