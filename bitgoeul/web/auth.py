"""Who is asking. The Hub's token is the only identity: in a header for programs, in our cookie for people.

A person signs in at the Hub (OAuth 2 with PKCE); the token that comes back lies in a signed, HttpOnly
cookie that only our own path sees. Nothing else (no header of a proxy, no name in a URL or body) is ever
taken for an identity. A request that changes something with the cookie also needs the page's CSRF token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from bitgoeul.errors import InputError, InvalidName, NotAllowed, SignInNeeded, TooLarge, shorten
from bitgoeul.names import CourseName, UserName, staff_group, student_group
from bitgoeul.web.hub import HubClient, HubUser
from bitgoeul.web.link import HubLink

SESSION_COOKIE = "bitgoeul-session"
_HUB_SESSION_COOKIE = "jupyterhub-session-id"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "_csrf"
_AUTHORIZATION = re.compile(r"(?:token|bearer)\s+(\S+)\s*", re.IGNORECASE)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class Caller:
    """Who is asking, in the Hub's words. `csrf` is the token that this person's forms carry."""

    user: UserName
    groups: frozenset[str]
    kind: Literal["person", "program"]
    admin: bool = False
    csrf: str = ""

    @property
    def student_of(self) -> tuple[CourseName, ...]:
        """The courses this user takes, in alphabetical order."""
        return _courses(self.groups, student_group(CourseName("x"))[:-1])

    @property
    def staff_of(self) -> tuple[CourseName, ...]:
        """The courses this user teaches, in alphabetical order."""
        return _courses(self.groups, staff_group(CourseName("x"))[:-1])

    def require_staff(self, course: CourseName) -> None:
        """Raise `NotAllowed` unless the user teaches this course."""
        if staff_group(course) not in self.groups:
            raise NotAllowed(
                ko=f"{course} 강좌의 강사만 할 수 있는 일입니다. {self.user} 님은 이 강좌의 강사가 아닙니다.",
                en=f"Only staff of {course} may do this; {self.user} is not. Ask the operator to be added.",
            )

    def require_member(self, course: CourseName) -> None:
        """Raise `NotAllowed` unless the user takes or teaches this course."""
        if not {student_group(course), staff_group(course)} & self.groups:
            raise NotAllowed(
                ko=f"{self.user} 님은 {course} 강좌에 들어 있지 않습니다. 담당 강사에게 등록을 부탁하세요.",
                en=f"{self.user} does not take {course}. Ask its instructor to be enrolled.",
            )

    def require_operator(self) -> None:
        """Raise `NotAllowed` unless the user is an operator (an admin of the Hub)."""
        if not self.admin:
            raise NotAllowed(
                ko=f"운영자만 볼 수 있습니다. {self.user} 님은 운영자가 아닙니다.",
                en=f"Only operators may see this; {self.user} is not one.",
            )


def _courses(groups: frozenset[str], prefix: str) -> tuple[CourseName, ...]:
    found = []
    for group in sorted(groups):
        if group.startswith(prefix):
            try:
                found.append(CourseName(group.removeprefix(prefix)))
            except InvalidName:
                continue  # a group of another tool that only looks like ours
    return tuple(found)


@dataclass(frozen=True)
class Authority:
    """What the dependencies below need; the app keeps it in `app.state.authority`."""

    link: HubLink
    hub: HubClient
    max_form_bytes: int = 64_000_000

    @property
    def key(self) -> bytes:
        """Signs our cookies. It follows the Hub's token, so a new token ends all sessions here."""
        return hmac.digest(self.link.api_token.encode(), b"bitgoeul cookies", "sha256")

    def sign(self, purpose: str, text: str) -> str:
        """Add a signature that is good for this purpose only."""
        return f"{text}.{self._mac(purpose, text)}"

    def unsign(self, purpose: str, signed: str) -> str | None:
        """The text, or None when we did not sign it for this purpose."""
        text, _, mac = signed.rpartition(".")
        genuine = hmac.compare_digest(mac.encode("utf-8", "replace"), self._mac(purpose, text).encode())
        return text if genuine else None

    def csrf_for(self, token: str) -> str:
        """The CSRF token of the session that holds this Hub token."""
        return self._mac("csrf", hashlib.sha256(token.encode()).hexdigest())

    def _mac(self, purpose: str, text: str) -> str:
        digest = hmac.digest(self.key, f"{purpose}\n{text}".encode("utf-8", "surrogateescape"), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def authority_of(request: Request) -> Authority:
    """The authority that `build_app` put on the app."""
    found: Authority = request.app.state.authority
    return found


async def current_caller(request: Request) -> AsyncIterator[Caller]:
    """Who is asking, or `SignInNeeded` (401), `NotAllowed` (403), `ServiceRefused` (500), `HubUnavailable` (503)."""
    try:
        yield await identify(request)
    finally:
        await request.close()  # a form that was read may hold an open file


async def identify(request: Request) -> Caller:
    """Say who is asking, or raise as `current_caller` does."""
    authority = authority_of(request)
    header = request.headers.get("authorization")
    if header is not None:
        match = _AUTHORIZATION.fullmatch(header)
        user = await authority.hub.user_of(match[1]) if match else None
        caller = _caller(authority, user, kind="program")
        request.state.caller = caller
        return caller
    token = session_token(request) or ""
    session = request.cookies.get(_HUB_SESSION_COOKIE, "")
    user = await authority.hub.user_of(token, session=session) if token else None
    caller = _caller(authority, user, kind="person", csrf=authority.csrf_for(token))
    if request.method not in _SAFE:
        await _refuse_forgery(request, caller)
    request.state.caller = caller  # for the frame of the page, which names the person
    return caller


class SignInRedirect(SignInNeeded):
    """A browser that can be sent to the Hub's sign-in page and back; `sign_in` answers it so."""


async def current_person(request: Request) -> AsyncIterator[Caller]:
    """As `current_caller`, but a browser that asks for a page is sent to sign in."""
    try:
        caller = await identify(request)
    except SignInNeeded as error:
        if request.method in _SAFE and "authorization" not in request.headers and _navigates(request):
            raise SignInRedirect(ko=error.text.ko, en=error.text.en) from None
        raise
    try:
        yield caller
    finally:
        await request.close()


def _navigates(request: Request) -> bool:
    """A browser opens a page; what a script of a page fetches asks for anything."""
    return "text/html" in request.headers.get("accept", "")


CurrentCaller = Annotated[Caller, Depends(current_caller)]
CurrentPerson = Annotated[Caller, Depends(current_person)]


def session_token(request: Request) -> str | None:
    """The Hub token in our cookie, if we signed it."""
    return authority_of(request).unsign("session", request.cookies.get(SESSION_COOKIE, ""))


def _caller(
    authority: Authority, user: HubUser | None, *, kind: Literal["person", "program"], csrf: str = ""
) -> Caller:
    if user is None:
        raise SignInNeeded(
            ko="로그인이 필요합니다. 로그인했다면 시간이 지나 끝난 것이니 다시 로그인하세요.",
            en="Sign in first. If you had signed in, your session or token has ended: sign in again.",
        )
    if user.kind != "user" or not user.scopes & {authority.link.scope, "access:services"}:
        raise NotAllowed(
            ko=f"이 토큰으로는 이 서비스를 쓸 수 없습니다. {authority.link.scope} 권한이 있는 사용자의 토큰이 필요합니다.",
            en=f"This token may not use this service: a user's token with the scope {authority.link.scope} is needed.",
        )
    try:
        name = UserName(user.name)
    except InvalidName as error:
        raise NotAllowed(ko=error.text.ko, en=error.text.en) from None
    return Caller(user=name, groups=user.groups, kind=kind, admin=user.admin, csrf=csrf)


async def _refuse_forgery(request: Request, caller: Caller) -> None:
    sent = request.headers.get(CSRF_HEADER)
    if sent is None and request.headers.get("content-type", "").startswith(_FORMS):
        field = (await form_of(request)).get(CSRF_FIELD)
        sent = field if isinstance(field, str) else None
    if sent is None or not hmac.compare_digest(sent.encode("utf-8", "replace"), caller.csrf.encode()):
        raise NotAllowed(
            ko="이 요청이 이 사이트의 화면에서 왔는지 확인할 수 없습니다. 화면을 새로 고친 뒤 다시 누르세요.",
            en="This request does not seem to come from a page of this site. Reload the page and try again.",
        )


async def form_of(request: Request) -> FormData:
    """The form of this request, read once and bounded; a file in it is spooled to disk."""
    limit = authority_of(request).max_form_bytes
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > limit:
        raise TooLarge(
            ko=f"양식은 {limit // 1_000_000} MB까지 보낼 수 있는데 {shorten(length)}바이트가 왔습니다. 파일을 줄여서 다시 보내세요.",
            en=f"A form may have {limit // 1_000_000} MB; {shorten(length)} bytes were announced. Send a smaller file.",
        )
    try:
        return await request.form(max_files=32, max_fields=64, max_part_size=1_000_000)
    except HTTPException as error:
        raise InputError(
            ko=f"양식을 읽을 수 없습니다: {shorten(error.detail)}. 화면을 새로 고친 뒤 다시 보내세요.",
            en=f"The form cannot be read: {shorten(error.detail)}. Reload the page and send it again.",
        ) from None
