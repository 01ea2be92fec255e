"""Django's name for this plane."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "huitong.planes.gateway"
    verbose_name = "接口平面"
