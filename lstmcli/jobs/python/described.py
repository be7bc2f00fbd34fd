"""A model in five lines."""

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.jobs.builtin import shares_text
from lstmcli.model_file import Contract, Model
from lstmcli.network.architecture import parameters
from lstmcli.tables.read.tokens import stamp_text

_WIDTH = 76


def described(model: Model) -> str:
    """Data, step and season, cell and size, mix, score."""
    network, contract = model.network, model.contract
    arch, season, scores = network.arch, network.shape.season, model.validation
    targets = ", ".join(contract.roles.targets)
    name = targets if len(targets) < _WIDTH // 2 else f"{targets[: _WIDTH // 2]}..."
    seasonal = f"season {season} ({contract.step.duration(season)})" if season > 1 else "no season"
    members = f"{arch.members} members of " if arch.members > 1 else ""
    each = " each" if arch.members > 1 else ""
    lines = [
        (
            "Forecaster",
            f"{name}: {contract.series_count:,} series, {contract.observations:,} values{_until(contract)}",
        ),
        ("step", f"{contract.step.duration(1)}, {seasonal}; horizon {model.horizon}"),
        (
            "network",
            f"{arch.cell.upper()}, {members}{arch.layers} x {arch.hidden} units, "
            f"{parameters(arch):,} weights{each}; context {network.shape.context}",
        ),
        ("mix", shares_text(network) if network.mix else "the network alone"),
        ("score", _score(scores.skill, scores.windows)),
    ]
    return "\n".join(f"{label:<12}{text}" for label, text in lines)


def _score(skill: float | None, windows: int) -> str:
    held_out = f"on {plural(windows, 'window')} held out"
    if skill is None:
        return f"not to be compared with seasonal naive {held_out}"
    return f"{abs(skill):.1%} {'less' if skill >= 0 else 'more'} error than seasonal naive {held_out}"


def _until(contract: Contract) -> str:
    """The last time of training, where the model tells."""
    if not contract.ends or contract.step.plain:
        return ""
    return f" up to {stamp_text(max(np.datetime64(end) for end in contract.ends), contract.time_pattern)}"
