"""What the options of `lstmcli predict` ask for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PredictOptions:
    """policies: options of reading that differ from those of training; refused: kinds of findings that
    are errors; the others are the options of their names."""

    data: tuple[str, ...]
    model: Path
    output: str
    horizon: int | None
    form: str
    levels: tuple[float, ...]
    policies: dict[str, str]
    refused: frozenset[str]
    future: str | None
    make_future: int | None
    plot: Path | None
    html: str | None
    preview: bool
    max_age: str | None
    history: Path | None
    on_bad_row: str | None
    engine: str = "local"
    scheduler: str | None = None
    cache: Path | None = None


def options_needing_all_data(asked: PredictOptions) -> dict[str, bool]:
    """Options that need all the data at once, and whether they are given."""
    return {
        "--future": asked.future is not None,
        "--make-future": asked.make_future is not None,
        "--plot": asked.plot is not None,
        "--html": asked.html is not None,
        "--preview": asked.preview,
        "--max-age": asked.max_age is not None,
        "--cache": asked.cache is not None,
    }
