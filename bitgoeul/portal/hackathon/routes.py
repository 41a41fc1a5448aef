"""All pages of hackathons in one router. They call the same services as the JSON API of `bitgoeul.hackathon.routes`."""

from __future__ import annotations

from fastapi import APIRouter

from bitgoeul.portal.hackathon import board, forms, listing, taking_part

PARTS = (listing.router, taking_part.router, forms.router, board.router)


def router() -> APIRouter:
    """The pages. Fixed addresses come before those with a name in them."""
    pages = APIRouter(include_in_schema=False)
    for part in PARTS:
        pages.include_router(part)
    return pages
