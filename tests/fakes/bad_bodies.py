"""Bodies of `POST /containers/create` that would lead out of a lab. Each is the good one with one thing changed."""

from __future__ import annotations

import copy
from typing import Any

HOST: dict[str, dict[str, Any]] = {
    "privileged": {"Privileged": True},
    "privileged-in-another-case": {"privileged": True},
    "the-hosts-network": {"NetworkMode": "host"},
    "another-containers-network": {"NetworkMode": "container:hub"},
    "dockers-own-bridge": {"NetworkMode": "bridge"},
    "the-hosts-processes": {"PidMode": "host"},
    "the-hosts-ipc": {"IpcMode": "host"},
    "the-hosts-names": {"UTSMode": "host"},
    "the-hosts-users": {"UsernsMode": "host"},
    "the-hosts-cgroups": {"CgroupnsMode": "host"},
    "another-cgroup": {"CgroupParent": "/"},
    "a-capability": {"CapAdd": ["SYS_ADMIN"]},
    "all-capabilities-kept": {"CapDrop": []},
    "a-device": {"Devices": [{"PathOnHost": "/dev/vda", "PathInContainer": "/dev/vda", "CgroupPermissions": "rwm"}]},
    "a-device-rule": {"DeviceCgroupRules": ["a *:* rwm"]},
    "a-gpu-not-leased": {"DeviceRequests": [{"Driver": "nvidia", "DeviceIDs": ["GPU-9"], "Capabilities": [["gpu"]]}]},
    "all-gpus": {"DeviceRequests": [{"Driver": "nvidia", "Count": -1, "Capabilities": [["gpu"]]}]},
    "the-hosts-root": {"Binds": ["/:/home/student:rw"]},
    "the-engines-socket": {"Binds": ["/var/run/docker.sock:/home/student/docker.sock:rw"]},
    "up-and-out": {"Binds": ["/state/volumes/../../etc:/home/student:rw"]},
    "all-homes": {"Binds": ["/state/volumes:/home/student:rw"]},
    "a-homes-disk": {"Binds": ["/state/volumes/.minji.ext4:/home/student:rw"]},
    "inside-a-home": {"Binds": ["/state/volumes/minji/link:/home/student:rw"]},
    "over-the-system": {"Binds": ["/state/volumes/minji:/usr/bin:rw"]},
    "over-the-system-by-dots": {"Binds": ["/state/volumes/minji:/home/student/../../usr/bin:rw"]},
    "writable-data": {"Binds": ["/data:/datasets:rw"]},
    "a-named-volume": {"Binds": ["somebodys:/home/student:rw"]},
    "a-mount": {"Mounts": [{"Type": "bind", "Source": "/", "Target": "/home/student"}]},
    "anothers-volumes": {"VolumesFrom": ["hub"]},
    "no-seccomp": {"SecurityOpt": ["no-new-privileges", "seccomp=unconfined"]},
    "new-privileges": {"SecurityOpt": ["no-new-privileges:false"]},
    "no-apparmor": {"SecurityOpt": ["apparmor=unconfined", "no-new-privileges"]},
    "a-writable-root": {"ReadonlyRootfs": False},
    "the-kernel-unmasked": {"MaskedPaths": []},
    "the-kernel-writable": {"ReadonlyPaths": []},
    "another-runtime": {"Runtime": "crun"},
    "a-kernel-setting": {"Sysctls": {"kernel.shm_rmid_forced": "1"}},
    "no-memory-limit": {"Memory": 0},
    "swap-beyond-memory": {"MemorySwap": -1},
    "no-limit-of-processes": {"PidsLimit": -1},
    "never-killed": {"OomKillDisable": True},
    "first-of-all": {"OomScoreAdj": -1000},
    "runs-for-ever": {"RestartPolicy": {"Name": "always"}},
    "an-open-port": {"PortBindings": {"22/tcp": [{"HostPort": "22"}]}},
    "another-log": {"LogConfig": {"Type": "syslog", "Config": {"syslog-address": "tcp://10.0.0.1:1"}}},
    "an-executable-tmpfs": {"Tmpfs": {"/tmp": "rw,exec,suid,size=16m"}},
    "a-tmpfs-over-the-system": {"Tmpfs": {"/usr": "rw,nosuid,nodev,size=16m"}},
    "a-link": {"Links": ["hub:hub"]},
    "another-resolver": {"ExtraHosts": ["hub:169.254.169.254"]},
}
TOP: dict[str, dict[str, Any]] = {
    "another-image": {"Image": "debian:12"},
    "root": {"User": "0:0"},
    "root-by-name": {"User": "root"},
    "nobody-said": {"User": ""},
    "no-label": {"Labels": {}},
    "another-network-too": {"NetworkingConfig": {"EndpointsConfig": {"bridge": {}}}},
    "another-program-first": {"Entrypoint": ["/bin/sh"]},
    "a-word-to-nvidias-hook": {"Env": ["NVIDIA_VISIBLE_DEVICES=all"]},
    "a-word-to-the-loader": {"Env": ["LD_PRELOAD=/home/student/x.so"]},
    "a-host-config-in-another-case": {"hostconfig": {"Privileged": True}},
    "a-volume": {"Volumes": {"/x": {}}},
}
BAD = {**HOST, **TOP}


def changed(good: dict[str, Any], name: str) -> dict[str, Any]:
    """Give the good body with that change."""
    body = copy.deepcopy(good)
    if name in HOST:
        body["HostConfig"] |= copy.deepcopy(HOST[name])
    else:
        body |= copy.deepcopy(TOP[name])
    return body
