"""All pages of the portal in one router; `build_app` mounts it at the service's prefix."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from bitgoeul.portal import acts, alike, doubts, gpus, learn, operate, regrade, teach
from bitgoeul.portal.desk import Desk
from bitgoeul.portal.hackathon import routes as hackathon


def install(app: FastAPI, desk: Desk) -> None:
    """Keep the desk on the app and add the pages below the service's prefix."""
    app.state.desk = desk
    app.include_router(router(), prefix=app.state.authority.link.prefix.rstrip("/"))


def router() -> APIRouter:
    """The pages. Fixed addresses come before those with a name in them."""
    pages = APIRouter(include_in_schema=False)
    of_staff = (teach.router, alike.router, doubts.router, regrade.router, acts.router)
    for part in (learn.router, gpus.router, hackathon.router(), *of_staff, operate.router):
        pages.include_router(part)
    return pages
