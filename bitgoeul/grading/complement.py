"""The complement of a test cell: the same cell, changed so that a right solution must fail it.

A test that runs in a student's process can be forged there: asserts dropped, errors kept quiet, objects that equal
everything, expected values read from the caller. What forges the test forges its complement, too. So each test cell is
also run as its complement, in a fork and by the same way: of the two exactly one may pass.

In the complement every `assert` is negated; what is compared must differ from a changed expected value; and expected
constants are other ones than in the test. It passes only if one of these held that cannot hold. It is a net with
meshes: whoever tells the complement from the test by its text slips through. Marks that matter come from a checker.
"""

from __future__ import annotations

import ast
import copy
import functools
from typing import Any, cast

from IPython.core.inputtransformer2 import TransformerManager

CHANGE = 7919
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
    except Exception:  # noqa: BLE001 (what cannot be reckoned with differs from everything)
        return object()
_bg_held = []
"""
_VERDICT = "if not _bg_held:\n    raise AssertionError('complement')\n"
# In a body of its own, so that the cell stays one when somebody takes out its lines with `assert`.
_MUST_FAIL = "try:\n    pass\n    {0}\nexcept Exception:\n    pass\nelse:\n    _bg_held.append(1)"
_TWO_SIDED = ("allclose", "isclose", "array_equal", "array_equiv")
_LITERAL_CALLS = ("approx", "array", "Series", "list", "tuple", "set", "dict", "Fraction", "Decimal", "tensor")


@functools.lru_cache(maxsize=1000)
def complement(source: str) -> str:
    """Give the complement of a test cell's source.

    Where there is nothing to negate, or the cell is no Python that can be read, it is a cell that fails.
    """
    try:
        lines = "\n".join(source.splitlines()) + "\n"  # IPython knows fewer ends of a line than Python's strings
        tree = ast.parse(TransformerManager().transform_cell(lines))
        changed = _Changed(_expected(tree)).visit(copy.deepcopy(tree))
        parts = [_guarded(changed), _guarded(_Negated().visit(tree))]  # who searches the text finds what is changed
        return _PRELUDE + "\n".join(map(ast.unparse, parts)) + "\n" + _VERDICT
    except (SyntaxError, ValueError, RecursionError):
        return _PRELUDE + _VERDICT


def _guarded(tree: ast.Module) -> ast.Module:
    """What ends the cell ends this part of it: a complement that cannot go on has failed, as it must."""
    whole = ast.parse("try:\n    pass\nexcept Exception:\n    pass")
    guard: Any = whole.body[0]
    guard.body = tree.body or guard.body
    return ast.fix_missing_locations(whole)


def _must_fail(statement: str) -> list[ast.stmt]:
    return ast.parse(_MUST_FAIL.format(statement)).body


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
    return isinstance(node, ast.Call) and len(node.args) > 1 and name.startswith("assert") and not any(
        word in name for word in odd
    )  # fmt: skip


class _Negated(ast.NodeTransformer):
    """Every assertion becomes one that must fail. Each side of it is worked out once, as in the test."""

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        """Negate it, and compare with another value."""
        test = node.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            sides = ast.parse(
                f"_bg_left = {ast.unparse(test.left)}\n_bg_right = {ast.unparse(test.comparators[0])}"
            ).body
            held = copy.copy(test)
            held.left, held.comparators = ast.Name("_bg_left", ast.Load()), [ast.Name("_bg_right", ast.Load())]
            statements = [*sides, *_must_fail(f"assert not ({ast.unparse(held)})")]
            if isinstance(test.ops[0], ast.Eq):
                statements += _must_fail("assert _bg_left == _bg_other(_bg_right)")
            return statements
        if _name(test) in _TWO_SIDED and isinstance(test, ast.Call) and len(test.args) > 1:
            return _must_fail(f"assert {ast.unparse(_with_other(test))}") + _must_fail(
                f"assert not ({ast.unparse(test)})"
            )
        return _must_fail(f"assert not ({ast.unparse(test)})")

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | list[ast.stmt]:
        """Call an assertion function with another expected value."""
        if not _is_assertion_call(node.value):
            return node
        return _must_fail(ast.unparse(_with_other(node.value)))


def _with_other(call: ast.expr) -> ast.Call:
    changed = cast("ast.Call", copy.deepcopy(call))
    changed.args[1] = ast.Call(ast.Name("_bg_other", ast.Load()), [changed.args[1]], [])
    return changed


class _Changed(ast.NodeTransformer):
    """Expected constants become others, for a test whose caller's constants somebody reads."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        """Change a name that is only ever expected."""
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id in self.names:
            node.value = _other_constants(node.value)
        return node

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        """Compare with a changed constant; leave out what has none."""
        test = node.test
        if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
            return [ast.Pass()]
        right = test.comparators[0]
        changed = _other_constants(right)
        named = isinstance(right, ast.Name) and right.id in self.names
        if not named and ast.dump(changed) == ast.dump(right):
            return [ast.Pass()]
        return _must_fail(f"assert ({ast.unparse(test.left)}) == ({ast.unparse(changed)})")

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | list[ast.stmt]:
        """Call an assertion function with a changed constant."""
        if not _is_assertion_call(node.value):
            return node
        call: Any = copy.deepcopy(node.value)
        call.args[1] = _other_constants(call.args[1])
        return _must_fail(ast.unparse(call)) if ast.dump(call) != ast.dump(node.value) else [ast.Pass()]


def _other_constants(node: ast.expr) -> ast.expr:
    """Change the constants of a literal. Nothing is changed that might say how large something is to be."""
    changed = copy.deepcopy(node)
    if isinstance(changed, ast.Constant):
        value = changed.value
        if isinstance(value, bool):
            return ast.Constant(not value)
        if isinstance(value, int | float | complex):
            return ast.Constant(-3 * value - CHANGE)
        return ast.Constant(value + "?") if isinstance(value, str) else changed
    if isinstance(changed, ast.UnaryOp):
        changed.operand = _other_constants(changed.operand)
    elif isinstance(changed, ast.List | ast.Tuple | ast.Set):
        changed.elts = [_other_constants(item) for item in changed.elts]
    elif isinstance(changed, ast.Dict):
        changed.values = [_other_constants(item) for item in changed.values]
    elif isinstance(changed, ast.Call) and _name(changed) in _LITERAL_CALLS and changed.args:
        changed.args[0] = _other_constants(changed.args[0])
    return changed


def _expected(tree: ast.Module) -> frozenset[str]:
    """Names that are only ever compared with: assigned a constant, and used on the right of `==` alone."""
    rights = [
        node.test.comparators[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare) and isinstance(node.test.ops[0], ast.Eq)
    ]
    expected = {right.id for right in rights if isinstance(right, ast.Name)}
    here = {id(right) for right in rights}
    elsewhere = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in here
    }
    changed = {
        node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and ast.dump(_other_constants(node.value)) != ast.dump(node.value)
    }
    return frozenset((expected & changed) - elsewhere)
