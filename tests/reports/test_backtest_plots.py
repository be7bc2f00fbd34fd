"""The picture of a backtest: what is shown and what is cut off is said."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from builders import panel_of

from lstmcli.evaluation.backtest import MODEL_NAME
from lstmcli.reports.pictures import backtests
from lstmcli.series.calendar import HOUR, Step

WAVE = 5000 + 100 * np.sin(np.arange(200) * np.pi / 12)


@pytest.fixture
def drawn(monkeypatch):
    """The figure of made-up results: one series by default, the last value six times as bad as the others."""

    def make(count=1, last=None, worst=6.0, unit="", metric="mase"):
        panel = panel_of(*[WAVE] * count)
        made = SimpleNamespace(
            values=np.full((2 * count, 4, 1), 5000.0), point=np.full((2 * count, 4), 5000.0)
        )
        results = SimpleNamespace(
            panel=panel, horizon=4, series=np.repeat(np.arange(count), 2), quantiles=(0.5,), seen=None,
            origins=np.tile([180, 190], count), forecasts={MODEL_NAME: made},
        )  # fmt: skip
        by_step = {MODEL_NAME: [1.0] * 4, "ets": [1.0] * 4, "last value": [1.0, 1.0, worst, None]}
        order = [SimpleNamespace(name=name, scores=SimpleNamespace(mase=1.0, mae=1.0)) for name in by_step]
        report = SimpleNamespace(
            metric=metric, counted=2, by_step=by_step, order=order, verdict="the model is best; or not",
            design=SimpleNamespace(horizon=4, step=Step("fixed", HOUR)),
        )  # fmt: skip
        figures = []
        monkeypatch.setattr(backtests, "picture_bytes", lambda figure, form: figures.append(figure) or b"")
        monkeypatch.setattr(backtests, "write_atomically", lambda path, content: None)
        backtests.backtest_plot(results, report, ("load",), Path("unused.png"), last, unit)
        figures[0].draw_without_rendering()
        return figures[0]

    return make


def test_the_title_names_series_and_target_and_says_how_many_are_shown(drawn):
    assert drawn().axes[0].get_title(loc="left").strip().endswith("from each origin: a, load")
    assert "series" not in drawn().axes[0].get_title(loc="center")
    assert drawn(5).axes[0].get_title(loc="center").endswith("over 2 windows; 3 of 5 series are shown")
    assert "5,000" in [label.get_text() for label in drawn().axes[0].get_yticklabels()]


@pytest.mark.parametrize(
    ("metric", "below"), [("mase", "scaled absolute error"), ("mae", "mean absolute error, €")]
)
def test_the_unit_stands_beside_values_and_errors(drawn, metric, below):
    figure = drawn(2, unit="€", metric=metric)
    assert [axes.get_ylabel() for axes in figure.axes] == ["€", "€", below]


def test_curves_that_leave_the_picture_are_marked(drawn):
    axes = drawn().axes[-1]
    assert axes.get_title(loc="center") == "the model is best; cut off above: last value"
    (marked,) = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert (marked.get_xdata(), marked.get_ydata()) == ([3], [axes.get_ylim()[1]])
    assert axes.get_legend().get_window_extent().x0 >= axes.get_window_extent().x1
    assert "cut off" not in drawn(worst=1.5).axes[-1].get_title(loc="center")


@pytest.mark.parametrize(("last", "first"), [(None, 176), (30, 150), (500, 0)])
def test_so_many_values_stand_before_the_first_forecast(drawn, last, first):
    came = drawn(last=last).axes[0].lines[0].get_ydata()
    assert came == pytest.approx(WAVE[first:194])
