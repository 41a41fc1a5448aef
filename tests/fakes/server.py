"""A server of the tests' own: Debian 12 with systemd as its first process, sshd, and a disk that Docker can use.

It is a folder (debootstrap, kept in .cache/servers/), seen through an overlay, in namespaces of its own: processes, mounts, name,
network and control groups. Packages are installed from archives that were fetched beforehand, so it needs no way out of itself.
`with server.network():` puts the calling thread into its network, where 127.0.0.1 is the server.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.namespaces import network_of

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "servers"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
MIRROR = "http://deb.debian.org/debian"
CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "systemd")
"""Control groups of the first version, as Docker and systemd of Debian 12 take them."""

BASE = (
    "systemd", "systemd-sysv", "dbus", "openssh-server", "python3", "python3-apt", "iproute2", "iptables",
    "ca-certificates", "procps", "kmod", "locales",
)  # fmt: skip
"""What a rented server comes with."""

FETCHED = (
    "docker.io", "postgresql", "nginx-light", "nftables", "openssl", "python3-venv", "git", "acl",
    "prometheus", "prometheus-node-exporter", "e2fsprogs", "fonts-nanum",
)  # fmt: skip
"""What roles install: archives lie in apt's cache."""


def needed() -> None:
    """Root and the programs; else a skip, which is a failure in CI."""
    missing = [name for name in ("debootstrap", "ssh", "ssh-keygen", "unshare", "nsenter") if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"a server of the tests needs root and {missing or 'namespaces'} (make system-packages)")


def base() -> Path:
    """Give the folder that every server starts from; made once, kept by what it is made of."""
    made_of = hashlib.sha256(repr((BASE, FETCHED)).encode()).hexdigest()[:12]
    folder = CACHE / f"bookworm-{made_of}"
    if folder.exists():
        return folder
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    _run("debootstrap", "--variant=minbase", f"--include={','.join(BASE)}", "bookworm", str(part), MIRROR)
    fetch = ["apt-get", "-qq", "-y", "-o", "Debug::NoLocking=1", "--no-install-recommends", "--download-only"]
    _run(
        "chroot",
        str(part),
        "sh",
        "-c",
        'rm -f /etc/apt/apt.conf.d/docker-clean; exec "$@"',
        "sh",
        *fetch,
        "install",
        *FETCHED,
    )
    for unit in ("systemd-networkd", "systemd-networkd-wait-online", "systemd-resolved", "systemd-timesyncd"):
        with contextlib.suppress(FileNotFoundError):
            (part / "etc/systemd/system/multi-user.target.wants" / f"{unit}.service").unlink()
    (part / "etc/machine-id").write_text("")
    part.rename(folder)
    return folder


def _run(*command: str) -> str:
    environ = {"PATH": PATH, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-1000:]}{done.stderr[-2000:]}"
    return done.stdout


INIT = """
set -e
top=$1 root=$1/root name=$2; shift 2
mount --make-rprivate /
mount -t overlay overlay -o lowerdir=$BASE,upperdir=$top/upper,workdir=$top/work $root
mkdir -p $root/var/lib/docker $root/var/lib/bitgoeul
mount --bind $top/docker $root/var/lib/docker
mount --bind $top/bitgoeul $root/var/lib/bitgoeul
for pair in "$@"; do mkdir -p $root${pair#*:}; mount --bind -o ro ${pair%%:*} $root${pair#*:}; done
mount -t proc proc $root/proc
mount -t sysfs sysfs $root/sys
mount -t tmpfs -o mode=755 cgroups $root/sys/fs/cgroup
for group in $CONTROLLERS; do
  mkdir $root/sys/fs/cgroup/$group
  [ $group = systemd ] && kind=none,name=systemd || kind=$group
  mount -t cgroup -o $kind cgroup $root/sys/fs/cgroup/$group
done
mount -t tmpfs -o mode=755 dev $root/dev
for node in null zero full random urandom tty fuse loop-control; do
  [ -e /dev/$node ] && { touch $root/dev/$node; mount --bind /dev/$node $root/dev/$node; }
done
for number in $(seq 0 255); do mknod -m 660 $root/dev/loop$number b 7 $number; done  # others of the machine may come to use some
mkdir $root/dev/pts $root/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts $root/dev/pts
ln -s pts/ptmx $root/dev/ptmx; ln -s /proc/self/fd $root/dev/fd
mount -t tmpfs shm $root/dev/shm
mount -t tmpfs -o mode=755 run $root/run
mkdir $root/run/lock
ip link set lo up
mkdir -p $root/old; cd $root; pivot_root . old; umount -l /old
exec env -i container=bitgoeul PATH=$PATH /lib/systemd/systemd --system --log-target=journal
"""


