"""Every list of the product: declared once, then paged by key, sorted, narrowed, taken along.

A page declares a `List` of `Column`s and gives it rows that its reader may see already::

    GRANTS = List("access.grants", "授权", (
        Column("name", "资源", "grant.mount.entry.name", sort=("mount__entry__name",), fixed=True),
        Column("until", "有效期至", "grant.valid_to", sort=("valid_to",)),
    ), empty=("还没有授权", "获得授权后列在这里。"))

    def grants(request):
        rows, form = queries.grants_visible_to(actor), Filter(request.GET)
        listing = Listing(request, GRANTS, form.narrow(rows), form=form, draw=_rows)
        return listing.answer("access/grants.html", {"crumbs": …})

and its template draws what is more than a plain value::

    <c-filter-form :list="list" />
    <c-list :list="list">{% rows list %}
      {% cell "name" %}<a href="…">{{ row.name }}</a>{% endcell %}
    {% endrows %}</c-list>

The state lies in the address: ``sort``, ``cols``, ``size``, ``after`` and ``before`` (a signed
place between two rows), the fields of the filter (`conditions` are those that can be read; while
one cannot, nothing is taken along and nothing done with several rows). The files
(``format=csv|xlsx|json``) hold the rows as narrowed and the columns as chosen. `BulkAct` is what
can be done with several rows at once; `tabs` stand above several lists of one room. Nothing of it
knows a context; who keeps views and columns for a person is told by `keep_with`.
"""

from huitong.ui.lists.bulk import BulkAct, Look, Outcome
from huitong.ui.lists.columns import Column, List
from huitong.ui.lists.filters import conditions
from huitong.ui.lists.keeping import View, differences, keep_with
from huitong.ui.lists.listing import Listing
from huitong.ui.lists.sources import Keyed, United
from huitong.ui.lists.tabs import tabs

__all__ = [
    "BulkAct",
    "Column",
    "Keyed",
    "List",
    "Listing",
    "Look",
    "Outcome",
    "United",
    "View",
    "conditions",
    "differences",
    "keep_with",
    "tabs",
]
