"""Bodies of `POST /services/create` that would lead out of a lab. Each is the good one with one thing changed."""

from __future__ import annotations

import copy
from typing import Any

_ROOT = {"Type": "bind", "Source": "/", "Target": "/home/student", "ReadOnly": False}
_VOLUME = {"Type": "volume", "Source": "bitgoeul-swarm-home-minji-0a", "Target": "/home/student", "ReadOnly": False}
_DISGUISED = {"DriverConfig": {"Name": "local", "Options": {"type": "none", "o": "bind", "device": "/"}}}
_LIMITS = {"NanoCPUs": 1, "MemoryBytes": 536870912, "Pids": 128}
_KEPT = {"NanoCPUs": 0, "MemoryBytes": 0}


def _tmpfs(**options: Any) -> dict[str, Any]:
    return {"Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": {"SizeBytes": 16777216, "Mode": 0o1777, **options}}


CONTAINER: dict[str, dict[str, Any]] = {
    "another-image": {"Image": "debian:12"},
    "an-image-by-its-id": {"Image": "sha256:" + "1" * 64},
    "root": {"User": "0:0"},
    "nobody-said": {"User": ""},
    "another-program-first": {"Command": ["/bin/sh"]},
    "another-program-in-another-case": {"command": ["/bin/sh"]},
    "the-hosts-root": {"Mounts": [_ROOT]},
    "the-engines-socket": {"Mounts": [{**_ROOT, "Source": "/var/run/docker.sock"}]},
    "up-and-out": {"Mounts": [{**_ROOT, "Source": "/shared/homes/../../etc"}]},
    "all-homes": {"Mounts": [{**_ROOT, "Source": "/shared/homes"}]},
    "inside-a-home": {"Mounts": [{**_ROOT, "Source": "/shared/homes/minji/link"}]},
    "over-the-system": {"Mounts": [{**_VOLUME, "Target": "/usr/bin"}]},
    "anothers-volume": {"Mounts": [{**_VOLUME, "Source": "postgres-data"}]},
    "the-root-disguised-as-a-volume": {"Mounts": [{**_VOLUME, "VolumeOptions": _DISGUISED}]},
    "the-root-disguised-in-another-case": {"Mounts": [{**_VOLUME, "volumeoptions": _DISGUISED}]},
    "a-shared-mount": {"Mounts": [{**_VOLUME, "BindOptions": {"Propagation": "rshared"}}]},
    "writable-data": {"Mounts": [{**_ROOT, "Source": "/data", "Target": "/datasets"}]},
    "a-named-pipe": {"Mounts": [{**_VOLUME, "Type": "npipe"}]},
    "an-executable-tmpfs": {"Mounts": [_tmpfs(Options=[["exec"]])]},
    "a-tmpfs-without-a-size": {"Mounts": [_tmpfs(SizeBytes=0)]},
    "a-tmpfs-over-the-system": {"Mounts": [{**_tmpfs(), "Target": "/usr"}]},
    "a-writable-root": {"ReadOnly": False},
    "no-init": {"Init": False},
    "a-capability": {"CapabilityAdd": ["CAP_SYS_ADMIN"]},
    "all-capabilities-kept": {"CapabilityDrop": []},
    "new-privileges": {"Privileges": {"NoNewPrivileges": False}},
    "no-seccomp": {"Privileges": {"NoNewPrivileges": True, "Seccomp": {"Mode": "unconfined"}}},
    "no-apparmor": {"Privileges": {"NoNewPrivileges": True, "AppArmor": {"Mode": "disabled"}}},
    "a-word-to-nvidias-runtime": {"Env": ["NVIDIA_VISIBLE_DEVICES=all"]},
    "a-word-to-the-loader": {"Env": ["LD_PRELOAD=/home/student/x.so"]},
    "a-swarm-secret": {"Secrets": [{"SecretID": "x", "SecretName": "x"}]},
    "a-swarm-config": {"Configs": [{"ConfigID": "x", "ConfigName": "x"}]},
    "a-kernel-setting": {"Sysctls": {"kernel.shm_rmid_forced": "1"}},
    "another-resolver": {"Hosts": ["169.254.169.254 hub"]},
    "more-groups": {"Groups": ["0"]},
    "more-open-files": {"Ulimits": [{"Name": "nofile", "Soft": 1048576, "Hard": 1048576}]},
    "no-label-of-its-own": {"Labels": {}},
    "first-of-all": {"OomScoreAdj": -1000},
}
TASK: dict[str, dict[str, Any]] = {
    "no-memory-limit": {"Resources": {"Limits": {**_LIMITS, "MemoryBytes": 0}, "Reservations": _KEPT}},
    "no-limit-of-processes": {"Resources": {"Limits": {**_LIMITS, "Pids": 0}, "Reservations": _KEPT}},
    "no-limits": {"Resources": {"Reservations": _KEPT}},
    "more-kept-than-limited": {"Resources": {"Limits": _LIMITS, "Reservations": {**_KEPT, "NanoCPUs": 2}}},
    "a-gpu-not-leased": {
        "Resources": {
            "Limits": _LIMITS,
            "Reservations": {
                **_KEPT,
                "GenericResources": [{"DiscreteResourceSpec": {"Kind": "GPU-9", "Value": 1}}],
            },
        }
    },
    "runs-for-ever": {"RestartPolicy": {"Condition": "any"}},
    "on-the-managers": {"Placement": {"Constraints": ["node.role==manager"]}},
    "on-a-machine-not-prepared": {"Placement": {"Constraints": []}},
    "the-hosts-network": {"Networks": [{"Target": "host"}]},
    "two-networks": {"Networks": [{"Target": "bitgoeul-swarm"}, {"Target": "bitgoeul-swarm-open"}]},
    "another-name-on-the-network": {"Networks": [{"Target": "bitgoeul-swarm", "Aliases": ["hub"]}]},
    "another-runtime": {"Runtime": "plugin"},
    "a-plugin": {"PluginSpec": {"Name": "x", "Remote": "x"}},
    "another-log": {"LogDriver": {"Name": "syslog", "Options": {"syslog-address": "tcp://10.0.0.1:1"}}},
}
TOP: dict[str, dict[str, Any]] = {
    "on-every-machine": {"Mode": {"Global": {}}},
    "many-of-it": {"Mode": {"Replicated": {"Replicas": 100}}},
    "a-port-of-the-whole-swarm": {
        "EndpointSpec": {"Mode": "vip", "Ports": [{"TargetPort": 8888, "PublishMode": "ingress", "PublishedPort": 80}]}
    },
    "a-chosen-port": {
        "EndpointSpec": {
            "Mode": "dnsrr",
            "Ports": [{"Protocol": "tcp", "TargetPort": 8888, "PublishMode": "host", "PublishedPort": 22}],
        }
    },
    "anothers-name": {"Name": "postgres"},
    "no-label": {"Labels": {}},
    "another-academys-label": {
        "Labels": {"bitgoeul.lab": "minji", "bitgoeul.academy": "other", "bitgoeul.service": "x"}
    },
    "a-label-of-dockers-own": {
        "Labels": {
            "bitgoeul.lab": "minji",
            "bitgoeul.academy": "bitgoeul-swarm",
            "bitgoeul.service": "x",
            "com.docker.stack.namespace": "x",
        }
    },
    "networks-of-old": {"Networks": [{"Target": "host"}]},
    "a-task-in-another-case": {"tasktemplate": {"ContainerSpec": {"Image": "debian:12"}}},
}
BAD = {**CONTAINER, **TASK, **TOP}


def changed(good: dict[str, Any], name: str) -> dict[str, Any]:
    """Give the good body with that change."""
    body = copy.deepcopy(good)
    if name in CONTAINER:
        body["TaskTemplate"]["ContainerSpec"] |= copy.deepcopy(CONTAINER[name])
    elif name in TASK:
        body["TaskTemplate"] |= copy.deepcopy(TASK[name])
    else:
        body |= copy.deepcopy(TOP[name])
    return body
