"""One job in the sandbox: what it sees, its limits, and who starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bitgoeul.errors import SandboxUnavailable
from bitgoeul.grading import launch
from bitgoeul.grading.sandbox import Ended, Sandbox
from bitgoeul.grading.zygotes import Zygotes
from bitgoeul.settings import Grading

SMALL = Grading(memory_mb=256, disk_mb=16, max_files=300, processes=32, cell_seconds=10, total_seconds=20)
REPOSITORY = Path(__file__).resolve().parents[3]


PRINTED = """
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as printed:
    exec(arguments["program"])
found = printed.getvalue()
"""


def run(program: str, files: dict[str, bytes] | None = None, seconds: float = 30) -> Ended:
    job = {"program": PRINTED, "arguments": {"program": program}}
    return Sandbox(SMALL).run(job, files or {}, seconds=seconds)


def told(ended: Ended) -> str:
    return "".join(json.loads(line).get("probes", "") for line in ended.lines)


def test_the_files_of_a_job_lie_in_its_folder_and_can_be_changed() -> None:
    look = "import os; print(open('data/a.csv').read()); open('data/a.csv', 'a').write('2'); print(sorted(os.listdir('.')))"
    ended = run(look, {"data/a.csv": b"1", "한글.txt": b"x"})

    assert told(ended).split() == ["1", "['data',", "'한글.txt']"]


def test_files_handed_in_do_not_count_against_the_disk_limit() -> None:
    ended = run(
        "import os; print(os.path.getsize('big')); open('more', 'wb').write(b'0' * 10**6)", {"big": bytes(30_000_000)}
    )

    assert told(ended).strip() == "30000000"


def test_a_job_sees_no_file_of_the_project() -> None:
    ended = run(
        f"import os; print(os.path.exists({str(REPOSITORY / 'academy.toml')!r}), os.path.exists('/etc/passwd'))"
    )

    assert told(ended).split() == ["False", "False"]


def test_a_job_that_does_not_end_is_ended_at_the_wall_limit() -> None:
    ended = run("import time; time.sleep(60)", seconds=1)

    assert ended.reason == "wall-time"


def test_a_sandbox_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "find_bwrap", lambda: None)

    with pytest.raises(SandboxUnavailable, match="doctor"):
        Sandbox(SMALL, Zygotes()).run({"program": "found = 1", "arguments": {}}, {}, seconds=9)


def test_jobs_of_several_threads_do_not_disturb_each_other() -> None:
    found: dict[int, str] = {}

    def one(number: int) -> None:
        found[number] = told(
            run(f"import os; open('own', 'w').write('{number}'); print(open('own').read(), len(os.listdir('.')))")
        )

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {number: text.split() for number, text in found.items()} == {n: [str(n), "1"] for n in range(6)}


def test_no_descriptor_is_left_in_the_service() -> None:
    run("print(1)")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        run("print(1)")

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_python_of_a_job_is_the_services_own() -> None:
    ended = run("import sys, nbclient, ipykernel; print(sys.prefix, sys.version_info[:2])")

    assert told(ended).split()[0] == sys.prefix


PROVE = "from bitgoeul.grading.proof import proof; found = proof(); print(found.level, found.open)"
# An ordinary user cannot reach a Python in root's home, so the test gives him a view of the machine in which he can.
VIEW = """set -e
mkdir -p "$1/keep" && mount --rbind "$2" "$1/keep"
mount -t tmpfs -o mode=755 view /root && mkdir -p "$2" && mount --rbind "$1/keep" "$2"
shift 2
exec setpriv --reuid=12345 --regid=12345 --clear-groups "$@"
"""


def as_ordinary_user(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    if os.geteuid() == 0:
        command = ["unshare", "--mount", "sh", "-c", VIEW, "sh", str(folder), sys.base_prefix, *command]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/tmp",
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/", timeout=120, check=False)


def test_an_ordinary_user_proves_the_same_level(tmp_path: Path) -> None:
    done = as_ordinary_user(tmp_path, PROVE)

    assert (done.stdout.strip(), done.stderr) == ("namespaces {}", "")


CROWD = """
import os, signal, time
from bitgoeul.grading.proof import proof
born = []
for _ in range(80):
    child = os.fork()
    if child == 0:
        time.sleep(60); os._exit(0)
    born.append(child)
print(proof().level, proof().open)
for child in born:
    os.kill(child, signal.SIGKILL)
"""


def test_other_processes_of_the_same_user_do_not_count_against_a_job(tmp_path: Path) -> None:
    done = as_ordinary_user(tmp_path, CROWD)

    assert done.stdout.strip() == "namespaces {}", done.stderr
