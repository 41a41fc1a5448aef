"""Errors as answers: a page for browsers, `wire.Problem` for programs. Mapped once, here."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from bitgoeul.errors import BitgoeulError, Text, shorten
from bitgoeul.web import pages
from bitgoeul.web.auth import authority_of
from bitgoeul.web.headers import security_headers
from bitgoeul.wire import Problem, plain

RETRY_SECONDS = "5"
_log = logging.getLogger(__name__)
_TITLES = {
    401: Text("로그인이 필요합니다", "Please sign in"),
    403: Text("들어갈 수 없는 곳입니다", "You may not enter here"),
    404: Text("찾는 것이 없습니다", "Nothing here"),
    409: Text("이미 있는 것과 부딪힙니다", "This conflicts with what is there"),
    413: Text("너무 큽니다", "Too large"),
    422: Text("이대로는 쓸 수 없습니다", "This cannot be used"),
    503: Text("잠시 쉬는 중입니다", "Out of reach for a moment"),
    507: Text("저장 공간이 부족합니다", "The disk is full"),
}
_OTHER = Text("문제가 생겼습니다", "Something went wrong")


def install(app: FastAPI) -> None:
    """Answer every error of this app."""
    app.add_exception_handler(BitgoeulError, _told)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(RequestValidationError, _of_the_request)
    app.add_exception_handler(Exception, _defect)


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, BitgoeulError)  # noqa: S101  (the handler is registered for nothing else)
    if error.status >= 500:
        _log.error("%s %s: %s", request.method, request.url.path, error.text.en)
    return answer(request, error.status, Problem(code=error.code, ko=error.text.ko, en=error.text.en))


async def _of_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    found = f"{request.method} {request.url.path}"
    problem = {
        404: Problem(
            "not-found",
            f"{found} 주소에는 아무것도 없습니다. 주소를 확인하세요.",
            f"There is nothing at {found}. Check the address.",
        ),
        405: Problem("no-such-method", f"{found}(으)로는 할 수 있는 일이 없습니다.", f"{found} does nothing here."),
    }.get(
        error.status_code,
        Problem(
            "bad-request", f"요청을 읽을 수 없습니다: {error.detail}", f"The request cannot be read: {error.detail}"
        ),
    )
    reply = answer(request, error.status_code, problem)
    reply.headers.update(error.headers or {})
    return reply


async def _of_the_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = "; ".join(
        f"{'.'.join(map(str, e['loc']))}: {e['msg']}, {shorten(e.get('input'))}" for e in error.errors()[:10]
    )
    return answer(
        request,
        422,
        Problem("bad-input", f"요청에서 고칠 곳이 있습니다: {faults}", f"The request needs mending: {faults}"),
    )


async def _defect(request: Request, error: Exception) -> Response:
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    ko = "저희 쪽에 문제가 생겼고 기록해 두었습니다. 잠시 뒤에 다시 시도하고, 계속되면 운영자에게 알리세요."
    en = "Something went wrong on our side, and it was logged. Try again; if it stays, tell the operator."
    reply = answer(request, 500, Problem("defect", ko, en))
    reply.headers.update(security_headers(authority_of(request).link.host))  # it goes around the middleware
    return reply


def answer(request: Request, status: int, problem: Problem) -> Response:
    """A page for a browser, JSON for everything else."""
    headers = {503: {"Retry-After": RETRY_SECONDS}, 401: {"WWW-Authenticate": "Bearer"}}.get(status, {})
    if not wants_page(request):
        return JSONResponse(plain(problem), status_code=status, headers=headers)
    title = _TITLES.get(status, _OTHER)
    tongue = pages.language(request)
    message = Text(problem.ko, problem.en).pick(tongue)
    page = pages.render(request, "error.html", status=status, code=status, title=title.pick(tongue), message=message)
    page.headers.update(headers)
    return page


def wants_page(request: Request) -> bool:
    """A browser that opens or sends a page; never the API, never a program with a token, never our script."""
    api = request.url.path.startswith(f"{request.app.state.pages.link.prefix}api/")
    program = "authorization" in request.headers or request.headers.get("x-requested-with") == "bitgoeul"
    return not api and not program and "text/html" in request.headers.get("accept", "")
