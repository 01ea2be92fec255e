"""Django's name for this room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "huitong.ui"
    label = "ui"
    verbose_name = "界面"
