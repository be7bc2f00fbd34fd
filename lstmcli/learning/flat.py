"""All parameters of a network in one tensor, so that an operation on all of them is one operation."""

from collections.abc import Sequence

import torch
from torch import Tensor

_ALIGNED = 16  # numbers: every parameter starts where a vector of the processor can


def flatten_parameters(parameters: Sequence[Tensor]) -> Tensor:
    """The values of all parameters end to end; the parameters become views of it."""
    flat = like_all(parameters)
    for parameter, view in zip(parameters, views(flat, parameters), strict=True):
        view.copy_(parameter.detach())
        parameter.data = view
    return flat


def like_all(parameters: Sequence[Tensor]) -> Tensor:
    """Zeros in that layout."""
    return torch.zeros(sum(map(_room, parameters)), device=parameters[0].device)


def views(flat: Tensor, parameters: Sequence[Tensor]) -> list[Tensor]:
    """The part of a flat tensor that belongs to each parameter, in its shape."""
    parts = torch.split(flat, [_room(p) for p in parameters])
    return [part[: p.numel()].view(p.shape) for part, p in zip(parts, parameters, strict=True)]


def _room(parameter: Tensor) -> int:
    return -(-parameter.numel() // _ALIGNED) * _ALIGNED
