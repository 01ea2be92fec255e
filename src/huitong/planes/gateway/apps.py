"""Django's name for this plane."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "huitong.planes.gateway"
    verbose_name = "接口平面"

    def ready(self) -> None:
        """Its calls belong to the evidence of a case in every process, also where no door of
        this plane is open."""
        from huitong.planes.gateway import queries  # noqa: F401
