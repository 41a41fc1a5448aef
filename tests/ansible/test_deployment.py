"""A whole academy on a real server: systemd, Docker, PostgreSQL, nginx; by one command, seen by browsers over HTTPS."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from pathlib import Path

import pytest

from bitgoeul.curriculum.building import build
from bitgoeul.curriculum.loading import find_assignment, find_course, load_courses
from tests.ansible.conftest import ADDRESS, HUB, Deployed, write_inventory
from tests.ansible.visitors import Member, browsers
from tests.fakes import docker_images
from tests.fakes.server import server
from tests.system import test_journey as journey

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]
ACKNOWLEDGED = (
    "select sequence, user_name, sha256, signature from submissions order by sequence",
    "select submission, verdict from verdicts order by id",
    "select course, assignment, version, digest from releases order by version",
)
OURS = ("bitgoeul-hub", "bitgoeul-docker-proxy", "bitgoeul-firewall", "nginx", "docker", "prometheus")


def test_one_command_brings_the_academy_up(deployed: Deployed) -> None:
    for unit in OURS:
        assert deployed.server.run("systemctl", "is-active", unit).strip() == "active", unit
    assert deployed.server.run("systemctl", "is-enabled", "bitgoeul-backup.timer").strip() == "enabled"


def test_a_second_run_changes_nothing(deployed: Deployed) -> None:
    again = deployed.play()

    assert again.code == 0, again.said[-3000:]
    assert again.changed == []


def test_the_hub_is_no_root_and_cannot_open_the_engines_socket(deployed: Deployed) -> None:
    server = deployed.server
    users = server.run("ps", "-o", "user=", "-C", "configurable-http-proxy,bitgoeul,jupyterhub", check=False).split()
    tried = server.run("sh", "-c", "test -r /run/docker.sock || echo closed", user="bitgoeul")

    assert set(users) <= {"bitgoeul", "root"}
    assert server.run("systemctl", "show", "-p", "User", "--value", "bitgoeul-hub").strip() == "bitgoeul"
    assert tried.strip() == "closed"


def test_secrets_are_readable_by_nobody_else(deployed: Deployed) -> None:
    paths = [
        "/etc/bitgoeul/environment",
        "/etc/bitgoeul/academy.toml",
        "/var/lib/bitgoeul/keys/login-secret",
        "/etc/bitgoeul-tls/server.key",
    ]
    modes = deployed.server.run("stat", "-c", "%a", *paths).split()

    assert [mode[-1] for mode in modes] == ["0"] * len(paths)


def test_only_the_academys_ports_are_open(deployed: Deployed) -> None:
    rules = deployed.server.run("nft", "list", "table", "inet", "bitgoeul")

    assert re.search(r"tcp dport \{ 22, 80, 443 \} accept", rules)
    assert rules.rstrip().endswith("drop\n\t}\n}")
    assert "BG-IN-bitgoeul-labs" in deployed.server.run("iptables-save"), "the labs' walls are beside it"


def test_from_outside_nothing_answers_but_these_ports(deployed: Deployed) -> None:
    """The engine, PostgreSQL, the Hub without TLS, its port for labs, Prometheus, and a port of nobody's."""
    listening = deployed.server.run("ss", "-Hltn")
    with deployed.outside():
        found = {port: reached(port) for port in (22, 80, 443, 2375, 5432, 8000, 8081, 9090, 9100, 40000)}

    assert "0.0.0.0:22" in listening
    assert [port for port, there in found.items() if there] == [22, 80, 443]


def reached(port: int) -> bool:
    try:
        socket.create_connection((ADDRESS, port), 1).close()
    except OSError:
        return False
    return True


def test_prometheus_reads_the_hubs_figures(deployed: Deployed) -> None:
    ask = "python3 -c \"import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:9090/api/v1/targets').read().decode())\""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        targets = json.loads(deployed.server.run("sh", "-c", ask))["data"]["activeTargets"]
        health = {target["labels"]["job"]: target["health"] for target in targets}
        if health == {"hub": "up", "node": "up"}:
            return
        time.sleep(2)
    raise AssertionError(targets)


