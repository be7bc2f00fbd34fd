"""Where a training computes: the CPU, or an accelerator that PyTorch finds."""

import copy
import os
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lstmcli.errors import SettingsError
from lstmcli.learning.model import MemberModule
from lstmcli.learning.prefetch import Draw
from lstmcli.learning.validations import losses_of
from lstmcli.windows.cut import Windows

CPU_INFO = Path("/proc/cpuinfo")
# Largest difference of a loss or a gradient from that of the CPU, as a share of the largest number.
TWIN_TOLERANCE = 1e-3


def device_of(wanted: str) -> torch.device:
    """The device of the setting: auto is CUDA where there is one, else the CPU.

    Raises SettingsError where the one that is wanted is not there.
    """
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[wanted]:
        raise SettingsError(
            f"device {wanted}: PyTorch {torch.__version__} finds none on this machine; use auto or cpu"
        )
    if wanted == "cuda":
        # Else products and recurrent layers differ from run to run, and PyTorch refuses them.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":16:8")
        # They are compacted at every call, as they are made at every call.
        warnings.filterwarnings("ignore", "RNN module weights are not part of single contiguous chunk")
    return torch.device(wanted)


def in_bfloat16(wanted: str, device: torch.device) -> bool:
    """Whether the setting `precision` means bfloat16 on this device.

    Raises SettingsError where it is wanted on a device without instructions for it.
    """
    if wanted == "auto":
        return device.type == "cuda" and _has_bfloat16(device)
    if wanted == "bfloat16" and not _has_bfloat16(device):
        raise SettingsError(f"precision bfloat16: this {device.type} does not compute in it; use float32")
    return wanted == "bfloat16"


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and bool({"avx512_bf16", "amx_bf16"} & _flags_of_cpu())


def _flags_of_cpu() -> set[str]:
    """As Linux lists them; none elsewhere."""
    try:
        return set(CPU_INFO.read_text().split())
    except OSError:
        return set()


def parallel_members(processes: int, device: torch.device) -> int:
    """Members that are trained side by side: a forked process cannot use an accelerator."""
    return processes if device.type == "cpu" else 1


def place_module(module: MemberModule, draw: Draw, quantiles: Tensor, member: int) -> MemberModule:
    """The network on the device of `quantiles`. MPS is taken only where it computes what the CPU does.

    draw: gives the windows of a step, to try that on. Raises as `check_twin`.
    """
    device = quantiles.device
    if device.type == "mps":
        try:
            windows = draw(np.random.default_rng(0))
            check_twin(module, copy.deepcopy(module).to(device), windows, quantiles, member)
        except RuntimeError as error:  # an operation that is missing there
            raise SettingsError(f"device {device.type} cannot train this network: {error}") from error
    return module.to(device)


def check_twin(
    module: MemberModule, twin: MemberModule, windows: Windows, quantiles: Tensor, member: int
) -> None:
    """Holds losses and gradients of a network on the device of `quantiles` to those on the CPU.

    Raises SettingsError where one differs by more than `TWIN_TOLERANCE` of its largest number.
    """
    ours = _losses_and_gradients(module, windows, quantiles.cpu(), member)
    theirs = _losses_and_gradients(twin, windows, quantiles, member)
    for name in ours:
        found = _difference(ours[name], theirs[name])
        if not found <= TWIN_TOLERANCE:  # NaN is none of the two
            raise SettingsError(
                f"device {quantiles.device.type} computes other numbers than the CPU: {name} differs by "
                f"{found:.1g} of its largest number, {TWIN_TOLERANCE:g} is allowed; use --device cpu"
            )


def _losses_and_gradients(
    module: MemberModule, windows: Windows, quantiles: Tensor, member: int
) -> dict[str, Tensor]:
    module.eval()  # without dropout
    losses = losses_of(module, windows, quantiles, member)
    named = dict(module.named_parameters())
    gradients = torch.autograd.grad(losses.nanmean(), list(named.values()))
    found = {f"the gradient of {name}": g.cpu() for name, g in zip(named, gradients, strict=True)}
    return {"the loss": losses.detach().cpu().nan_to_num(0.0), **found}


def _difference(ours: Tensor, theirs: Tensor) -> float:
    if not ours.numel():
        return 0.0
    apart, largest = float((ours - theirs).abs().max()), float(ours.abs().max())
    return apart / largest if largest else apart
