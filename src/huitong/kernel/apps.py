"""Django's name for this room."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "huitong.kernel"
    verbose_name = "内核"
