"""Networks trained on data whose memory is known: what they use of the context must be that."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from builders import panel_of

from lstmcli.forecasting.plan import decide, learning_options
from lstmcli.gates.cell_study.recall_task import CopyTask, copy_task_arch
from lstmcli.gates.origins import spread_origins
from lstmcli.gates.replay import GateTrace
from lstmcli.gates.trace import replay_windows
from lstmcli.gates.use import use
from lstmcli.gates.window_replay import WindowReplay
from lstmcli.learning.loop import fit
from lstmcli.learning.train import train_network
from lstmcli.network.architecture import Architecture
from lstmcli.network.forward import embed_segments, traces
from lstmcli.settings.model import Settings

ARCH = Architecture("lstm", 1, 16, 1, 24, 1, (0.5,), 0, 0, 1)


@dataclass(frozen=True)
class Buried:
    """The copying task with other values before the marked one, and noise in what is asked for, so
    that no network gets the error to zero, where 1 % of it would be nothing."""

    delay: int
    before: int

    def draw(self, count, random):
        windows = CopyTask(self.delay + self.before).draw(count, random)
        mark = np.roll(windows.covariates, self.before, axis=1)
        target = windows.context[:, [self.before]] + random.normal(0, 0.3, (count, 1))
        return replace(windows, covariates=mark, target=target.astype(np.float32))


def used_after_copying(delay, before):
    task = Buried(delay, before)
    arch = copy_task_arch(ARCH, delay + before)
    settings = Settings(batch=64, patience=100, learning_rate=1e-2)
    fresh = task.draw(512, np.random.default_rng(1))
    made = fit(arch, task, fresh, learning_options(settings), 300, 0, lambda progress: None)
    weights = {name: weight.astype(np.float64) for name, weight in made.weights.items()}
    seen = GateTrace(np.zeros(512, np.int64), np.zeros(512, np.int64), traces(weights, arch, fresh))
    found = use(WindowReplay(arch, 0, weights, embed_segments(weights, arch, fresh), seen, fresh))
    # 0.24 is the mean of |noise|: the network has learned the task.
    assert found.error == pytest.approx(0.24, abs=0.04)
    return found


@pytest.mark.parametrize("delay", [6, pytest.param(12, marks=pytest.mark.slow)])
def test_a_copying_network_uses_as_many_steps_as_the_delay(delay):
    assert used_after_copying(delay, before=0).horizon == pytest.approx(delay, abs=1)


def test_the_error_falls_where_the_copied_value_comes_into_view():
    found = used_after_copying(12, before=6)
    # The value is 12 steps before the last; those before it only warm the cell up.
    falls = -np.diff(found.errors)
    assert found.steps[1:][falls.argmax()] == 13
    assert falls.max() > 0.9 * (found.errors[0] - found.errors[-1])


def test_a_network_trained_on_shuffled_values_uses_one_step():
    random = np.random.default_rng(0)
    wave = np.sin(np.arange(1500) * 2 * np.pi / 24) + 0.1 * random.normal(size=1500)
    settings = Settings(
        context=24, segment=1, horizon=1, season=1, calendar=False, baseline="none", quantiles=(0.5,),
        hidden=8, steps=60, batch=64, validation=60, refit=False, processes=1,
    )  # fmt: skip

    def used(values):
        panel = panel_of(values)
        network = train_network(panel, decide(panel, settings), lambda progress: None).network
        return use(replay_windows(network, panel, *spread_origins(panel, network.shape, 256))).horizon

    assert used(random.permutation(wave)) == 1
    assert used(wave) > 3  # the same values in order
