"""A control whose truth is known: remember one value while others pass, then repeat it.

A sequence has delay + 1 steps. The first value is marked as the one to remember; `delay` values from
the same distribution follow and mean nothing. After Hochreiter & Schmidhuber (1997), section 5,
and Arjovsky et al. (2016, arXiv:1511.06464), for one number.
"""

from dataclasses import dataclass, replace

import numpy as np

from lstmcli.network.architecture import Architecture, Weights
from lstmcli.network.forward import member_forward
from lstmcli.windows.cut import Windows
from lstmcli.windows.scaling import WindowScale


@dataclass(frozen=True)
class CopyTask:
    """Sequences to learn from."""

    delay: int

    def draw(self, count: int, random: np.random.Generator) -> Windows:
        """`count` sequences, uniform between -1 and 1; the one covariate marks the first value."""
        values = random.uniform(-1, 1, (count, self.delay + 1)).astype(np.float32)
        mark = np.zeros((*values.shape, 1), np.float32)
        mark[:, 0] = 1
        one = np.ones((count, 1))
        return Windows(
            context=values,
            missing=np.zeros(values.shape, bool),
            covariates=mark,
            ahead=np.zeros((count, 1, 0), np.float32),
            codes=np.zeros((count, self.delay + 1, 0), np.int64),
            codes_ahead=np.zeros((count, 1, 0), np.int64),
            static=np.zeros((count, 0), np.float32),
            static_codes=np.zeros((count, 0), np.int64),
            levels=np.zeros((count, 3), np.float32),
            baselines=np.zeros((count, 1, 1), np.float32),
            target=values[:, :1].copy(),
            scale=WindowScale(0 * one, one, one),
        )


def copy_task_arch(arch: Architecture, delay: int) -> Architecture:
    """The network of a comparison, with the inputs and the output of this task."""
    return replace(
        arch,
        layers=1,
        segment=1,
        context=delay + 1,
        horizon=1,
        quantiles=(0.5,),
        covariates=1,
        ahead=0,
        static=0,
        static_tables=(),
        past_tables=(),
        future_tables=(),
        members=1,
    )


def copy_task_score(weights: Weights, arch: Architecture, windows: Windows) -> float:
    """1 - squared error / variance, of the median."""
    wrong = member_forward(weights, arch, windows)[:, :, 0] - windows.target
    return float(1 - (wrong**2).sum() / ((windows.target - windows.target.mean()) ** 2).sum())
