"""One value a step: what `segment=1` brings along."""

import numpy as np
import pytest
from builders import panel_of

from lstmcli.errors import SettingsError
from lstmcli.forecasting.plan import decide
from lstmcli.settings.model import Settings


def wave(length, season):
    return panel_of(5 + np.sin(np.arange(length) * 2 * np.pi / season))


@pytest.mark.parametrize(
    ("length", "season", "context"),
    [
        (1000, 24, 120),  # a hundred, in whole seasons
        (1000, 12, 108),
        (200, 12, 48),  # a quarter of the series
    ],
)
def test_one_value_a_step_reads_about_a_hundred_steps(length, season, context):
    plan = decide(wave(length, season), Settings(season=season, horizon=6, segment=1))
    assert (plan.arch.segment, plan.arch.steps) == (1, context)


def test_a_context_that_is_given_stays():
    plan = decide(wave(1000, 24), Settings(season=24, horizon=6, segment=1, context=36))
    assert plan.arch.steps == 36


def test_a_segment_that_is_open_changes_nothing():
    plan = decide(wave(1000, 1), Settings(season=1, horizon=6))
    assert plan.arch.steps < 100


def test_baselines_fit_a_context_that_is_given():
    plan = decide(wave(1000, 24), Settings(season=24, horizon=6, segment=1, context=20))
    assert plan.arch.steps == 20 and "seasonal" not in plan.shape.baselines
    wanted = (
        "baseline seasonal repeats 24 values, and context is 20; take --context 24, or --set baseline=none"
    )
    with pytest.raises(SettingsError, match=wanted):
        decide(wave(1000, 24), Settings(season=24, horizon=6, segment=1, context=20, baseline="seasonal"))


def test_numbers_of_a_note_have_no_exponent():
    plan = decide(panel_of(np.geomspace(20, 2_000_000, 400)), Settings(season=1, horizon=6))
    (said,) = [note for note in plan.notes if note.startswith("log transform")]
    assert said.endswith("spread from 35.6 to 1,120,000")
