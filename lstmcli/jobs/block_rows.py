"""What is written of a forecast, block by block."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lstmcli.reports.forecast_parts import ForecastParts, ScenarioForecasts
from lstmcli.series.forecast import Forecast
from lstmcli.tables.write.forms import OutputForm


@dataclass(frozen=True)
class BlockRows:
    """`of` makes a piece of a block, on any core; `taken` gets all of them in order, and gives what is
    written; `rest` comes behind.

    block      series of one block
    of_model   whether the form reads the quantiles of the model, and not those of the output
    """

    form: OutputForm
    block: int
    of_model: bool = False

    def of(self, raw: Forecast, made: Forecast) -> Any:
        """raw: with the quantiles of the model; made: with those of the output."""
        return self.form.of(raw if self.of_model else made)

    def taken(self, piece: Any) -> Any:
        return piece

    def rest(self) -> Iterator[Any]:
        return iter(())

    def beside(self) -> ForecastParts | ScenarioForecasts | None:
        """What a page shows beside the forecast, of the first series."""
        return None

    def told(self) -> list[str]:
        """What is said of them at the end."""
        return []
