"""More of the hackathon's HTTP API: exports of what was published."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response

from bitgoeul.hackathon import exporting
from bitgoeul.hackathon.routes import IN, TheOrganising, TheSlug

router = APIRouter(prefix="/api")


@router.get(IN + "/export.{kind}")
def export(slug: TheSlug, kind: Literal["csv", "xlsx"], organising: TheOrganising) -> Response:
    """The newest snapshot for a spreadsheet."""
    headers = {"Content-Disposition": f'attachment; filename="{slug}.{kind}"'}
    data = exporting.export(organising.database, slug, kind)
    return Response(data, media_type=exporting.MEDIA[kind], headers=headers)
