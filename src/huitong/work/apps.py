"""Django's name for this context."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "huitong.work"
    verbose_name = "工作台"

    def ready(self) -> None:
        from huitong.kernel.manifest import register
        from huitong.work.manifest import MANIFEST

        register(MANIFEST)
