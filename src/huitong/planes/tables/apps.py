"""Django's name for this context."""

from django.apps import AppConfig


class TablesConfig(AppConfig):
    name = "huitong.planes.tables"
    verbose_name = "库表交换"

    def ready(self) -> None:
        from huitong.kernel.manifest import register
        from huitong.planes.tables.manifest import MANIFEST

        register(MANIFEST)
