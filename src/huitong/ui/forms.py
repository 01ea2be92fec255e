"""The form renderer: ``{{ form }}`` and ``{{ form.name.as_field_group }}`` come out as our
components do."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Set as ``FORM_RENDERER``; widgets stay Django's own but for the select, fields and forms are
    laid out by ui/field.html and ui/form.html."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"
    formset_template_name = "django/forms/formsets/div.html"
