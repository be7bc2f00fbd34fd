"""The trainable twin of `lstmcli.network.forward`, on PyTorch's fused recurrent layers."""

from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from lstmcli.network.architecture import FUTURE_UNITS, LEVEL_COLUMNS, Architecture, Weights, width, width_of
from lstmcli.network.cells import GATES
from lstmcli.windows.cut import Windows

# PyTorch's own order of the gates inside its weight matrices.
TORCH_GATES = {
    "lstm": ("input", "forget", "candidate", "output"),
    "gru": ("reset", "update", "candidate"),
    "rnn": ("candidate",),
}
LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
# What these layers call.
RECURRENCES: dict[str, Callable[..., tuple[Tensor, ...]]] = {
    "lstm": torch.lstm,
    "gru": torch.gru,
    "rnn": torch.rnn_tanh,
}
# Softplus of this is 0.13: quantiles start close to the median instead of 0.7 scales apart.
QUANTILE_BIAS = -2.0
_LAYER_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class MemberModule(nn.Module):
    """One member of the ensemble. Shapes are those of `network.forward.member_forward`.

    in_bfloat16: whether products are taken in it; weights and the loss stay float32.
    """

    def __init__(self, arch: Architecture, forget_bias: float | str = 1.0, dropout: float = 0.0) -> None:
        super().__init__()
        self.arch, self.in_bfloat16 = arch, False
        hidden, segment = arch.hidden, arch.segment
        along = width_of((*arch.past_tables, *arch.future_tables))
        self.embed = nn.Linear(segment * (2 + arch.covariates + along), hidden)
        self.embed_levels = nn.Linear(LEVEL_COLUMNS, hidden, bias=False)
        self.recurrent = LAYERS[arch.cell](hidden, hidden, num_layers=arch.layers)
        self.head = nn.Linear(hidden, arch.horizon * len(arch.quantiles))
        if arch.known_ahead:
            self.ahead_inputs = nn.Linear(arch.known_ahead, FUTURE_UNITS, bias=False)
            self.ahead_state = nn.Linear(hidden, FUTURE_UNITS)
            self.ahead_out = nn.Linear(FUTURE_UNITS, len(arch.quantiles), bias=False)
        if arch.fixed:
            self.embed_static = nn.Linear(arch.fixed, hidden, bias=False)
        # A category weighs nothing until training has seen it.
        self.tables = nn.ParameterDict(
            {
                f"{role}_{n}": torch.zeros(count, width(count))
                for role, rows in arch.tables.items()
                for n, count in enumerate(rows)
            }
        )
        self.dropout = nn.Dropout(dropout)
        self._start(forget_bias)

    @torch.no_grad()
    def _start(self, forget_bias: float | str) -> None:
        hidden, segment = self.arch.hidden, self.arch.segment
        # Missing flags weigh nothing until data with missing values teaches their weight.
        self.embed.weight[:, segment : 2 * segment] = 0
        middle = self.arch.quantiles.index(0.5)
        bias = torch.full((self.arch.horizon, len(self.arch.quantiles)), QUANTILE_BIAS)
        bias[:, middle] = 0
        self.head.bias.copy_(bias.flatten())
        for name, weight in self.recurrent.named_parameters():
            if name.startswith("weight_hh"):
                for block in weight.split(hidden):
                    nn.init.orthogonal_(block)
            elif name.startswith("bias"):
                weight.zero_()
        if self.arch.cell == "lstm":
            self._start_forget_bias(forget_bias)
        elif self.arch.cell == "gru" and forget_bias == "chrono":
            place = TORCH_GATES["gru"].index("update")
            for layer in range(self.arch.layers):
                bias = getattr(self.recurrent, f"bias_ih_l{layer}").view(-1, hidden)  # (gates, hidden)
                bias[place] = self._spans().log()

    def _spans(self) -> Tensor:
        """How many steps each unit is to remember at the start, (hidden,): U(1, T-1)."""
        return torch.empty(self.arch.hidden).uniform_(1, max(self.arch.steps - 1, 1.1))

    def _start_forget_bias(self, forget_bias: float | str) -> None:
        """A constant, or "chrono": b_f = log U(1, T-1), b_i = -b_f (Tallec & Ollivier 2018).

        Of the GRU the update gate starts so, which is input gate and forget gate in one.
        """
        hidden = self.arch.hidden
        forget_place, input_place = (TORCH_GATES["lstm"].index(gate) for gate in ("forget", "input"))
        for layer in range(self.arch.layers):
            bias = getattr(self.recurrent, f"bias_ih_l{layer}").view(-1, hidden)  # (gates, hidden)
            if forget_bias == "chrono":
                span = self._spans()
                bias[forget_place] = span.log()
                bias[input_place] = -span.log()
            else:
                bias[forget_place] = float(forget_bias)

    def forward(
        self,
        context: Tensor,
        missing: Tensor,
        covariates: Tensor,
        ahead: Tensor,
        levels: Tensor,
        codes: Tensor,
        codes_ahead: Tensor,
        static: Tensor,
        static_codes: Tensor,
    ) -> Tensor:
        """What is added to the baseline, (batch, horizon, quantiles)."""
        with torch.autocast(context.device.type, torch.bfloat16) if self.in_bfloat16 else nullcontext():
            past = len(self.arch.past_tables)
            categories = [
                *self._look_up("past", codes[:, :, :past]),
                *self._look_up("future", codes[:, :, past:]),
            ]
            along = [context[:, :, None], missing[:, :, None], covariates, *categories]
            fixed = [levels, *([static, *self._look_up("static", static_codes)] if self.arch.fixed else [])]
            h = self._final_state(self._read(along, fixed))
            if self.training and self.dropout.p:
                # Drawn on the CPU, whose random state a checkpoint holds.
                h = h * self.dropout(torch.ones(h.shape)).to(h.device)
            raw = self._decode(h, torch.cat([ahead, *self._look_up("future", codes_ahead)], 2))
        return order_quantile_tensor(raw.float(), self.arch.quantiles.index(0.5))

    def _decode(self, h: Tensor, ahead: Tensor) -> Tensor:
        """From the final state and the future inputs, (batch, horizon, quantiles)."""
        raw: Tensor = self.head(h).view(len(h), self.arch.horizon, len(self.arch.quantiles))
        if self.arch.known_ahead:
            known = torch.relu(self.ahead_inputs(ahead) + self.ahead_state(h)[:, None])
            raw = raw + self.ahead_out(known)
        return raw

    def _read(self, along: list[Tensor], fixed: list[Tensor]) -> Tensor:
        """What each step reads, (steps, batch, columns): a segment of each column, then what is fixed.

        along: (batch, context, columns) each; fixed: (batch, columns) each.
        """
        arch = self.arch
        segments = [
            part.reshape(len(part), arch.steps, arch.segment, -1).permute(1, 0, 3, 2).flatten(2)
            for part in along
            if part.shape[2]
        ]
        return torch.cat([*segments, *(part.expand(arch.steps, -1, -1) for part in fixed)], 2)

    def _final_state(self, read: Tensor) -> Tensor:
        """Hidden state of the last layer after the last step, (batch, hidden)."""
        weight = torch.cat(
            [
                self.embed.weight,
                self.embed_levels.weight,
                *([self.embed_static.weight] if self.arch.fixed else []),
            ],
            1,
        )
        weights = [
            getattr(self.recurrent, f"{n}_l{layer}")
            for layer in range(self.arch.layers)
            for n in _LAYER_WEIGHTS
        ]
        if read.shape[2] < self.arch.hidden:
            # Two linear maps in a row are one, here with fewer inputs than units.
            inputs, bias = weights[0], weights[2]
            weights[0] = (inputs @ weight).float()  # cuDNN wants all weights of one type
            weights[2] = torch.addmv(bias, inputs, self.embed.bias).float()
        else:
            read = functional.linear(read, weight, self.embed.bias)
        zeros = read.new_zeros(self.arch.layers, read.shape[1], self.arch.hidden)
        start = (zeros, zeros) if self.arch.cell == "lstm" else zeros
        run = RECURRENCES[self.arch.cell]
        _, h, *_ = run(read, start, weights, True, self.arch.layers, 0.0, self.training, False, False)
        return h[-1]

    def _look_up(self, role: str, codes: Tensor) -> list[Tensor]:
        """Twin of `network.forward.look_up_embeddings`."""
        return [
            functional.embedding(codes[..., n], self.tables[f"{role}_{n}"]) for n in range(codes.shape[-1])
        ]


