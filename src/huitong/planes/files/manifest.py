"""What other rooms need of the file plane."""

from huitong.kernel.manifest import Manifest, MenuLine, Section
from huitong.planes.files import api, urls

MANIFEST = Manifest(
    context="huitong.planes.files",
    urls=urls,
    routes=api.router,
    menu=(MenuLine(Section.EXCHANGE, 30, "文件下载", "files:files", "file-download", letter="n"),),
)
