"""Which libraries a notebook is to find warm."""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Iterable

from bitgoeul.grading.inside.warm_cells import CELLS

_IMPORT = re.compile(r"^\s*(?:import|from)\s+([\w., ]+)", re.MULTILINE)
_BRINGS = {
    "pandas": ("numpy",),
    "sklearn": ("numpy", "scipy"),
    "scipy": ("numpy",),
    "matplotlib": ("numpy",),
    "koreanize_matplotlib": ("numpy", "matplotlib"),
    "torch": ("numpy",),
}


def packages_of(sources: Iterable[str]) -> frozenset[str]:
    """The libraries that the cells name in imports, of those that a zygote knows how to warm."""
    named = {
        word.strip().split(" ")[0].split(".")[0]
        for source in sources
        for line in _IMPORT.findall(source)
        for word in line.split(",")
    }
    wanted = {name for name in named & CELLS.keys() if _installed(name)}
    return frozenset(wanted.union(*(_BRINGS.get(name, ()) for name in wanted)))


@functools.cache
def _installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None
