"""Our optimiser and schedule are PyTorch's."""

import pytest
import torch

from lstmcli.learning.optimiser import AdamW, one_cycle


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 57, 300])
def test_steps_are_those_of_torch(steps):
    torch.manual_seed(0)
    ours = [torch.randn(7, 3, requires_grad=True), torch.randn(5, requires_grad=True)]
    theirs = [p.detach().clone().requires_grad_() for p in ours]
    optimiser = AdamW(ours, rate=6e-3, weight_decay=1e-2, steps=steps)
    reference = torch.optim.AdamW(theirs, lr=6e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(reference, max_lr=6e-3, total_steps=steps, pct_start=0.3)
    for step in range(steps):
        rate, momentum = one_cycle(step, steps, 6e-3)
        assert rate == pytest.approx(reference.param_groups[0]["lr"], rel=1e-9)
        assert momentum == pytest.approx(reference.param_groups[0]["betas"][0], rel=1e-9)
        for a, b in zip(ours, theirs, strict=True):
            a.grad = torch.randn_like(a)
            b.grad = a.grad.clone()
        optimiser.advance(optimiser.flat_gradients())
        reference.step()
        schedule.step()
    for a, b in zip(ours, theirs, strict=True):
        assert (a - b).abs().max() < 1e-6
        assert a.grad is None
