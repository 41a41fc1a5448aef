"""The language of the Hub's pages, and the words on them."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from jupyterhub._data import DATA_FILES_PATH

from bitgoeul import settings
from bitgoeul.errors import Text
from bitgoeul.hub import configure, language
from bitgoeul.people.directory import Directory
from bitgoeul.web.language import choose

JUPYTERHUB = Path(DATA_FILES_PATH) / "templates"
TEMPLATES = sorted(path.name for path in configure.TEMPLATES.glob("*.html"))
NOW = datetime(2026, 11, 24, 9, 30)  # noqa: DTZ001  JupyterHub's own are naive, in UTC
TOKEN = SimpleNamespace(api_id="a7", note="home", scopes=["self"], last_activity=None, created=NOW, expires_at=NOW)
CLIENT = {
    "token_id": "a8",
    "description": "lab",
    "tokens": [{"scopes": ["self", "x"]}, {"scopes": ["x"]}],
    "last_activity": NOW,
    "created": NOW,
}
HANGUL = re.compile(r"[가-힣]")


@pytest.mark.parametrize(
    ("asked", "cookie", "accepts", "chosen"),
    [
        ("en", "ko", "ko", "en"),
        (None, "en", "ko-KR,ko;q=0.9", "en"),
        (None, None, "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        (None, None, "en-GB,en;q=0.9,ko;q=0.8", "en"),
        (None, None, "en;q=0.2,ko;q=0.7", "ko"),
        (None, None, "de,fr;q=0.5", "ko"),
        (None, None, "", "ko"),
        ("xx", "<script>", "*;q=x", "ko"),
    ],
)
def test_what_was_asked_for_wins_then_the_cookie_then_the_browser(asked, cookie, accepts, chosen) -> None:
    assert choose(asked, cookie, accepts, "ko") == chosen


@given(st.text(), st.text(), st.text())
def test_nothing_a_browser_sends_breaks_the_choice(asked: str, cookie: str, accepts: str) -> None:
    assert choose(asked, cookie, accepts, "en") in ("ko", "en")


class Handler:
    """As much of a page's handler as the words on the page ask for."""

    def __init__(self, lang: str, path: str = "/hub/login", query: str = "", method: str = "GET") -> None:
        self.lang = lang
        self.cookies: dict[str, str] = {}
        self.hub = SimpleNamespace(base_url="/hub/")
        self.request = SimpleNamespace(path=path, query=query, method=method, headers={"Accept-Language": lang})

    def get_query_argument(self, _name: str, _default: None) -> None:
        return None

    def get_cookie(self, _name: str) -> None:
        return None

    def static_url(self, path: str, **_: object) -> str:
        return f"/hub/static/{path}"


def render(root: Path, template: str, handler: Handler, **more: object) -> str:
    academy = settings.load(root / "academy.toml", {})
    folders = FileSystemLoader([configure.TEMPLATES, configure.STYLE])
    stock = FileSystemLoader(JUPYTERHUB)
    env = Environment(loader=ChoiceLoader([PrefixLoader({"templates": stock}), folders, stock]), autoescape=True)
    words = {k: v(None) if callable(v) else v for k, v in language.template_vars(academy, Directory(academy)).items()}
    user = SimpleNamespace(
        name="minji", escaped_name="minji", json_escaped_name="minji", groups=[], spawners={}, spawner=None
    )
    page = {
        "base_url": "/hub/", "prefix": "/", "logout_url": "/hub/logout", "login_url": "/hub/login", "static_url": handler.static_url,
        "user": user, "parsed_scopes": {}, "xsrf": "x", "xsrf_token": "x", "status_code": 500, "progress_url": "/p",
        "authenticator_login_url": "/hub/login", "spawner": SimpleNamespace(name=""), "no_spawner_check": True,
        "spawn_url": "/s", "url": "/u", "spawner_options_form": "", "api_tokens": [TOKEN], "oauth_clients": [CLIENT],
    }  # fmt: skip
    return env.get_template(template).render(**{**page, **words, **more})


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_page_speaks_korean_to_a_korean_browser(root: Path, template: str) -> None:
    assert len(HANGUL.findall(visible(render(root, template, Handler("ko"))))) > 5


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_page_speaks_english_to_an_english_browser(root: Path, template: str) -> None:
    words = visible(render(root, template, Handler("en"))).replace("한국어", "")

    assert not HANGUL.findall(words)


def visible(page: str) -> str:
    return re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)


def test_the_sign_in_page_names_everybody_and_says_that_everybody_is_you(root: Path) -> None:
    page = render(root, "login.html", Handler("en"), user=None)

    assert re.findall(r'name="username" value="(\w+)"', page) == [
        "minji", "junho", "amelia", "seoyeon", "hyunwoo", "jiho",
    ]  # fmt: skip
    assert "every lab runs as you" in page
    assert 'name="_xsrf"' in page


def test_the_sign_in_page_needs_nothing_from_anywhere_else(root: Path) -> None:
    page = render(root, "login.html", Handler("ko"), user=None)

    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:)', page)


def test_the_page_of_tokens_is_ours_and_lets_each_be_revoked(root: Path) -> None:
    page = render(root, "token.html", Handler("ko"))

    assert re.findall(r'data-revoke="([^"]+)"', page) == [
        "/hub/api/users/minji/tokens/a7",
        "/hub/api/users/minji/tokens/a8",
    ]
    assert "API token" not in page
    assert visible(page).count("권한 (2)") == 1, "the scopes of a service's tokens are told once"
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:)', page)


def test_a_persons_name_is_text_and_never_markup(root: Path) -> None:
    evil = SimpleNamespace(user="x", name=Text("<b>x</b>", "<b>x</b>"))
    page = render(root, "login.html", Handler("ko"), user=None, roster=[(Text("학생", "S"), [evil])])

    assert "<b>x</b>" not in page


@pytest.mark.parametrize(
    ("path", "query", "method", "other"),
    [
        ("/hub/login", "next=%2Fhub%2Fhome&lang=ko", "GET", "/hub/login?next=%2Fhub%2Fhome&lang=en"),
        ("/hub/login", "", "POST", "/hub/home?lang=en"),
        ("/hub/spawn/minji/x", "", "GET", "/hub/home?lang=en"),
        ("/hub/spawn-pending/minji", "", "GET", "/hub/spawn-pending/minji?lang=en"),
    ],
)
def test_changing_the_language_keeps_the_page_but_never_acts_twice(path, query, method, other) -> None:
    assert language.other_url(Handler("ko", path, query, method), "ko") == other
