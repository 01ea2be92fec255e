"""Django's name for this context."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "huitong.planes.files"
    verbose_name = "文件交换"

    def ready(self) -> None:
        from huitong.kernel.manifest import register
        from huitong.planes.files.manifest import MANIFEST

        register(MANIFEST)
