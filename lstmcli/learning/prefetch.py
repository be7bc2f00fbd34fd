"""Training windows drawn one batch ahead, while an accelerator computes."""

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from lstmcli.windows.cut import Windows

Draw = Callable[[np.random.Generator], Windows]


def batches(draw: Draw, random: np.random.Generator, ahead: bool) -> Iterator[Windows]:
    """Batches without end; the same ones whether drawn when asked for, or one ahead in a thread.

    random is always left as it is after the batch that was given, so that a training goes on from there.
    """
    if ahead:
        yield from _ahead(draw, random)
    while True:
        yield draw(random)


def _ahead(draw: Draw, random: np.random.Generator) -> Iterator[Windows]:
    own = copy.deepcopy(random)

    def draw_one() -> tuple[Windows, Any]:
        windows = draw(own)
        return windows, own.bit_generator.state

    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(draw_one)
        while True:
            windows, after = coming.result()
            coming = pool.submit(draw_one)
            random.bit_generator.state = after
            yield windows
