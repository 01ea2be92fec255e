"""Django's name for this context."""

from django.apps import AppConfig


class DemandsConfig(AppConfig):
    name = "huitong.demands"
    verbose_name = "需求申请"

    def ready(self) -> None:
        from huitong.demands.manifest import MANIFEST
        from huitong.kernel.manifest import register

        register(MANIFEST)
