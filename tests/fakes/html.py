"""Reads a page as a person with a screen reader meets it: text, controls and their names, landmarks."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "path",
        "rect",
        "circle",
        "line",
    ]
)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, *tags: str) -> list[Element]:
        """Every element below of these tags, in the order of the page."""
        found = []
        for child in self.children:
            found += [child] if child.tag in tags else []
            found += child.all(*tags)
        return found

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("root", {})
        self.path = [self.root]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.path[-1].children.append(element)
        if tag not in _VOID:
            self.path.append(element)

    def handle_startendtag(self, tag, attrs):
        self.path[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        if tag in _VOID:
            return
        assert self.path[-1].tag == tag, f"</{tag}> closes <{self.path[-1].tag}>"
        self.path.pop()

    def handle_data(self, data):
        if self.path[-1].tag not in ("script", "style"):
            for element in self.path:
                element.text += data


def read_page(text: str) -> Element:
    """The page as a tree; raises when an element is not closed in order."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.path) == 1, f"<{reader.path[-1].tag}> is never closed"
    return reader.root


def faults(page: Element) -> list[str]:
    """What would stop somebody who does not see the page, or does not use a mouse."""
    ids = [e["id"] for e in _everything(page) if e["id"]]
    labelled = {label["for"] for label in page.all("label")}
    found = [f"the id {name} is there twice" for name in {i for i in ids if ids.count(i) > 1}]
    for control in page.all("input", "select", "textarea"):
        named = control["type"] in ("hidden", "submit") or control["id"] in labelled or control["aria-label"]
        found += [] if named else [f"<{control.tag} name={control['name']}> has no label"]
    spoken = page.all("button", "a", "summary", "th", "h1", "h2", "h3")
    found += [f"an empty <{e.tag}>" for e in spoken if not e.text.strip() and not e["aria-label"]]
    for element in _everything(page):
        for name in ("aria-labelledby", "aria-describedby"):
            found += [f"{name} points to {i}, which is not there" for i in element[name].split() if i not in ids]
        found += [f"inline {name}" for name in element.attributes if name.startswith("on") or name == "style"]
    if [len(page.all(tag)) for tag in ("h1", "main", "title")] != [1, 1, 1]:
        found.append("one h1, one main and one title were wanted")
    levels = [int(h.tag[1]) for h in page.all("h1", "h2", "h3", "h4")]
    found += [f"a heading jumps from h{a} to h{b}" for a, b in pairwise(levels) if b > a + 1]
    found += ["a frame without title"] * sum(not frame["title"] for frame in page.all("iframe"))
    found += ["a form that changes something without a CSRF token" for f in page.all("form") if _unprotected(f)]
    return found


def _unprotected(form: Element) -> bool:
    return form["method"] == "post" and not any(i["name"] == "_csrf" and i["value"] for i in form.all("input"))


def _everything(element: Element) -> list[Element]:
    return [e for child in element.children for e in (child, *_everything(child))]
