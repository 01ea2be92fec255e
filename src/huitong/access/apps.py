"""Django's name for this context."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "huitong.access"
    verbose_name = "申请授权"
