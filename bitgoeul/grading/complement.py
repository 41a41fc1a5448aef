"""The complement of a test cell: the same cell, changed so that a right solution must fail it.

A test that runs in a student's process can be forged there: asserts dropped, errors kept quiet, objects that equal
everything, expected values read from the caller. What forges the test forges its complement, too. So each test cell is
also run as its complement, by code that has not seen the test: of the two exactly one may pass.

In the complement every `assert` is negated; what is compared must differ from a changed expected value; and expected
constants are other ones than in the test. It passes only if one of these held that cannot hold. Everything is worked
out once, in the test's order, so that code which remembers its calls does the same as in the test; where that cannot
be done, although it could in the test, somebody may have told the two apart. That a complement failed as it must is
told by a word that nobody can know before. It is a net with meshes: whoever takes the kernel apart around it slips
through. Marks that matter come from a checker.
"""

from __future__ import annotations

import ast
import copy
import functools
import itertools
import secrets
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

CHANGE = secrets.randbelow(8000) + 1000  # nobody is to know it
MORE = "x"
# Another value of the same kind: an object that equals everything equals it, too. Adding alone would leave infinity,
# and what is large, as it was.
_PRELUDE = f"""
def _bg_other(value):
    kind = type(value)
    if kind is bool:
        return not value
    for kinds, more in (((str,), '?'), ((list,), [{CHANGE}]), ((tuple,), ({CHANGE},))):
        if kind in kinds:
            return value + more
    if kind is dict:
        return {{**value, {CHANGE}: {CHANGE}}}
    if kind in (set, frozenset):
        return value | {{{CHANGE}}}
    try:
        return -3 * value - {CHANGE}
    except Exception:  # noqa: BLE001 (values of any kind)
        return object()
_bg_held = []
try:
    if float(get_ipython().display_formatter.format({CHANGE}.0)[0]['text/plain']) != {CHANGE}:
        _bg_held.append(1)
except (NameError, KeyError):
    pass
"""
_VERDICT = "if not _bg_held:\n    raise AssertionError({0!r})\n"
# In a body of its own, so that the cell stays one when somebody takes out its lines with `assert`.
_MUST_FAIL = "try:\n    pass\n    {0}\nexcept Exception:\n    pass\nelse:\n    _bg_held.append(1)"
_OTHER = "_bg_expected"
_TWO_SIDED = ("allclose", "isclose", "array_equal", "array_equiv")
_LITERAL_CALLS = ("approx", "array", "Series", "list", "tuple", "set", "dict", "Fraction", "Decimal", "tensor")


def complement(source: str, token: str) -> str:
    """Give the complement of a test cell's source. Where it fails as it must, its error says the token.

    Where there is nothing to negate, or the cell is no Python that can be read, it is a cell that fails.
    """
    return _changed(source) + _VERDICT.format(token)


@functools.lru_cache(maxsize=1000)
def _changed(source: str) -> str:
    try:
        lines = "\n".join(source.splitlines()) + "\n"  # IPython knows fewer ends of a line than Python's strings
        text = TransformerManager().transform_cell(lines)
        tree = ast.parse(text)
        changing = _Complement(_expected(tree))
        guarded = _guarded(changing.visit(tree))
        return _seen(text, changing.edits) + _PRELUDE + ast.unparse(guarded) + "\n"
    except (SyntaxError, ValueError, RecursionError):
        return _PRELUDE


def _guarded(tree: ast.Module) -> ast.Module:
    """What could be worked out in the test is to be worked out here, too, or to have held before."""
    whole = ast.parse("try:\n    pass\nexcept Exception:\n    if not _bg_held:\n        raise")
    guard: Any = whole.body[0]
    guard.body = tree.body or guard.body
    return ast.fix_missing_locations(whole)


Edit = tuple[int, int, int, int, str]
"""A place in a text, by its lines and bytes as `ast` counts them, and what is to stand there."""


def _seen(text: str, edits: list[Edit]) -> str:
    """The test as it is, but for the expected constants: who searches the text for them finds these first."""
    lines = [line.encode() for line in text.split("\n")]
    for first, begin, last, end, fresh in sorted(set(edits), reverse=True):
        if first == last:
            line = lines[first - 1]
            lines[first - 1] = line[:begin] + fresh.encode() + line[end:]
    return "".join(f"# {line.decode()}\n" for line in lines)


def _must_fail(statement: str) -> list[ast.stmt]:
    return ast.parse(_MUST_FAIL.format(statement)).body


def _kept(name: str, value: ast.expr | str) -> ast.stmt:
    return ast.parse(f"{name} = {value if isinstance(value, str) else ast.unparse(value)}").body[0]


def _name(call: ast.expr) -> str:
    if not isinstance(call, ast.Call):
        return ""
    function = call.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _is_assertion_call(node: ast.expr) -> bool:
    """Calls like numpy's and unittest's own: the second argument is what is expected."""
    name = _name(node).lower()
    odd = ("raises", "warns", "logs", "less", "greater", "not", "isinstance", "regex")
    return (
        isinstance(node, ast.Call)
        and len(node.args) > 1
        and not any(isinstance(argument, ast.Starred) for argument in node.args[:2])
        and name.startswith("assert")
        and not any(word in name for word in odd)
    )


