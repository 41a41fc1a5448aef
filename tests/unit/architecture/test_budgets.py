"""The budgets of code that stays readable; a budget is raised only with a reason in the commit."""

from __future__ import annotations

import ast
import re
from pathlib import Path

LONGEST_FUNCTION = 40
LONGEST_MODULE = 400
LONGEST_HUB_CONFIG = 30


def modules(root: Path) -> list[Path]:
    return sorted((root / "bitgoeul").rglob("*.py"))


def over_budget(source: str, name: str) -> list[str]:
    """List what is too long in one module."""
    found = []
    lines = source.count("\n")
    if lines > LONGEST_MODULE:
        found.append(f"{name}: {lines} lines, at most {LONGEST_MODULE}")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                found.append(f"{name}:{node.lineno}: {node.name} has {length} lines, at most {LONGEST_FUNCTION}")
    return found


def test_functions_and_modules_stay_short(root: Path) -> None:
    found = [fault for path in modules(root) for fault in over_budget(path.read_text(), str(path.relative_to(root)))]

    assert not found, "\n".join(found)


def test_a_function_of_41_lines_is_found() -> None:
    body = "def f():\n" + "    x = 1\n" * 40

    assert over_budget(body, "m.py") == ["m.py:1: f has 41 lines, at most 40"]
    assert over_budget("x = 1\n" * 401, "m.py") == ["m.py: 401 lines, at most 400"]


def test_the_hubs_config_is_a_table_of_contents(root: Path) -> None:
    lines = (root / "jupyterhub_config.py").read_text().count("\n")

    assert lines < LONGEST_HUB_CONFIG


def imports_of(path: Path, root: Path) -> set[str]:
    """Name every module of ours that a module imports, deferred imports included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("bitgoeul.")}


def knot(graph: dict[str, set[str]]) -> list[str]:
    """Give the modules of one import circle, or nothing."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph.get(name, ())):
            if found := walk(other, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := walk(name, []))), [])


def test_no_modules_import_each_other_in_a_circle(root: Path) -> None:
    names = {".".join(path.relative_to(root).with_suffix("").parts): path for path in modules(root)}
    graph = {name: imports_of(path, root) & set(names) for name, path in names.items()}

    assert knot(graph) == []


def test_a_circle_is_found() -> None:
    assert knot({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]


BROAD = re.compile(r"\s*except( (Base)?Exception( as \w+)?)?:(?P<rest>.*)")


def unreasoned(source: str) -> list[int]:
    """Give the lines that catch everything and do not say why: a process's edge has a reason."""
    found = []
    for number, line in enumerate(source.splitlines(), 1):
        broad = BROAD.fullmatch(line)
        reason = broad and re.sub(r"#|noqa: BLE001|[()\s-]", "", broad["rest"])
        if broad and len(reason or "") < 15:
            found.append(number)
    return found


def test_broad_excepts_say_why(root: Path) -> None:
    found = [f"{path.relative_to(root)}:{line}" for path in modules(root) for line in unreasoned(path.read_text())]

    assert not found, "\n".join(found)


def test_a_broad_except_without_a_reason_is_found() -> None:
    reasoned = "except Exception:  # noqa: BLE001 (the edge of this thread)\n"

    assert unreasoned(f"except Exception:\nexcept:\nexcept BaseException as e:  # noqa: BLE001\n{reasoned}") == [
        1,
        2,
        3,
    ]