def order_quantile_tensor(raw: Tensor, middle: int) -> Tensor:
    """Twin of `network.forward.order_quantiles`."""
    away = functional.softplus(raw, threshold=30).unbind(-1)
    above, below = [raw[..., middle]], [raw[..., middle]]
    for distance in away[middle + 1 :]:
        above.append(above[-1] + distance)
    for distance in reversed(away[:middle]):
        below.append(below[-1] - distance)
    return torch.stack([*reversed(below), *above[1:]], -1)


def tensors(windows: Windows) -> tuple[Tensor, ...]:
    """The inputs of `MemberModule.forward`."""
    missing = windows.missing.astype(np.float32)
    return tuple(
        torch.from_numpy(np.ascontiguousarray(array))
        for array in (
            windows.context,
            missing,
            windows.covariates,
            windows.ahead,
            windows.levels,
            windows.codes,
            windows.codes_ahead,
            windows.static,
            windows.static_codes,
        )
    )


def export_weights(module: MemberModule) -> Weights:
    """The weights in the layout of `Architecture.shapes`: our gate order, one bias per gate."""
    arch, hidden = module.arch, module.arch.hidden
    weights = _not_recurrent(module)
    order = [TORCH_GATES[arch.cell].index(gate) for gate in GATES[arch.cell]]
    candidate = GATES[arch.cell].index("candidate")
    for layer in range(arch.layers):
        blocks = _torch_weights(module, layer)
        bias, recurrent_bias = blocks["bias_ih"][order], blocks["bias_hh"][order]
        inside = torch.zeros(hidden)
        if arch.cell == "gru":  # the reset gate acts on the candidate's recurrent bias too
            inside = recurrent_bias[candidate].clone()
            recurrent_bias[candidate] = 0
        weights[f"layers.{layer}.inputs"] = blocks["weight_ih"][order]
        weights[f"layers.{layer}.recurrent"] = blocks["weight_hh"][order]
        weights[f"layers.{layer}.bias"] = bias + recurrent_bias
        weights[f"layers.{layer}.candidate_bias"] = inside
    return {name: w.detach().cpu().numpy().copy() for name, w in weights.items()}