def test_an_assignment_travels_from_release_to_feedback_over_https(deployed: Deployed, root: Path) -> None:
    built = build(find_assignment(find_course(load_courses(root / "curriculum"), journey.COURSE), journey.ASSIGNMENT))
    with browsers(deployed) as browser:
        teacher, minji, junho = (Member(browser, name) for name in ("hyunwoo", "minji", "junho"))
        journey.release(teacher)
        journey.solve(minji, journey.right(built))
        journey.err(junho)
        journey.see_results(minji, junho)
        journey.grade_by_hand(teacher)
        journey.release_feedback(teacher)
        journey.read_feedback(minji, junho)

        assert minji.page.url.startswith("https://")
        assert [person.faults for person in (teacher, minji, junho)] == [[], [], []]


def test_the_assignments_checker_has_judged(deployed: Deployed) -> None:
    verdicts = [json.loads(line) for line in query(deployed, "select verdict from verdicts").splitlines()]

    assert len(verdicts) == 2
    assert all(verdict["checker_sha256"] for verdict in verdicts)
    assert {verdict["isolation"] for verdict in verdicts} == {"namespaces"}


def test_it_runs_on_postgresql_and_every_receipt_is_sound(deployed: Deployed) -> None:
    found = json.loads(deployed.server.run("bitgoeul", "verify", "--json"))

    assert found["sound"], found
    assert found["submissions"] == 2
    assert not deployed.server.run("sh", "-c", "ls /var/lib/bitgoeul/bitgoeul.sqlite 2>/dev/null", check=False)


def test_a_restart_of_the_hub_keeps_running_labs(deployed: Deployed) -> None:
    before = labs(deployed)
    deployed.server.run("systemctl", "restart", "bitgoeul-hub")
    wait_until_open(deployed)

    assert before
    assert labs(deployed) == before


def test_an_upgrade_keeps_people_grades_and_running_labs(deployed: Deployed, root: Path, tmp_path: Path) -> None:
    """The next release has a database of another form, which its first start gives to what is there."""
    before, grades, running = people(deployed), gradebook(deployed), labs(deployed)
    release = deployed.server.run("readlink", "/opt/bitgoeul/current")
    newer, form = next_release(root, tmp_path)
    done = deployed.play("--tags", "service,hub", "-e", f"service_revision={newer}")
    wait_until_open(deployed)

    assert done.code == 0, done.said[-3000:]
    assert deployed.server.run("readlink", "/opt/bitgoeul/current") != release
    assert query(deployed, "select version_num from alembic_version").strip() == form
    assert running
    assert labs(deployed) == running
    assert people(deployed) == before
    assert gradebook(deployed) == grades
    assert json.loads(deployed.server.run("bitgoeul", "verify", "--json"))["submissions"] == 2


def test_a_backup_on_an_empty_server_brings_back_everything_acknowledged(
    deployed: Deployed, tmp_path_factory: pytest.TempPathFactory, root: Path
) -> None:
    deployed.server.run("systemctl", "start", "bitgoeul-backup.service")
    (made,) = deployed.server.run("ls", "/var/backups/bitgoeul").split()
    lies = deployed.server.folder / "upper/var/backups/bitgoeul"
    archive, wheels = docker_images.parts(root)
    shared = {wheels: "/srv/wheels", archive.parent: "/srv/images", lies: "/srv/backups"}
    with server("empty", shared) as empty:
        path = write_inventory(tmp_path_factory.mktemp("empty"), empty, archive)
        other = Deployed(empty, path, deployed.first, deployed.outside)
        first = other.play("--tags", "docker,postgres,service,hub")
        assert first.code == 0, first.said[-3000:]
        done = other.play("-e", f"backup_restore_from=/srv/backups/{made}", playbook="restore.yml")
        assert done.code == 0, done.said[-3000:]
        found = json.loads(empty.run("bitgoeul", "verify", "--json"))

        assert (found["sound"], found["submissions"]) == (True, 2)
        assert gradebook(other) == gradebook(deployed)
        assert people(other) == people(deployed)
        for asked in ACKNOWLEDGED:
            assert query(other, asked) == query(deployed, asked) != ""
        again = other.play("-e", f"backup_restore_from=/srv/backups/{made}", playbook="restore.yml")
        assert again.code != 0
        assert "제출물이 있어" in again.said
        assert empty.run("systemctl", "is-active", "bitgoeul-hub").strip() == "active"


MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{new}", "{old}", None, None


def upgrade() -> None:
    op.add_column("submissions", sa.Column("of_the_next_release", sa.Text, nullable=False, server_default="new"))
"""


def next_release(root: Path, folder: Path) -> tuple[str, str]:
    """Commit, beside every branch, this release with one more migration; give the commit and the new form's name."""
    old = max(path.name[:4] for path in (root / "bitgoeul/migrations/versions").glob("[0-9]*.py"))
    new = f"{int(old) + 1:04}"
    (folder / "migration.py").write_text(MIGRATION.format(new=new, old=old))
    environ = {"GIT_INDEX_FILE": str(folder / "index")}
    blob = git(root, "hash-object", "-w", str(folder / "migration.py"))
    git(root, "read-tree", "HEAD", **environ)
    entry = f"100644,{blob},bitgoeul/migrations/versions/{new}_next_release.py"
    git(root, "update-index", "--add", "--cacheinfo", entry, **environ)
    tree = git(root, "write-tree", **environ)
    return git(root, "commit-tree", tree, "-p", "HEAD", "-m", "The next release"), new


def git(root: Path, *arguments: str, **environ: str) -> str:
    command = ["git", "-C", str(root), "-c", "user.name=tests", "-c", "user.email=tests@academy.test", *arguments]
    done = subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def rows(deployed: Deployed, database: str, query: str) -> list[list[object]]:
    program = (
        "import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))"
    )
    found: list[list[object]] = json.loads(deployed.server.run("python3", "-c", program, database, query))
    return found


def query(deployed: Deployed, asked: str) -> str:
    """Ask the service's own database."""
    return deployed.server.run("psql", "-U", "bitgoeul", "bitgoeul", "-tAc", asked)


def people(deployed: Deployed) -> list[list[object]]:
    return rows(deployed, "/var/lib/bitgoeul/hub/jupyterhub.sqlite", "select name, admin from users order by name")


def gradebook(deployed: Deployed) -> list[list[object]]:
    """Every score that a machine or a person gave."""
    path = "/var/lib/bitgoeul/courses/ai-and-data/gradebook.db"
    return rows(deployed, path, "select auto_score, manual_score from grade order by id")


def labs(deployed: Deployed) -> set[str]:
    return set(deployed.server.run("docker", "ps", "-q", "--filter", "label=bitgoeul.lab").split())


def wait_until_open(deployed: Deployed, seconds: float = 120) -> None:
    """Ask as a browser does: by name, over TLS, believing the academy's authority alone."""
    authority = deployed.server.folder / "upper/etc/bitgoeul-tls/ca.pem"
    there = ["--resolve", "hub.academy.test:443:127.0.0.1", "--noproxy", "*", "--cacert", str(authority)]
    until = time.monotonic() + seconds
    with deployed.server.network():
        while time.monotonic() < until:
            done = subprocess.run(["curl", "-sf", "-o", "/dev/null", *there, f"{HUB}/hub/login"], check=False)
            if done.returncode == 0:
                return
            time.sleep(1)
    raise AssertionError(deployed.server.run("journalctl", "-u", "bitgoeul-hub", "-n", "50", "--no-pager"))
