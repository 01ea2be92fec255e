"""The name of this context for Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "huitong.audit"
    verbose_name = "审计"

    def ready(self) -> None:
        from huitong.audit.manifest import MANIFEST
        from huitong.kernel.manifest import register

        register(MANIFEST)
