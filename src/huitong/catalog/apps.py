"""Django's name for this context."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "huitong.catalog"
    verbose_name = "目录"
