"""Django's name for this context."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "huitong.access"
    verbose_name = "申请授权"

    def ready(self) -> None:
        from huitong.access.manifest import MANIFEST
        from huitong.kernel.manifest import register

        register(MANIFEST)
