"""Signing in and out for people: OAuth 2 with the Hub as provider, PKCE, and a state bound to a cookie.

Nothing is kept here between the two steps: what the callback needs lies in a signed cookie of ten
minutes, so any copy of the service can answer it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import RedirectResponse, Response

from bitgoeul.errors import NotAllowed, SignInNeeded
from bitgoeul.web.auth import SESSION_COOKIE, CurrentCaller, SignInRedirect, authority_of

_STATE_COOKIE = "bitgoeul-oauth-"
_STATE_SECONDS = 600


def install(app: FastAPI) -> None:
    """Send browsers without a session to the Hub, and take them back."""
    app.include_router(_router(), prefix=app.state.authority.link.prefix.rstrip("/"))
    app.add_exception_handler(SignInRedirect, _start)


async def _start(request: Request, _error: Exception) -> Response:
    authority = authority_of(request)
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    note = json.dumps({"state": state, "verifier": verifier, "next": target, "at": int(time.time())})
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    answer = RedirectResponse(authority.link.authorize_url(state=state, challenge=challenge), status_code=302)
    signed = authority.sign("oauth", base64.urlsafe_b64encode(note.encode()).decode())
    _set_cookie(answer, request, _state_cookie(state), signed, max_age=_STATE_SECONDS)
    return answer


def _router() -> APIRouter:
    router = APIRouter()

    @router.get("/oauth_callback", include_in_schema=False)
    async def oauth_callback(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        """Take a browser back from the Hub."""
        return await _finish(request, code=code, state=state, error=error)

    @router.post("/logout", include_in_schema=False)
    async def logout(request: Request, _caller: CurrentCaller) -> Response:
        """End our session and go on to end the Hub's, which revokes the token."""
        link = authority_of(request).link
        answer = RedirectResponse(link.browser_url("logout"), status_code=303)
        answer.delete_cookie(SESSION_COOKIE, path=link.prefix)
        return answer

    return router


async def _finish(request: Request, *, code: str, state: str, error: str) -> Response:
    authority = authority_of(request)
    if error:
        raise NotAllowed(
            ko="허브가 이 서비스에 로그인하는 것을 허락하지 않았습니다. 담당 강사나 운영자에게 등록을 확인해 달라고 하세요.",
            en="The Hub did not let you sign in here. Ask your instructor or the operator whether you are enrolled.",
        )
    note = _note(request, state)
    token = await authority.hub.token_for_code(authority.link, code=code, verifier=str(note["verifier"]))
    if token is None:
        raise _stale()
    answer = RedirectResponse(_inside(authority.link.prefix, str(note["next"])), status_code=302)
    answer.delete_cookie(_state_cookie(state), path=authority.link.prefix)
    _set_cookie(answer, request, SESSION_COOKIE, authority.sign("session", token))
    return answer


def _note(request: Request, state: str) -> dict[str, Any]:
    text = authority_of(request).unsign("oauth", request.cookies.get(_state_cookie(state), ""))
    if text is None:
        raise _stale()
    note: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text))
    fresh = time.time() - note["at"] <= _STATE_SECONDS
    if not fresh or not hmac.compare_digest(str(note["state"]).encode(), state.encode("utf-8", "replace")):
        raise _stale()
    return note


def _stale() -> SignInNeeded:
    return SignInNeeded(
        ko="로그인을 마치지 못했습니다. 시간이 지났거나 브라우저가 쿠키를 막고 있습니다. 쿠키를 허용하고 처음부터 다시 로그인하세요.",
        en="Signing in did not finish: it took too long, or the browser blocks cookies. Allow cookies and sign in again.",
    )


def _inside(prefix: str, target: str) -> str:
    """Only ever send a browser to our own pages."""
    return target if target.startswith(prefix) and "\\" not in target and "//" not in target.split("?")[0] else prefix


def _state_cookie(state: str) -> str:
    return _STATE_COOKIE + hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()[:12]


def _set_cookie(answer: Response, request: Request, name: str, value: str, *, max_age: int | None = None) -> None:
    link = authority_of(request).link
    secure = request.url.scheme == "https" or link.public_url.startswith("https:")
    answer.set_cookie(name, value, path=link.prefix, httponly=True, samesite="lax", secure=secure, max_age=max_age)
