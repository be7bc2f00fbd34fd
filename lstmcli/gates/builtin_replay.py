"""Replays of the built-in network: series as they were known at origins, read as its forecast reads them.

The head sees the final state beside the last segment, the figures of the series and its simple forecasts.
These figures and forecasts, and the scale, are read from the values too; here they count as given.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from lstmcli.forecasting.builtin import builtin_steps, history_rows
from lstmcli.forecasting.mix import histories_of_values
from lstmcli.forecasting.second_season import SecondSeason, take_out_second
from lstmcli.gates.replay import GateTrace, Replay, joined_traces
from lstmcli.network.architecture import Builtin, Network, Weights
from lstmcli.network.builtin import (
    EMBEDDED,
    HIDDEN,
    MEDIAN,
    OF_CANDIDATES,
    BuiltinInputs,
    builtin_forward,
    builtin_inputs,
    builtin_layer,
    candidate_shares,
    corrections,
    embedded,
    gelu,
    gelu_slope,
    head_sums,
)
from lstmcli.network.cells import GATES, Trace, trace
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel
from lstmcli.windows.histories import AHEAD, SEGMENT, VALUE_INPUTS

_BLOCK = 128  # windows traced at once; keeps the activations in cache
_FEATURES = ("value", "season change", "2nd season change", "step change", "observed")


@dataclass(frozen=True)
class BuiltinReplay(Replay):
    """read: what the network computes on; ahead: `target`; told: the seasons that the network is told;
    second: the season that is taken out of what it reads, as in its forecasts."""

    read: BuiltinInputs
    ahead: Array
    told: Builtin
    second: SecondSeason | None
    moved: ClassVar[int] = VALUE_INPUTS

    @property
    def target(self) -> Array:
        return self.ahead

    @property
    def features(self) -> Array:
        return self.read.values.reshape(len(self), -1, VALUE_INPUTS).astype(np.float64)

    def names(self, known: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._columns))

    def forecast(self, network: Network) -> Array:
        assert network.builtin
        made = builtin_forward(network.builtin.weights, self.read)[:, 0, : self.arch.horizon, MEDIAN]
        return (made - self.read.scale.loc[:, None]) / self.read.scale.unit[:, None]

    def restored(self, network: Network, values: Array) -> Array:
        made = values * self.read.scale.unit[:, None] + self.read.scale.loc[:, None]
        return self.second.ahead(made) if self.second else made

    def shown(self, h: Array, last: Array, weights: Weights) -> Array:
        made = gelu(head_sums(weights, self.read, h[:, None], last[:, None]))
        base = (candidate_shares(weights, made) * self.read.centred).sum(axis=-1)
        return (base + corrections(weights, made)[..., MEDIAN])[:, 0, : self.arch.horizon]

    def head_gradient(self) -> tuple[Array, Array]:
        weights, horizon = self.weights, self.arch.horizon
        h, last = self.trace.layers[-1].h[:, -1:], self.inputs[:, -1:]
        sums = head_sums(weights, self.read, h, last)
        shares, centred = candidate_shares(weights, gelu(sums))[:, 0], self.read.centred[:, 0]
        to_mix = shares * (centred - (shares * centred).sum(axis=-1, keepdims=True))
        to_mix[:, horizon:] = 0
        of_medians = weights["quantiles.weight"].reshape(AHEAD, -1, sums.shape[-1])[:horizon, MEDIAN]
        to_made = to_mix.reshape(len(self), -1) @ weights["mix.weight"] + of_medians.sum(axis=0)
        to_seen = (to_made * gelu_slope(sums[:, 0])) @ weights["head.weight"]
        segment = HIDDEN + OF_CANDIDATES
        return to_seen[:, :HIDDEN], to_seen[:, segment : segment + EMBEDDED]

    def input_gradient(self, to_inputs: Array) -> Array:
        weights, steps = self.weights, self.arch.steps
        series = np.repeat(self.read.series[:, None], steps, axis=1)
        joined = np.concatenate([self.read.values, series], axis=2)
        sums = joined @ weights["embed.0.weight"].T + weights["embed.0.bias"]
        flat = ((to_inputs @ weights["embed.1.weight"]) * gelu_slope(sums)) @ weights["embed.0.weight"]
        return np.asarray(flat[:, :, : SEGMENT * VALUE_INPUTS].reshape(len(self), -1, VALUE_INPUTS))

    def inputs_after(self, change: Array) -> Array:
        values = self.read.values + change.reshape(self.read.values.shape)
        return embedded(self.weights, replace(self.read, values=values))

    def attributed(self, to_inputs: Array) -> Array:
        """A difference that is read twice, as there is no second season, is one feature."""
        product = super().attributed(to_inputs)
        columns = self._columns
        same = [[k for k, other in enumerate(columns) if other == name] for name in dict.fromkeys(columns)]
        return np.stack([product[:, :, places].sum(axis=2) for places in same], axis=2)

    def part(self, which: Indices) -> Self:
        return replace(
            self,
            inputs=self.inputs[which],
            trace=self.trace.part(which),
            read=self.read.part(which),
            ahead=self.ahead[which],
            second=self.second and self.second.part(which),
        )

    @property
    def _columns(self) -> tuple[str, ...]:
        """What each of the VALUE_INPUTS is called."""
        value, season, second, step, observed = _FEATURES
        season = season if self.told.season > 1 else step
        return value, season, second if self.told.second > self.told.season else season, step, observed


def replay_histories(network: Network, panel: Panel, series: Indices, origins: Indices) -> BuiltinReplay:
    """Replays series as known at origins, (windows,) each, that have one number of recurrent steps."""
    assert network.builtin
    told, (steps,) = network.builtin, {builtin_steps(int(origin)) for origin in origins}
    arch = replace(network.arch, context=SEGMENT * steps, horizon=min(AHEAD, network.arch.horizon), members=1)
    places = list(zip(series, origins, strict=True))
    seen = [panel.history(int(s))[:origin] for s, origin in places]
    left, second = take_out_second(seen, told.season, told.second)
    known = histories_of_values(left)
    blocks = [_inputs_of(known[at : at + _BLOCK], told, steps) for at in range(0, len(known), _BLOCK)]
    weights: dict[str, Array] = {name: w.astype(np.float64) for name, w in told.weights.items()}
    layer = builtin_layer(weights)
    weights["layers.0.candidate_bias"] = layer.candidate_bias
    inputs = [embedded(weights, read) for read in blocks]
    layers = joined_traces([[trace("lstm", x, layer)] for x in inputs])
    read = BuiltinInputs.joined(blocks)
    after = np.full((len(places), arch.horizon), np.nan)
    for row, (s, origin) in enumerate(places):
        values = panel.history(int(s))[origin : origin + arch.horizon]
        after[row, : len(values)] = values
    after = second.without(after) if second else after
    ahead = (after - read.scale.loc[:, None]) / read.scale.unit[:, None]
    traced = GateTrace(series, origins, layers)
    return BuiltinReplay(arch, 0, weights, np.concatenate(inputs), traced, read, ahead, told, second)


def _inputs_of(histories: list[Array], told: Builtin, steps: int) -> BuiltinInputs:
    rows = history_rows(histories, told.season, told.second, steps)
    return builtin_inputs(rows, np.full(len(histories), rows.values.shape[1]), steps)


def trace_histories(
    network: Network, panel: Panel, series: Indices, origins: Indices
) -> tuple[GateTrace, Array, Weights]:
    """Every gate and state of series as known at origins, what the layer reads (windows, steps, EMBEDDED),
    and the weights; NaN in steps before those of a short history."""
    steps = np.array([builtin_steps(int(origin)) for origin in origins])
    shape = (len(series), network.arch.steps, HIDDEN)
    names = (*GATES["lstm"], "h", "c")
    arrays = {name: np.full(shape, np.nan) for name in names}
    inputs = np.full((*shape[:2], EMBEDDED), np.nan)
    weights: Weights = {}
    for count in np.unique(steps):
        which = np.flatnonzero(steps == count)
        replay = replay_histories(network, panel, series[which], origins[which])
        (layer,), weights = replay.trace.layers, replay.weights
        inputs[which, -count:] = replay.inputs
        for name, values in zip(names, (*layer.gates.values(), layer.h, layer.c), strict=True):
            arrays[name][which, -count:] = values
    h, c = arrays.pop("h"), arrays.pop("c")
    return GateTrace(series, origins, [Trace(arrays, h, c)]), inputs, weights
