"""Django's name for this context."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "huitong.documents"
    verbose_name = "制度文件"

    def ready(self) -> None:
        from huitong.documents.manifest import MANIFEST
        from huitong.kernel.manifest import register

        register(MANIFEST)
