"""The loss against a slow oracle, and with unknown targets."""

import numpy as np
import pytest
import torch

from lstmcli.learning.losses import pinball

LEVELS = (0.1, 0.5, 0.9)


def slow_pinball(forecast, target):
    total, known = 0.0, 0
    for step, y in enumerate(target):
        if np.isnan(y):
            continue
        known += 1
        for level, q in zip(LEVELS, forecast[step], strict=True):
            total += (level * (y - q) if y > q else (1 - level) * (q - y)) / len(LEVELS)
    return 2 * total / known


def test_the_loss_is_that_of_the_definition():
    random = np.random.default_rng(0)
    forecast, target = random.normal(size=(4, 6, 3)), random.normal(size=(4, 6))
    target[1, 2:] = np.nan
    made = pinball(torch.tensor(LEVELS), torch.from_numpy(forecast), torch.from_numpy(target))
    assert made.tolist() == pytest.approx([slow_pinball(f, t) for f, t in zip(forecast, target, strict=True)])


def test_the_loss_of_the_median_alone_is_the_absolute_error():
    made = pinball(torch.tensor([0.5]), torch.tensor([[[1.0], [4.0]]]), torch.tensor([[3.0, 3.0]]))
    assert made.tolist() == [1.5]


def test_a_window_without_a_known_target_has_no_loss_and_no_gradient():
    forecast = torch.zeros(2, 2, 1, requires_grad=True)
    target = torch.tensor([[1.0, torch.nan], [torch.nan, torch.nan]])
    made = pinball(torch.tensor([0.5]), forecast, target)
    assert made[0] == 1
    assert torch.isnan(made[1])
    made.nanmean().backward()
    assert forecast.grad[:, :, 0].tolist() == [[-1.0, 0.0], [0.0, 0.0]]