class _Complement(ast.NodeTransformer):
    """Every assertion becomes ones that must fail, and expected constants others.

    `names` are those that are only ever expected; what they stand for in the test is kept under another name.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self.own = {name: f"_bg_{number}" for number, name in enumerate(sorted(names))}
        self.changed_names: set[str] = set()
        self.edits: list[Edit] = []
        self.numbers = itertools.count()

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        """Change a name that is only ever expected."""
        target = node.targets[0]
        if not isinstance(target, ast.Name) or target.id not in self.own:
            return [node]
        changed = self.changed(node.value)
        if changed is None:
            return [node, _kept(self.own[target.id], target.id)]
        self.changed_names.add(target.id)
        return [_kept(target.id, changed), _kept(self.own[target.id], node.value)]

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        """Negate it, and compare with other values."""
        test = node.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            held = copy.copy(test)
            held.left, held.comparators = ast.Name("_bg_left", ast.Load()), [ast.Name("_bg_right", ast.Load())]
            equal = isinstance(test.ops[0], ast.Eq)
            sides = self.sides(test.left, test.comparators[0], expected=equal)
            checks = [f"assert _bg_left == {_OTHER}"] if equal else []
            return [*sides.kept, *sides.check(checks), *_must_fail(f"assert not ({ast.unparse(held)})")]
        if _name(test) in _TWO_SIDED and isinstance(test, ast.Call) and len(test.args) > 1:
            sides = self.sides(*test.args[:2], expected=True)
            right = _with_sides(test, "_bg_right")
            return [
                *sides.kept,
                *sides.check([f"assert {_with_sides(test, _OTHER)}"]),
                *_must_fail(f"assert not ({right})"),
            ]
        return _must_fail(f"assert not ({ast.unparse(test)})")

    def visit_Expr(self, node: ast.Expr) -> list[ast.stmt]:
        """Call an assertion function with other expected values."""
        if not isinstance(node.value, ast.Call) or not _is_assertion_call(node.value):
            return [node]
        sides = self.sides(*node.value.args[:2], expected=True)
        return [*sides.kept, *sides.check([_with_sides(node.value, _OTHER)])]

    def sides(self, left: ast.expr, right: ast.expr, *, expected: bool) -> _Sides:
        """Work out both sides once; where the right one is a constant, or stands for one, have another, too."""
        changed = self.changed(right) if expected else None
        others = [ast.unparse(changed)] if changed is not None else []
        if isinstance(right, ast.Name) and right.id in self.own:
            others = [right.id] if right.id in self.changed_names else []
            right = ast.Name(self.own[right.id], ast.Load())
        return _Sides([_kept("_bg_left", left), _kept("_bg_right", right)], [*others, "_bg_other(_bg_right)"])

    def changed(self, node: ast.expr) -> ast.expr | None:
        """Give an expression with other constants, if it is one of constants."""
        edits: list[Edit] = []
        changed = _other_constants(copy.deepcopy(node), edits)
        self.edits += edits
        return changed if edits else None


class _Sides:
    """Both sides of a comparison in variables, and the expressions that the left one must not equal."""

    def __init__(self, kept: list[ast.stmt], others: list[str]) -> None:
        self.kept, self.others = kept, others

    def check(self, forms: list[str]) -> list[ast.stmt]:
        """Each of these forms must fail with each of the others in it."""
        return [step for form in forms for other in self.others for step in _must_fail(form.replace(_OTHER, other))]


def _with_sides(call: ast.Call, right: str) -> str:
    changed = copy.copy(call)
    changed.args = [ast.Name("_bg_left", ast.Load()), ast.Name(right, ast.Load()), *call.args[2:]]
    return ast.unparse(changed)


def _other_constants(node: ast.expr, edits: list[Edit]) -> ast.expr:
    """Change the constants of a literal. Nothing is changed that might say how large something is to be."""
    if isinstance(node, ast.Constant):
        fresh = _other_constant(node.value)
        if fresh is None:
            return node
        last, end = node.end_lineno or 0, node.end_col_offset or 0
        in_quotes = isinstance(fresh, str)
        begin = (last, end - 1) if in_quotes else (node.lineno, node.col_offset)
        edits.append((*begin, last, end - in_quotes, MORE if in_quotes else ast.unparse(ast.Constant(fresh))))
        return ast.Constant(fresh)
    if isinstance(node, ast.UnaryOp):
        node.operand = _other_constants(node.operand, edits)
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        node.elts = [_other_constants(item, edits) for item in node.elts]
    elif isinstance(node, ast.Dict):
        node.values = [_other_constants(item, edits) for item in node.values]
    elif isinstance(node, ast.Call) and _name(node) in _LITERAL_CALLS and node.args:
        node.args[0] = _other_constants(node.args[0], edits)
    return node


def _other_constant(value: Any) -> Any:
    """Another constant that is written in the same way; `None` where there is none."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value + MORE
    if not isinstance(value, int | float | complex):
        return None
    fresh = 3 * value + CHANGE
    return fresh if fresh != value else None  # infinity stays what it is


def _expected(tree: ast.Module) -> frozenset[str]:
    """Names that are only ever compared with: assigned once, at the top, and used on the right of `==` alone."""
    rights = [
        node.test.comparators[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare) and isinstance(node.test.ops[0], ast.Eq)
        if len(node.test.ops) == 1
    ]
    expected = {right.id for right in rights if isinstance(right, ast.Name)}
    given = [node.targets[0] for node in tree.body if isinstance(node, ast.Assign) and len(node.targets) == 1]
    allowed = {id(node) for node in (*rights, *given)}
    elsewhere = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in allowed}
    elsewhere |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    named = [target.id for target in given if isinstance(target, ast.Name)]
    return frozenset(name for name in expected - elsewhere if named.count(name) == 1)
