"""Django's name for this context."""

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "huitong.publishing"
    verbose_name = "资源挂接"

    def ready(self) -> None:
        from huitong.kernel.manifest import register
        from huitong.publishing.manifest import MANIFEST

        register(MANIFEST)
