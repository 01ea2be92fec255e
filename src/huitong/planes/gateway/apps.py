"""Django's name for this plane."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "huitong.planes.gateway"
    verbose_name = "接口平面"

    def ready(self) -> None:
        from huitong.kernel.manifest import register
        from huitong.planes.gateway.manifest import MANIFEST

        register(MANIFEST)
