"""What must hold of every figure here, checked on every run."""

from dataclasses import dataclass

import numpy as np

from lstmcli.gates.backward import Gradients
from lstmcli.gates.contributions import Contribution
from lstmcli.gates.replay import Replay, medians, medians_from
from lstmcli.network.architecture import Network
from lstmcli.network.cells import STATE_NAMES, STATES
from lstmcli.series.arrays import Array

_WINDOWS = 16  # that the checks are made on
_DIRECTIONS = 3
# Of finite differences: their error is its square, plus rounding over it. The shorter one is for
# windows in which the longer one crosses a bend of what reads the known future (a ReLU).
_STEPS = (1e-5, 1e-7)
_ROUNDING = 8 * np.finfo(float).eps  # of L, relative: what is left of a slope that is far smaller than L


@dataclass(frozen=True)
class Identity:
    """Two numbers that must agree. difference: the largest relative one found, beyond rounding."""

    id: str
    text: str
    difference: float
    allowed: float

    @property
    def shown(self) -> str:
        """The difference; 0 is none that rounding cannot make."""
        return f"{self.difference:.1e}" if self.difference else "below rounding"

    @property
    def holds(self) -> bool:
        return bool(self.difference <= self.allowed)  # not a number does not hold


def identities(
    network: Network, replay: Replay, found: Gradients, made: list[Contribution]
) -> tuple[Identity, ...]:
    """Replay equals forecast, contributions add up, gradients are those of finite differences."""
    some = np.unique(np.linspace(0, len(replay) - 1, min(len(replay), _WINDOWS)).astype(np.int64))
    what = "model" if network.is_trained else "network"
    checks = [
        Identity(
            "replay",
            f"the replay in double precision gives the forecast of the {what}",
            replay_difference(network, replay.part(some)),
            1e-4,
        )
    ]
    if made:
        state = STATE_NAMES[STATES[replay.arch.cell][0]]
        worst = float(np.max([c.error / max(c.size, 1e-300) if c.error else 0.0 for c in made]))
        checks.append(Identity("contributions", f"what the steps wrote adds up to the {state}", worst, 1e-9))
    checks.append(
        Identity(
            "gradient",
            f"the gradient is that of finite differences in {_DIRECTIONS} random directions",
            gradient_difference(replay.part(some), found.inputs[some]),
            1e-5,
        )
    )
    return tuple(checks)


def replay_difference(network: Network, replay: Replay) -> float:
    """Largest difference to what the network itself forecasts, relative to the largest value forecast."""
    forecast = replay.forecast(network)
    return float(np.abs(medians(replay) - forecast).max() / max(np.abs(forecast).max(), 1e-9))


def gradient_difference(replay: Replay, to_inputs: Array) -> float:
    """Largest relative difference between the gradient of L with respect to the context, projected
    on a random direction, and the central difference along it."""
    random = np.random.default_rng(0)
    analytic = replay.input_gradient(to_inputs)[:, :, : replay.moved]
    worst = 0.0
    for _ in range(_DIRECTIONS):
        direction = random.normal(size=analytic.shape)
        exact = (analytic * direction).sum(axis=(1, 2))
        numeric = [_slope(replay, direction, step) for step in _STEPS]
        size = np.max(np.abs([exact, *(slope for slope, _ in numeric)]), initial=1e-6)
        off = np.min([np.abs(slope - exact) - rounding for slope, rounding in numeric], axis=0)
        worst = float(np.maximum(worst, off.max() / size))  # keeps what is no number
    return worst


def _slope(replay: Replay, direction: Array, step: float) -> tuple[Array, Array]:
    """Central difference of L along a direction of the first features, and how far rounding may move it:
    both (windows,)."""
    sums = [
        medians_from(replay, replay.inputs_after(signed * direction)).sum(axis=1) for signed in (step, -step)
    ]
    rounding = _ROUNDING * np.max(np.abs(sums), axis=0) / step
    return np.asarray((sums[0] - sums[1]) / (2 * step)), np.asarray(rounding)
