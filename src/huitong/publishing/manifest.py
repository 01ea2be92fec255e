"""What other rooms need of mounts."""

from huitong.kernel.manifest import Manifest, MenuLine, Panels, Place, Section
from huitong.publishing import api, jobs, queries, urls

MANIFEST = Manifest(
    context="huitong.publishing",
    urls=urls,
    routes=api.router,
    jobs=jobs,
    menu=(MenuLine(Section.CATALOG, 30, "资源挂接", "publishing:mounts", "upload", letter="r"),),
    panels=(Panels(Place.ENTRY, queries.entry_panels),),
)
