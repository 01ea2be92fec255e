"""Django's name for this context."""

from django.apps import AppConfig


class DisputesConfig(AppConfig):
    name = "huitong.disputes"
    verbose_name = "争议协商"

    def ready(self) -> None:
        from huitong.disputes.manifest import MANIFEST
        from huitong.kernel.manifest import register

        register(MANIFEST)
