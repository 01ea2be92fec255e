"""Django's name for this context."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "huitong.catalog"
    verbose_name = "目录"

    def ready(self) -> None:
        from huitong.catalog.manifest import MANIFEST
        from huitong.kernel.manifest import register

        register(MANIFEST)
