"""Who says who somebody is: the `[login]` table of academy.toml, and the one secret that never stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from bitgoeul.errors import SettingsError, Text

Provider = Literal["roster", "github", "google", "oidc", "kakao", "kakao-plain", "naver"]
SECRET = "BITGOEUL_LOGIN_SECRET"  # noqa: S105  a variable's name

BUTTONS: dict[Provider, Text] = {
    "github": Text("GitHub로 로그인", "Sign in with GitHub"),
    "google": Text("구글로 로그인", "Sign in with Google"),
    "oidc": Text("학교 계정으로 로그인", "Sign in with your school's account"),
    "kakao": Text("카카오로 로그인", "Sign in with Kakao"),
    "kakao-plain": Text("카카오로 로그인", "Sign in with Kakao"),
    "naver": Text("네이버로 로그인", "Sign in with Naver"),
}
"""The words of each provider's button."""


class Login(BaseModel):
    """How people sign in. `roster` asks for no password, and is for one person on his own machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: Provider = "roster"
    client_id: str = ""
    secret_file: Path = Field(Path("keys/login-secret"), description="in the state folder, readable by its owner only")
    issuer: str = ""
    hosted_domain: str = ""
    groups_claim: str = ""
    scopes: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether people come from a provider outside, where anybody may have an account."""
        return self.provider != "roster"

    @property
    def prefix(self) -> str:
        """What the accounts of this provider begin with: Kakao numbers its users the same way in both of its kinds."""
        return self.provider.removesuffix("-plain")

    def problems(self) -> list[tuple[str, str]]:
        """Tell what contradicts itself, as key and sentence."""
        found = []
        if self.open and not self.client_id:
            found.append(("client_id", f"{self.provider} needs the client id that its console gave you"))
        if self.provider == "oidc" and not _safe(self.issuer):
            found.append(("issuer", "the provider's https:// address was wanted (http:// only on loopback)"))
        for key, only in (("issuer", "oidc"), ("groups_claim", "oidc"), ("hosted_domain", "google")):
            if getattr(self, key) and self.provider != only:
                found.append((key, f'it is for provider = "{only}" only; leave it out'))
        return found


def _safe(issuer: str) -> bool:
    parts = urlsplit(issuer)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
    )


def public_url_problem(address: str) -> str:
    """Say what is wrong with `hub.public_url`; nothing if it is an https address without a path."""
    parts = urlsplit(address)
    fine = (
        parts.scheme == "https" and parts.hostname and parts.path in ("", "/") and not (parts.query or parts.username)
    )
    return "" if fine else "an address such as https://hub.example.kr was wanted: https, a name, no path"


def secret(login: Login, state: Path, environ: Mapping[str, str]) -> str:
    """Give the client secret from the environment or from its file; raise `SettingsError` if neither will do."""
    if found := environ.get(SECRET, "").strip():
        return found
    path = state / login.secret_file
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise _unusable(path, f"{why}; put the client secret there (chmod 600), or into {SECRET}") from None
    if mode & 0o077:
        raise _unusable(path, f"others may read it; chmod 600 {path}")
    if not text:
        raise _unusable(path, "it is empty; put the client secret there")
    return text


def _unusable(path: Path, sentence: str) -> SettingsError:
    return SettingsError([f"{path}:1: login.secret_file: {sentence}"])
