"""Django's name for this context."""

from django.apps import AppConfig


class ObjectionsConfig(AppConfig):
    name = "huitong.objections"
    verbose_name = "疑义校核"

    def ready(self) -> None:
        from huitong.kernel.manifest import register
        from huitong.objections.manifest import MANIFEST

        register(MANIFEST)
