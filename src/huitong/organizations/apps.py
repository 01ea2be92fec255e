"""Django's name for this context."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "huitong.organizations"
    verbose_name = "机构与人员"
