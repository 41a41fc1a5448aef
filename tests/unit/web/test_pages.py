"""Pages, errors and headers, for a browser and for a program."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.errors import BitgoeulError, HubUnavailable, NotFound, StorageFull, Text
from bitgoeul.settings import Settings
from bitgoeul.web import errors, pages
from bitgoeul.web.auth import Authority
from bitgoeul.web.headers import page_policy
from bitgoeul.web.hub import HubClient
from bitgoeul.web.language import wishes
from bitgoeul.web.link import HubLink
from tests.fakes.browser import browser
from tests.fakes.hub import API, SERVICE_TOKEN

LINK = HubLink(api_url=API, api_token=SERVICE_TOKEN)
PREFIX = LINK.prefix
PAGE = {"Accept": "text/html,application/xhtml+xml"}


class Odd(BitgoeulError):
    status = 418
    code = "odd"


@pytest.fixture
def client():
    app = FastAPI(docs_url=None, openapi_url=None)
    app.state.authority = Authority(LINK, HubClient(LINK.api_url, LINK.api_token))
    pages.install(app, pages.Pages(LINK, name=Text("빛고을", "Bitgoeul"), zone=Settings().zone))
    errors.install(app)

    @app.get(PREFIX + "page")
    def page(request: Request):
        return pages.render(request, "error.html", code=200, title="<b>", message="&")

    @app.get(PREFIX + "fails/{kind}")
    @app.get(PREFIX + "api/fails/{kind}")
    def fails(kind: str):
        kinds = {"notfound": NotFound, "full": StorageFull, "hub": HubUnavailable, "odd": Odd}
        if kind in kinds:
            raise kinds[kind](ko="한국어 문장", en="An English sentence")
        raise RuntimeError("secret detail")

    @app.get(PREFIX + "api/number/{n}")
    def number(n: int) -> int:
        return n

    with browser(app) as client:
        yield client


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("en-US,en;q=0.9,ko;q=0.1", "en"),
        ("en;q=0.1, ko;q=0.9", "ko"),
        ("fr-FR,fr;q=0.9,en;q=0.3", "en"),
        ("ja", "ko"),
        ("", "ko"),
        (";q=,,en;q=x", "ko"),
    ],
)
def test_the_browsers_wish_decides_the_language_and_the_academys_where_it_has_none(client, header, language):
    answer = client.get(PREFIX + "page", headers={**PAGE, "Accept-Language": header})

    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}">' in answer.text


def test_a_chosen_language_is_kept(client):
    client.get(PREFIX + "page?lang=en", headers=PAGE)
    answer = client.get(PREFIX + "page", headers={**PAGE, "Accept-Language": "ko"})

    assert answer.headers["content-language"] == "en"
    assert "lang=ko" in answer.text


def test_a_language_that_is_none_of_ours_changes_nothing(client):
    answer = client.get(PREFIX + 'page?lang="><script>', headers={**PAGE, "Accept-Language": "en"})

    assert answer.headers["content-language"] == "en"
    assert "<script>" not in answer.text.replace("<script src=", "")


@given(st.text(max_size=200))
def test_no_accept_language_header_breaks_a_page(header):
    assert isinstance(wishes(header), list)


def test_what_is_shown_is_escaped(client):
    answer = client.get(PREFIX + "page", headers=PAGE)

    assert "&lt;b&gt;" in answer.text
    assert "&amp;" in answer.text


def test_every_answer_has_the_security_headers(client):
    for path in ("page", "api/fails/notfound", "nowhere", "api/fails/defect", "static/bitgoeul.css"):
        headers = client.get(PREFIX + path).headers

        assert headers["content-security-policy"] == page_policy("")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_the_policy_lets_nothing_in_from_outside_and_no_inline_script():
    policy = page_policy("")

    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_static_files_are_kept_by_browsers_only_under_an_address_with_their_hash(client):
    page = client.get(PREFIX + "page", headers=PAGE).text
    style = next(part for part in page.split('"') if "bitgoeul.css?v=" in part)

    assert "immutable" in client.get(style).headers["cache-control"]
    assert client.get(PREFIX + "static/bitgoeul.css").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["static/../auth.py", "static/%2e%2e/auth.py", "static/..%2fauth.py", "static/nothing"]
)
def test_no_other_file_is_served(client, path):
    assert client.get(PREFIX + path).status_code == 404


@pytest.mark.parametrize(("kind", "status"), [("notfound", 404), ("full", 507), ("hub", 503), ("odd", 418)])
def test_an_error_is_a_page_for_a_browser_and_json_for_a_program(client, kind, status):
    page = client.get(f"{PREFIX}fails/{kind}", headers={**PAGE, "Accept-Language": "en"})
    program = client.get(f"{PREFIX}fails/{kind}")
    api = client.get(f"{PREFIX}api/fails/{kind}", headers=PAGE)

    assert (page.status_code, program.status_code, api.status_code) == (status, status, status)
    assert "An English sentence" in page.text
    assert program.json() == api.json()
    assert program.json()["ko"] == "한국어 문장"
    assert {answer.headers.get("retry-after") for answer in (page, program, api)} == {"5" if status == 503 else None}


def test_a_defect_tells_nothing_of_its_inside(client):
    for headers in (PAGE, {}):
        answer = client.get(f"{PREFIX}fails/defect", headers=headers)

        assert answer.status_code == 500
        assert "secret detail" not in answer.text


def test_a_wrong_address_method_or_value_is_told_in_both_languages(client):
    answers = [
        client.get(PREFIX + "api/nowhere"),
        client.post(PREFIX + "api/number/1"),
        client.get(PREFIX + "api/number/x"),
    ]

    assert [answer.status_code for answer in answers] == [404, 405, 422]
    assert [answer.json()["code"] for answer in answers] == ["not-found", "no-such-method", "bad-input"]
    assert answers[1].headers["allow"] == "GET"


def test_the_style_sheet_and_script_fetch_nothing_from_outside():
    for name in ("bitgoeul.css", "bitgoeul.js", "bitgoeul.svg"):
        text = (pages.STATIC / name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")

        assert "http" not in text
        assert "@import" not in text


def test_light_and_dark_both_have_readable_contrast():
    """WCAG AA: 4.5 for text on paper, sheet and well; on the button too."""
    css = (Path(pages.STATIC) / "bitgoeul.css").read_text(encoding="utf-8")
    light, dark = css.split("prefers-color-scheme: dark")[0], css.split("prefers-color-scheme: dark")[1]
    for theme in (light, dark):
        colour = {k: v for k, v in _variables(theme).items() if len(v) == 7}
        for text in ("ink", "soft", "light-ink", "good", "bad"):
            for ground in ("paper", "sheet", "well", "hill"):
                assert _contrast(colour[text], colour[ground]) >= 4.5, (text, ground, colour[text], colour[ground])
        assert _contrast("#1a1405", colour["light"]) >= 4.5
        assert _contrast(colour["line-strong"], colour["sheet"]) >= 3  # the edge of a field


def _variables(theme: str) -> dict[str, str]:
    block = theme.split(":root")[1].split("}")[0]
    pairs = (line.strip().removeprefix("--").rstrip(";").split(": ", 1) for line in block.splitlines() if "--" in line)
    return dict(pairs)


def _contrast(one: str, other: str) -> float:
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
