"""The study of cells: RNN, GRU and LSTM trained on the same data and measured."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from lstmcli.errors.findings import plural

if TYPE_CHECKING:
    from lstmcli.gates.cell_study.design import StudyDesign
    from lstmcli.gates.cell_study.results import Study
    from lstmcli.learning.progress import Progress

Reports = Callable[[int], AbstractContextManager[Callable[["Progress"], None]]]


def study_cells(
    data: list[str],
    config: Path | None,
    overrides: dict[str, object],
    assignments: tuple[str, ...],
    seeds: int,
    delays: tuple[int, ...],
    say: Callable[[str], None],
    progress: Reports,
) -> "Study":
    """Trains RNN, GRU and LSTM on the same data and measures them.

    overrides, assignments: as of `load_settings`; delays: of the recall task; say: takes a line for the
    user; progress: given how many networks there are, what takes the progress of each. Raises
    SettingsError, DataError or TrainingDiverged.
    """
    from lstmcli.gates.cell_study.design import design_study
    from lstmcli.settings.load import load_settings
    from lstmcli.tables.read import panel_of, read_table

    settings = load_settings(config, overrides, assignments)
    panel, roles = panel_of(read_table(data, settings.options), settings)
    design = design_study(panel, settings, seeds, delays)
    for note in (*roles.notes, *design.notes):
        say(f"note: {note}")
    return _train_cells(design, say, progress)


def _train_cells(design: "StudyDesign", say: Callable[[str], None], progress: Reports) -> "Study":
    from lstmcli.jobs.cell_study import count_trainings, recall_networks, run_study

    networks, recall = count_trainings(design), len(recall_networks(design))
    delays = ", ".join(map(str, design.delays))
    say(
        f"trains {networks} networks: {networks - recall} on the data ({len(design.archs)} cells, "
        f"{plural(len(design.seeds), 'seed')}, several learning rates), "
        f"{recall} on recalling a value {delays} steps back"
    )
    with progress(networks) as report:
        return run_study(design, report)
