"""Django's name for this context."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "huitong.work"
    verbose_name = "待办事项"

    def ready(self) -> None:
        from huitong.kernel.manifest import register
        from huitong.ui.lists import keep_with
        from huitong.work.manifest import MANIFEST
        from huitong.work.views.keeping import WorkKeeper

        register(MANIFEST)
        keep_with(WorkKeeper())
