"""Which devices there are and whether they compute: from NVIDIA's management library (NVML), or from the settings."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bitgoeul.database import Database
from bitgoeul.errors import InputError
from bitgoeul.gpus.model import Laws, Slot
from bitgoeul.gpus.store import Leases
from bitgoeul.profiles import MIG, Device, Gpus

_log = logging.getLogger(__name__)
_PROFILE = re.compile(rf"\b{MIG}")


def slots(gpus: Gpus) -> tuple[Slot, ...]:
    """List every slot of the academy, in order. Raises `InputError` where NVML was to tell and cannot."""
    devices = gpus.devices if gpus.inventory == "settings" else found_by_nvml(gpus.slots)
    return slots_of(devices)


def slots_of(devices: Iterable[Device]) -> tuple[Slot, ...]:
    """Give each device its slots; a device that several share isolates nobody."""
    return tuple(
        sorted(
            Slot(device.host, device.uuid, number, device.kind, device.name, isolated=device.slots == 1)
            for device in devices
            for number in range(device.slots)
        )
    )


def open_leases(gpus: Gpus, database: Database) -> Leases | None:
    """The academy's book of leases; None where nothing is lent. Without a driver it has no slot, and the log says why."""
    if not gpus.managed:
        return None
    try:
        found = slots(gpus)
    except InputError as error:
        _log.error("%s", error.text.en)
        found = ()
    return Leases(database, found, laws(gpus))


def laws(gpus: Gpus) -> Laws:
    """The academy's choices, as the rules take them."""
    return Laws(
        longest=timedelta(hours=gpus.longest_hours),
        idle=timedelta(minutes=gpus.idle_minutes),
        offer=timedelta(minutes=gpus.offer_minutes),
    )


def found_by_nvml(shared: int = 1, host: str | None = None) -> tuple[Device, ...]:
    """Ask this machine's driver. A device in MIG mode counts by its instances, one without instances not at all.

    `shared`: how many people may share a device without MIG. Raises `InputError` without a driver.
    """
    host = host or socket.gethostname()
    with _nvml() as nvml:
        found: list[Device] = []
        for index in range(nvml.nvmlDeviceGetCount()):
            device = nvml.nvmlDeviceGetHandleByIndex(index)
            name = _text(nvml.nvmlDeviceGetName(device))
            if _mig_mode(nvml, device):
                found += [
                    Device(uuid=uuid, host=host, name=name, mig=profile) for uuid, profile in _instances(nvml, device)
                ]
            else:
                uuid = _text(nvml.nvmlDeviceGetUUID(device))
                found.append(Device(uuid=uuid, host=host, name=name, slots=shared))
        return tuple(found)


def busy_by_nvml() -> dict[str, bool]:
    """Which devices of this machine computed within the last second, by uuid.

    The driver does not say it of MIG instances: these are left out, and nobody's lease of one ends for idleness.
    """
    with _nvml() as nvml:
        busy = {}
        for index in range(nvml.nvmlDeviceGetCount()):
            device = nvml.nvmlDeviceGetHandleByIndex(index)
            if not _mig_mode(nvml, device):
                percent = nvml.nvmlDeviceGetUtilizationRates(device).gpu
                busy[_text(nvml.nvmlDeviceGetUUID(device))] = percent > 0
        return busy


@contextmanager
def _nvml() -> Iterator[Any]:
    import pynvml  # only where a driver may be

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        raise InputError(
            ko=f"이 컴퓨터의 GPU를 NVML로 알아낼 수 없습니다: {error}. NVIDIA 드라이버를 설치하거나, "
            'academy.toml의 [gpus]에 inventory = "settings"와 [[gpus.devices]]를 적으십시오.',
            en=f"NVML does not tell this machine's GPUs: {error}. Install NVIDIA's driver, "
            'or write inventory = "settings" and [[gpus.devices]] into academy.toml.',
        ) from None
    try:
        yield pynvml
    finally:
        pynvml.nvmlShutdown()


def _mig_mode(nvml: Any, device: Any) -> bool:
    try:
        current, _ = nvml.nvmlDeviceGetMigMode(device)
    except nvml.NVMLError_NotSupported:  # a device that knows no MIG
        return False
    return bool(current == nvml.NVML_DEVICE_MIG_ENABLE)


def _instances(nvml: Any, device: Any) -> list[tuple[str, str]]:
    """The (uuid, profile) of a device's MIG instances."""
    found = []
    for index in range(nvml.nvmlDeviceGetMaxMigDeviceCount(device)):
        try:
            instance = nvml.nvmlDeviceGetMigDeviceHandleByIndex(device, index)
        except nvml.NVMLError_NotFound:  # the numbers have gaps
            continue
        profile = _PROFILE.search(_text(nvml.nvmlDeviceGetName(instance)))
        if profile:
            found.append((_text(nvml.nvmlDeviceGetUUID(instance)), profile[0]))
    return found


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
