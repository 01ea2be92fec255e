"""Django's name for this context."""

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "huitong.publishing"
    verbose_name = "资源发布"
