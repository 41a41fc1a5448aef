"""A Hub that keeps JupyterHub's contract as far as our service sees it, in process.

tests/services/test_auth.py runs the same tests against this and against a real JupyterHub.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

SERVICE_TOKEN = "the-services-own-token"
SCOPE = "access:services!service=bitgoeul"
API = "http://hub.test/hub/api"


@dataclass
class FakeHub:
    """`users` maps a name to its groups; `down` and `refuses_us` are the two ways to fail."""

    users: dict[str, list[str]]
    admins: frozenset[str] = frozenset()
    down: bool = False
    refuses_us: bool = False
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def token_for(self, user: str, *, scopes: tuple[str, ...] = (SCOPE,), kind: str = "user") -> str:
        token = secrets.token_hex(16)
        self.tokens[token] = {"name": user, "scopes": list(scopes), "kind": kind}
        return token

    def revoke(self, token: str) -> None:
        self.tokens.pop(token, None)

    @property
    def transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(app=self.app())

    def app(self) -> FastAPI:
        app = FastAPI()
        app.middleware("http")(self._gate)
        app.get("/hub/api/user")(self._user)
        app.get("/hub/api/groups/{group}")(self._group)
        app.get("/hub/api/oauth2/authorize")(self._authorize)
        app.post("/hub/api/oauth2/token")(self._token)
        return app

    async def _gate(self, request: Request, call_next: Any) -> Response:
        self.asked.append(request.url.path)
        return JSONResponse({"status": 503}, status_code=503) if self.down else await call_next(request)

    async def _user(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("token ")
        found = self.tokens.get(token)
        if found is None:
            return JSONResponse({"status": 403, "message": "Missing or invalid credentials."}, status_code=403)
        if found["kind"] == "service":
            return JSONResponse({"kind": "service", "name": found["name"], "scopes": found["scopes"]})
        name = found["name"]
        model = {"kind": "user", "name": name, "groups": self.users[name], "admin": name in self.admins}
        return JSONResponse({**model, "scopes": found["scopes"]})

    async def _group(self, request: Request, group: str) -> Response:
        if self.refuses_us or request.headers.get("authorization") != f"token {SERVICE_TOKEN}":
            return JSONResponse({"status": 403}, status_code=403)
        members = sorted(user for user, groups in self.users.items() if group in groups)
        if not members:
            return JSONResponse({"status": 404}, status_code=404)
        return JSONResponse({"kind": "group", "name": group, "users": members})

    async def _authorize(self, request: Request) -> Response:
        """The person is chosen by a cookie, as if he had signed in at the Hub before."""
        query = request.query_params
        code = secrets.token_hex(8)
        self.codes[code] = {"user": request.cookies["who"], "challenge": query["code_challenge"]}
        return RedirectResponse(f"{query['redirect_uri']}?code={code}&state={query['state']}", status_code=302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        code = self.codes.pop(str(form["code"]), None)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if form["client_secret"] != SERVICE_TOKEN or self.refuses_us:
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        if code is None or code["challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        return JSONResponse({"access_token": self.token_for(code["user"]), "token_type": "Bearer"})
