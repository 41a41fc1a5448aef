"""Devices from the settings, and from NVML: a stand-in that keeps its contract, checked against the real module."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pynvml
import pytest

from bitgoeul.errors import InputError
from bitgoeul.gpus import inventory
from bitgoeul.profiles import Device, Gpus


class StandIn(ModuleType):
    """A driver with an H100 in two MIG instances, an A100 and a T4 that knows no MIG. Names as the real module's."""

    NVMLError = pynvml.NVMLError
    NVMLError_NotSupported = pynvml.NVMLError_NotSupported
    NVMLError_NotFound = pynvml.NVMLError_NotFound
    NVML_DEVICE_MIG_ENABLE = pynvml.NVML_DEVICE_MIG_ENABLE

    def __init__(self) -> None:
        super().__init__("pynvml")
        self.open = 0

    def nvmlInit(self) -> None:  # noqa: N802
        self.open += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 3

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:  # noqa: N802
        return ["H100", "A100", "T4"][index]

    def nvmlDeviceGetName(self, device: str) -> bytes | str:  # noqa: N802
        return {"MIG-1": b"NVIDIA H100 80GB HBM3 MIG 1g.10gb", "MIG-3": "NVIDIA H100 80GB HBM3 MIG 3g.40gb"}.get(
            device, f"NVIDIA {device}"
        )

    def nvmlDeviceGetUUID(self, device: str) -> bytes | str:  # noqa: N802
        return device if device.startswith("MIG") else f"GPU-{device}".encode()

    def nvmlDeviceGetMigMode(self, device: str) -> list[int]:  # noqa: N802
        if device == "T4":
            raise pynvml.NVMLError_NotSupported
        return [int(device == "H100"), 0]

    def nvmlDeviceGetMaxMigDeviceCount(self, _device: str) -> int:  # noqa: N802
        return 4

    def nvmlDeviceGetMigDeviceHandleByIndex(self, _device: str, index: int) -> str:  # noqa: N802
        if index in (0, 2):
            raise pynvml.NVMLError_NotFound
        return f"MIG-{index}"

    def nvmlDeviceGetUtilizationRates(self, device: str) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(gpu=87 if device == "A100" else 0, memory=3)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    found = StandIn()
    monkeypatch.setitem(sys.modules, "pynvml", found)
    return found


def test_the_stand_in_asks_nothing_that_the_real_module_lacks() -> None:
    assert [name for name in vars(StandIn) if name.startswith(("nvml", "NVML")) and not hasattr(pynvml, name)] == []


def test_mig_instances_count_and_whole_devices_may_be_shared(driver: StandIn) -> None:
    found = inventory.found_by_nvml(shared=2, host="h")

    assert [(d.uuid, d.kind, d.slots) for d in found] == [
        ("MIG-1", "1g.10gb", 1),
        ("MIG-3", "3g.40gb", 1),
        ("GPU-A100", "shared", 2),
        ("GPU-T4", "shared", 2),
    ]
    slots = inventory.slots_of(found)
    assert [(s.device, s.number, s.isolated) for s in slots if s.kind == "shared"][:2] == [
        ("GPU-A100", 0, False),
        ("GPU-A100", 1, False),
    ]
    assert driver.open == 0


def test_a_device_computes_or_is_idle_and_of_mig_nothing_is_said(driver: StandIn) -> None:
    assert inventory.busy_by_nvml() == {"GPU-A100": True, "GPU-T4": False}


def test_the_settings_can_tell_what_no_driver_here_does() -> None:
    gpus = Gpus(devices=(Device(uuid="GPU-b", host="two"), Device(uuid="GPU-a", host="one", slots=2)))

    assert [(s.host, s.device, s.number, s.kind) for s in inventory.slots(gpus)] == [
        ("one", "GPU-a", 0, "shared"),
        ("one", "GPU-a", 1, "shared"),
        ("two", "GPU-b", 0, "whole"),
    ]


def test_no_driver_is_a_sentence_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", missing)  # a machine with a driver has to show it, too
    with pytest.raises(InputError) as refused:
        inventory.slots(Gpus(inventory="nvml"))
    assert "[[gpus.devices]]" in refused.value.text.en
    assert "NVIDIA 드라이버" in refused.value.text.ko
