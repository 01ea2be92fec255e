"""Downloading a granted file by a program: as a person (personal token) or as the grant's system
(OAuth client credentials)."""

from __future__ import annotations

from django.http import FileResponse
from ninja import Router
from ninja.security import HttpBearer

from huitong.kernel.actor import Actor
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.planes.files import actions, queries
from huitong.planes.files.rules import Machine

router = Router(tags=["files"])


class PersonOrMachine(HttpBearer):
    """``Authorization: Bearer …``: a personal access token, or an access token of
    `/oauth/token`."""

    def authenticate(self, request: Request, token: str) -> Actor | Machine | None:
        ip = request.META.get("REMOTE_ADDR", "")
        person = organizations.actor_by_token(
            token, ip=ip, request_id=getattr(request, "request_id", "")
        )
        return person or queries.machine_of(token, ip)


@router.get(
    "/files/{int:grant}",
    auth=PersonOrMachine(),
    summary="下载授权的文件",
    operation_id="file_download",
    openapi_extra={"responses": {200: {"content": {"application/octet-stream": {}}}}},
)
def download(request: Request, grant: int) -> FileResponse:
    """文件内容；响应头 `Repr-Digest` 为整个文件的 SHA-256 校验值，`X-Grant-Purpose`、`X-Grant-Scope` 等为
    授权的用途和范围。支持以 `Range`、`If-Range` 断点续传。授权终止后立即返回 403。"""
    out = actions.hand_out(
        request.auth,
        grant,
        range_header=request.headers.get("Range", ""),
        if_range=request.headers.get("If-Range", ""),
        bare=getattr(request, "bare", False),
    )
    return FileResponse(
        out.content,
        status=out.part.status,
        as_attachment=True,
        filename=out.file.name,
        content_type=out.file.media_type,
        headers=out.headers,
    )