@torch.no_grad()
def take_over(module: MemberModule, weights: Weights) -> None:
    """The inverse of `export_weights`: sets the weights; the first of PyTorch's two biases takes the whole
    of each, but for the part inside the GRU's reset gate."""
    arch, hidden = module.arch, module.arch.hidden
    for name, parameter in _not_recurrent(module).items():
        parameter.copy_(_tensor(weights[name]))
    back = [GATES[arch.cell].index(gate) for gate in TORCH_GATES[arch.cell]]
    for layer in range(arch.layers):
        theirs = {n: getattr(module.recurrent, f"{n}_l{layer}") for n in _LAYER_WEIGHTS}
        theirs["weight_ih"].copy_(_tensor(weights[f"layers.{layer}.inputs"])[back].reshape(-1, hidden))
        theirs["weight_hh"].copy_(_tensor(weights[f"layers.{layer}.recurrent"])[back].reshape(-1, hidden))
        theirs["bias_ih"].copy_(_tensor(weights[f"layers.{layer}.bias"])[back].flatten())
        theirs["bias_hh"].zero_()
        if arch.cell == "gru":
            at = TORCH_GATES["gru"].index("candidate") * hidden
            theirs["bias_hh"][at : at + hidden] = _tensor(weights[f"layers.{layer}.candidate_bias"])


def _tensor(array: NDArray[np.floating]) -> Tensor:
    return torch.from_numpy(np.array(array, np.float32))


def _not_recurrent(module: MemberModule) -> dict[str, Tensor]:
    """The parameters that have the same layout in `Architecture.shapes`, by their name there."""
    arch = module.arch
    named: dict[str, Tensor] = {
        "embed.weight": module.embed.weight,
        "embed.bias": module.embed.bias,
        "embed.levels": module.embed_levels.weight,
        "head.weight": module.head.weight,
        "head.bias": module.head.bias,
    }
    if arch.fixed:
        named["embed.static"] = module.embed_static.weight
    for role, rows in arch.tables.items():
        named |= {f"tables.{role}.{n}": module.tables[f"{role}_{n}"] for n in range(len(rows))}
    if arch.known_ahead:
        named["ahead.inputs"] = module.ahead_inputs.weight
        named["ahead.state"] = module.ahead_state.weight
        named["ahead.bias"] = module.ahead_state.bias
        named["ahead.out"] = module.ahead_out.weight
    return named


def _torch_weights(module: MemberModule, layer: int) -> dict[str, Tensor]:
    """PyTorch's weights of one layer, cut into gates: (gates, hidden, ...)."""
    hidden = module.arch.hidden
    found = {name: getattr(module.recurrent, f"{name}_l{layer}").detach().cpu() for name in _LAYER_WEIGHTS}
    return {name: w.reshape(-1, hidden, *w.shape[1:]) for name, w in found.items()}
