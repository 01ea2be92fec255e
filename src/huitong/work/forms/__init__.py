"""Forms made from the parameters of a verb, for the pages of any context.

A view with a page of its own for a verb (another layout, fewer fields, some fixed)::

    form = VerbForm("catalog.rename", request, fixed={"entry": entry.pk})
    if request.method == "POST" and (done := form.perform()):
        messages.success(request, next_words(request.actor, done))
        return redirect(…)
    return render(request, "catalog/rename.html", {"form": form}, status=form.status)

and in the template ``<form method="post" enctype="multipart/form-data" data-guard>{% csrf_token
%}{{ form }}…``, or single fields with ``<c-field :field="form.name" />`` (then also ``{{ form.once
}}``, the one-time token that makes a double click do nothing twice). For a step give ``case=``.
What the form does not show comes in ``fixed``; ``only`` names what is shown.

How a parameter is drawn follows from its type: text (long when it may exceed 200 characters or is
called reasons), whole and decimal numbers, dates, yes/no, `Literal` and `Labelled` choices, lists
(one item a line; of choices: check boxes), `AttachmentId` and lists of them (file upload), `Pick`
(a list from a query), `Hidden` (comes with the link), and JSON for anything with a structure
of its own. Title and help are the `Field`'s title and description.
"""

from huitong.work.forms.bulk import bulk_in, bulk_of, perform_once
from huitong.work.forms.drafts import MARKED, Filling
from huitong.work.forms.fields import field_for
from huitong.work.forms.filters import BodyFilter
from huitong.work.forms.handing_out import handed_out
from huitong.work.forms.inputs import JsonField, LinesField, UploadField
from huitong.work.forms.verb_form import ONCE, VerbForm
from huitong.work.forms.words import value_words, words

__all__ = [
    "MARKED",
    "ONCE",
    "BodyFilter",
    "Filling",
    "JsonField",
    "LinesField",
    "UploadField",
    "VerbForm",
    "bulk_in",
    "bulk_of",
    "field_for",
    "handed_out",
    "perform_once",
    "value_words",
    "words",
]
