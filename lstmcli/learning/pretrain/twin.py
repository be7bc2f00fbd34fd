"""The trainable twin of `network.builtin`, and its weights under the names used there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor, nn
from torch.nn import functional

from lstmcli.learning.model import TORCH_GATES
from lstmcli.model_file.builtin_record import builtin_metadata
from lstmcli.network.builtin import (
    EMBEDDED,
    HIDDEN,
    OF_CANDIDATES,
    OF_HEAD,
    QUANTILES,
    BuiltinInputs,
    builtin_shapes,
)
from lstmcli.network.cells import GATES
from lstmcli.series.arrays import Array
from lstmcli.windows.candidates import CANDIDATES
from lstmcli.windows.histories import AHEAD, SEGMENT, SERIES_INPUTS, VALUE_INPUTS

_ORDER = [TORCH_GATES["lstm"].index(gate) for gate in GATES["lstm"]]
_LINEAR = {
    "embed.0": "embed_first",
    "embed.1": "embed_second",
    "simple": "simple",
    "head": "head",
    "mix": "mix",
}
_LINEAR |= {"quantiles": "out"}
_MIDDLE = QUANTILES.index(0.5)


class BuiltinTwin(nn.Module):
    """See `network.builtin`; `forward` gives scaled quantiles (batch, origins, AHEAD, quantiles)."""

    def __init__(self) -> None:
        super().__init__()
        self.embed_first = nn.Linear(SEGMENT * VALUE_INPUTS + SERIES_INPUTS, EMBEDDED)
        self.embed_second = nn.Linear(EMBEDDED, EMBEDDED)
        self.recurrent: Any = nn.LSTM(EMBEDDED, HIDDEN, batch_first=True)
        self.simple = nn.Linear(AHEAD * len(CANDIDATES), OF_CANDIDATES)
        self.head = nn.Linear(HIDDEN + OF_CANDIDATES + EMBEDDED + SERIES_INPUTS, OF_HEAD)
        self.mix = nn.Linear(OF_HEAD, AHEAD * len(CANDIDATES))
        self.out = nn.Linear(OF_HEAD, AHEAD * len(QUANTILES))
        self._begin()

    def _begin(self) -> None:
        """Forget gates that keep, orthogonal recurrent weights, equal shares of the simple forecasts."""
        with torch.no_grad():
            self.recurrent.bias_ih_l0[HIDDEN : 2 * HIDDEN] = 1
            for gate in range(4):
                nn.init.orthogonal_(self.recurrent.weight_hh_l0[gate * HIDDEN : (gate + 1) * HIDDEN])
            nn.init.zeros_(self.mix.weight)
            nn.init.zeros_(self.mix.bias)
            self.out.weight.mul_(0.1)
            self.out.bias.zero_()

    def forward(self, values: Tensor, series: Tensor, of_simple: Tensor, centred: Tensor) -> Tensor:
        """The fields of `BuiltinInputs` as tensors."""
        batch, steps, _ = values.shape
        origins = centred.shape[1]
        joined = torch.cat([values, series[:, None].expand(batch, steps, -1)], 2)
        z = self.embed_second(_gelu(self.embed_first(joined)))
        h, _ = self.recurrent(z)
        seen = [
            h[:, -origins:],
            self.simple(of_simple),
            z[:, -origins:],
            series[:, None].expand(batch, origins, -1),
        ]
        made = _gelu(self.head(torch.cat(seen, 2)))
        shares = self.mix(made).reshape(centred.shape).softmax(-1)
        base = (shares * centred).sum(-1)
        raw = self.out(made).reshape(*base.shape, len(QUANTILES))
        up = functional.softplus(raw[..., _MIDDLE + 1 :]).cumsum(-1)
        down = functional.softplus(raw[..., :_MIDDLE].flip(-1)).cumsum(-1).flip(-1)
        middle = raw[..., _MIDDLE : _MIDDLE + 1]
        quantiles = torch.cat([middle - down, middle, middle + up], -1)
        return torch.as_tensor(quantiles + base[..., None])

    def weights(self) -> dict[str, Array]:
        """Under the names of `network.builtin`, float32."""
        found: dict[str, Array] = {}
        for name, own in _LINEAR.items():
            layer = getattr(self, own)
            found[f"{name}.weight"], found[f"{name}.bias"] = _numpy(layer.weight), _numpy(layer.bias)
        cell = self.recurrent
        for name, tensor in (("inputs", cell.weight_ih_l0), ("recurrent", cell.weight_hh_l0)):
            found[f"layers.0.{name}"] = _numpy(tensor).reshape(4, HIDDEN, -1)[_ORDER]
        found["layers.0.bias"] = _numpy(cell.bias_ih_l0 + cell.bias_hh_l0).reshape(4, HIDDEN)[_ORDER]
        return {name: np.ascontiguousarray(found[name]) for name in builtin_shapes()}

    def take_weights(self, weights: Mapping[str, Array]) -> None:
        """Starts from weights of `network.builtin`."""
        back = np.argsort(_ORDER)
        with torch.no_grad():
            for name, own in _LINEAR.items():
                layer = getattr(self, own)
                layer.weight.copy_(_tensor(weights[f"{name}.weight"]))
                layer.bias.copy_(_tensor(weights[f"{name}.bias"]))
            cell = self.recurrent
            for name, tensor in (("inputs", cell.weight_ih_l0), ("recurrent", cell.weight_hh_l0)):
                tensor.copy_(_tensor(weights[f"layers.0.{name}"][back]).reshape(4 * HIDDEN, -1))
            cell.bias_ih_l0.copy_(_tensor(weights["layers.0.bias"][back]).reshape(-1))
            cell.bias_hh_l0.zero_()


def tensors_of(inputs: BuiltinInputs, device: str) -> tuple[Tensor, ...]:
    """The arguments of `BuiltinTwin.forward`."""
    fields = (inputs.values, inputs.series, inputs.of_simple, inputs.centred)
    return tuple(_tensor(field).to(device) for field in fields)


def _gelu(x: Tensor) -> Tensor:
    return functional.gelu(x, approximate="tanh")


def _numpy(tensor: Tensor) -> Array:
    return np.asarray(tensor.detach().cpu().numpy(), np.float32)


def _tensor(values: Array) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))


def write_builtin(path: Path, weights: Mapping[str, Array]) -> None:
    """Writes weights in half precision with their sum and a forecast, the file whole or not at all."""
    halves = {name: weights[name].astype(np.float16) for name in builtin_shapes()}
    content = save(halves, builtin_metadata(weights))
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