@dataclass
class Server:
    """One running server; `folder` holds all that it writes."""

    name: str
    folder: Path
    process: subprocess.Popen[bytes]
    pid: int = 0

    @property
    def key(self) -> Path:
        return self.folder / "key"

    def run(self, *command: str, check: bool = True, user: str = "root") -> str:
        """Run a program on the server and give what it says."""
        inside = [
            "nsenter",
            f"--target={self.pid}",
            "--mount",
            "--uts",
            "--ipc",
            "--net",
            "--pid",
            "--cgroup",
            "--root",
            "--wdns=/",
        ]
        switch = [] if user == "root" else ["runuser", "-u", user, "--"]
        environ = {"PATH": PATH + ":/usr/local/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}
        done = subprocess.run([*inside, *switch, *command], env=environ, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def network(self) -> AbstractContextManager[None]:
        """Put this thread, and the processes that it starts, into the server's network."""
        return network_of(self.pid)

    def boot(self) -> None:
        """Wait until systemd has started what it should, and sshd lets our key in."""
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd":
                self.pid = int(children[0])
                if self.run("systemctl", "is-system-running", check=False).strip() in ("running", "degraded"):
                    return
            time.sleep(0.2)
        raise AssertionError((self.folder / "log").read_text()[-3000:])

    def stop(self) -> None:
        """End every process of the server: with its first process the kernel ends the others and frees what was mounted."""
        if self.pid:
            self.run("sh", "-c", "docker ps -q | xargs -r docker kill", check=False)
            self.run("systemctl", "stop", "docker.service", "docker.socket", "containerd.service", check=False)
            self.run("sh", "-c", "umount /var/lib/bitgoeul/volumes/* 2>/dev/null", check=False)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        if self.process.poll() is None:
            self.process.wait(20)
        shutil.rmtree(self.folder)
        for group in (*CONTROLLERS, "unified"):
            _forget(Path("/sys/fs/cgroup") / group / f"bitgoeul-{self.folder.name}")


def _forget(group: Path) -> None:
    """Take a control group away, the deepest first."""
    for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True) if group.exists() else ():
        with contextlib.suppress(OSError):
            folder.rmdir()
    with contextlib.suppress(OSError):
        group.rmdir()


ENTER = """
for group in $CONTROLLERS unified; do
  here=/sys/fs/cgroup/$group/$MINE
  [ -d /sys/fs/cgroup/$group ] || continue
  mkdir -p $here
  if [ $group = cpuset ]; then
    for what in cpus mems; do cat /sys/fs/cgroup/cpuset/cpuset.$what > $here/cpuset.$what; done
  fi
  echo $$ > $here/cgroup.procs
done
exec unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child sh -c "$INIT" init "$@"
"""


@contextlib.contextmanager
def server(name: str = "academy", shared: dict[Path, str] | None = None) -> Iterator[Server]:
    """Boot a new server; `shared` are folders of this machine and where the server sees them, to read only."""
    needed()
    lower = base()
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="server-", dir=CACHE))
    for part in ("upper", "work", "root", "docker", "bitgoeul"):
        (folder / part).mkdir(mode=0o755)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    ssh = folder / "upper" / "root" / ".ssh"
    ssh.mkdir(parents=True, mode=0o700)
    ssh.parent.chmod(0o700)
    shutil.copy(folder / "key.pub", ssh / "authorized_keys")
    (folder / "upper" / "etc").mkdir()
    (folder / "upper" / "etc" / "hostname").write_text(f"{name}\n")
    stamp = (
        folder / "upper" / "var/lib/apt/periodic/update-success-stamp"
    )  # apt's lists count as fresh: there is no way out
    stamp.parent.mkdir(parents=True)
    stamp.touch()
    environ = {
        "PATH": PATH, "BASE": str(lower), "CONTROLLERS": " ".join(CONTROLLERS), "MINE": f"bitgoeul-{folder.name}", "INIT": INIT,
    }  # fmt: skip
    pairs = [f"{here}:{there}" for here, there in (shared or {}).items()]
    with (folder / "log").open("wb") as log:
        command = ["bash", "-c", ENTER, "enter", str(folder), name, *pairs]
        process = subprocess.Popen(
            command, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    found = Server(name, folder, process)
    try:
        found.boot()
        yield found
    finally:
        found.stop()
