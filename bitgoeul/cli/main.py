"""`bitgoeul`: one module per noun, imported only when its noun is called.

A lab has a tenth of the packages that the server has, and `bitgoeul submit` has to start there quickly.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys

from bitgoeul import __version__
from bitgoeul.errors import BitgoeulError, InputError

NOUNS = {
    "up": "start the academy on this machine; Ctrl-C stops all it started",
    "doctor": "say what each runtime lacks, and the command that gets it",
    "serve": "run the service alone; the Hub starts it so",
    "scheduler": "give what is to be judged to the workers of a cluster",
    "judge": "judge behind a unix socket, in a container that has no network",
    "worker": "judge on this machine for a service on another",
    "gpus": "list GPUs and who holds them; reserve and release",
    "course": "list, check and build courses; grade and compare their work",
    "challenge": "list and check challenges; take part; score anew, export",
    "people": "take in a roster; list who is in which cohort when",
    "grade": "judge one notebook against one source; no academy needed",
    "docker-proxy": "stand between the Hub and the Docker engine",
    "swarm-node": "print the script that prepares a machine of a swarm for labs",
    "images": "build the images of labs, graders and the service; list them",
    "submit": "hand in an assignment from a lab or a terminal",
    "verify": "read all submissions again: is anything lost or altered?",
    "backup": "copy everything acknowledged, while the academy is open",
    "restore": "put a backup into an empty place, and read it all again",
    "receipt": "check a receipt offline",
}


def usage() -> str:
    """List every noun with one line."""
    rows = "\n".join(f"  {noun:<14}{line}" for noun, line in NOUNS.items())
    return f"bitgoeul {__version__}: an AI academy in a box (빛고을)\n\nbitgoeul NOUN --help tells more:\n{rows}\n"


def language() -> str:
    """Choose the terminal's language: Korean where the locale says so."""
    names = ("BITGOEUL_LANGUAGE", "LC_ALL", "LANG")
    found = next((os.environ[name] for name in names if os.environ.get(name)), "en")
    return "ko" if found.startswith("ko") else "en"


def main() -> None:
    """Run a command; what a person may be told becomes one message on stderr and exit code 1 or 2."""
    noun, rest = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("--help", [])
    if noun in ("--help", "-h", "help", "--version"):
        sys.stdout.write(usage())
        return
    if noun not in NOUNS:
        near = difflib.get_close_matches(noun, NOUNS, 1)
        hint = f"Did you mean `bitgoeul {near[0]}`?" if near else "`bitgoeul --help` lists them."
        sys.stderr.write(f"There is no command {noun!r}. {hint}\n")
        sys.exit(2)
    command = importlib.import_module(f"bitgoeul.cli.{noun.replace('-', '_')}")
    try:
        command.app(args=rest, prog_name=f"bitgoeul {noun}")
    except BitgoeulError as error:
        sys.stderr.write(f"{error.text.pick(language())}\n")
        sys.exit(2 if isinstance(error, InputError) else 1)
