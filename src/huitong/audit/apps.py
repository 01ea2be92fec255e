"""Django's name for this context."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "huitong.audit"
    verbose_name = "审计"
