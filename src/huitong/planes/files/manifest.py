"""What other rooms need of the file plane."""

from huitong.kernel.manifest import EventKind, Manifest, MenuLine, Section
from huitong.planes.files import api, queries, urls

MANIFEST = Manifest(
    context="huitong.planes.files",
    urls=urls,
    routes=api.router,
    deliveries=queries.delivered,
    events={EventKind.DELIVERY: queries.downloads_in_case},
    menu=(MenuLine(Section.EXCHANGE, 30, "文件下载", "files:files", "file-download", letter="n"),),
)
