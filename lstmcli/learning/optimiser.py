"""AdamW on a one-cycle schedule. Our own, as making one of PyTorch's loads its compiler: 1.5 s and 80 MB.

A test holds these lines equal to PyTorch's.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lstmcli.learning.flat import flatten_parameters, like_all, views

_BETAS, _TINY = (0.9, 0.999), 1e-8
_TINY_NORM = 1e-6  # of torch's clip_grad_norm_
Schedule = Callable[[int, int, float], tuple[float, float]]  # of a step, all steps, and the peak
_RISE, _START, _END = 0.3, 25.0, 1e4  # share of steps that rise; start and end below the peak


class AdamW:
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv:1711.05101).

    weights: all parameters in one tensor, see `flat.flatten_parameters`; means, squares: running means of the
    gradients and of their squares, one per parameter; step: how many were taken. schedule: as `one_cycle`.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        rate: float,
        weight_decay: float,
        steps: int,
        schedule: Schedule | None = None,
    ) -> None:
        self.parameters = list(parameters)
        self.weights = flatten_parameters(self.parameters)
        self.step = 0
        self._gradient, self._mean, self._square, self._size = (like_all(self.parameters) for _ in range(4))
        self._gradients = views(self._gradient, self.parameters)
        self.means = views(self._mean, self.parameters)
        self.squares = views(self._square, self.parameters)
        self._rate, self._decay, self._steps = rate, weight_decay, steps
        self._schedule = schedule or one_cycle

    @torch.no_grad()
    def flat_gradients(self) -> Tensor:
        """The gradients in the layout of `weights`; those of the parameters are then cleared."""
        for parameter, place in zip(self.parameters, self._gradients, strict=True):
            assert parameter.grad is not None  # all take part in every forecast
            place.copy_(parameter.grad)
            parameter.grad = None
        return self._gradient

    @torch.no_grad()
    def advance_clipped(self, clip: float) -> None:
        """One step along the gradients of the parameters, no longer than `clip`; they are then cleared."""
        gradient = self.flat_gradients()
        gradient.mul_((clip / (gradient.norm() + _TINY_NORM)).clamp(max=1.0))
        self.advance(gradient)

    @torch.no_grad()
    def advance(self, gradient: Tensor) -> None:
        """One step along a gradient in the layout of `weights`."""
        rate, momentum = self._schedule(self.step, self._steps, self._rate)
        self.step += 1
        # PyTorch's corrections of the start assume a fixed momentum, and so do these.
        mean_bias, square_bias = 1 - momentum**self.step, 1 - _BETAS[1] ** self.step
        self._mean.lerp_(gradient, 1 - momentum)
        self._square.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1 - _BETAS[1])
        self.weights.mul_(1 - rate * self._decay)
        size = torch.sqrt(self._square, out=self._size).div_(math.sqrt(square_bias)).add_(_TINY)
        self.weights.addcdiv_(self._mean, size, value=-rate / mean_bias)


def one_cycle(step: int, steps: int, peak: float) -> tuple[float, float]:
    """Learning rate and momentum of a step, counted from 0 (Smith & Topin 2018, arXiv:1708.07120).

    The rate rises on a cosine from peak / 25 for three tenths of the steps and falls to
    peak / 250,000; the momentum goes the other way, between 0.95 and 0.85.
    """
    top = _RISE * steps - 1
    low, high = peak / _START, peak / _START / _END
    if step <= top:
        share = step / top if top else 1.0
        return _cosine(low, peak, share), _cosine(0.95, 0.85, share)
    share = min(1.0, (step - top) / (steps - 1 - top))
    return _cosine(peak, high, share), _cosine(0.85, 0.95, share)


def constant_rate(step: int, steps: int, rate: float) -> tuple[float, float]:
    """The same at every step, with Adam's usual momentum."""
    return rate, _BETAS[0]


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
