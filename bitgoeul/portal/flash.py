"""What was just done, told once on the next page, with a way back where there is one.

It travels in a signed cookie of this person: a link from elsewhere can neither write it nor fill in what
"undo" would do.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from bitgoeul.errors import Text
from bitgoeul.web import pages
from bitgoeul.web.auth import Caller, authority_of

_COOKIE = "bitgoeul-done"
_SECONDS = 60


@dataclass(frozen=True)
class Done:
    """What was done, and the form (an address and its fields) that would undo it."""

    ko: str
    en: str
    undo: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    language: str = "ko"

    @property
    def words(self) -> str:
        """What was done, in the page's language."""
        return Text(self.ko, self.en).pick(self.language)


def go(request: Request, caller: Caller, target: str, done: Done) -> Response:
    """Send the browser on to `target`, where `done` is told."""
    authority = authority_of(request)
    note = base64.urlsafe_b64encode(json.dumps(asdict(done)).encode()).decode()
    answer = RedirectResponse(target, status_code=303)
    signed = authority.sign(f"done {caller.user}", note)
    answer.set_cookie(_COOKIE, signed, path=authority.link.prefix, httponly=True, samesite="lax", max_age=_SECONDS)
    return answer


def told(request: Request) -> Done | None:
    """What was done before this page."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None or _COOKIE not in request.cookies:
        return None
    note = authority_of(request).unsign(f"done {caller.user}", request.cookies[_COOKIE])
    if note is None:
        return None
    return Done(**{**json.loads(base64.urlsafe_b64decode(note)), "language": pages.language(request)})


def forget(request: Request, answer: Response) -> None:
    """Tell it once."""
    if _COOKIE in request.cookies:
        answer.delete_cookie(_COOKIE, path=authority_of(request).link.prefix)
