"""Training inside a process that may use PyTorch for other things too."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.utils import deterministic


@contextmanager
def torch_unchanged() -> Iterator[None]:
    """Sets PyTorch afterwards as it was before, whatever `prepare_torch` has changed."""
    threads = torch.get_num_threads()
    certain = torch.get_deterministic_debug_mode()
    filled = deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_deterministic_debug_mode(certain)
        deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]
        torch.set_flush_denormal(False)  # the default of PyTorch, which has no getter
