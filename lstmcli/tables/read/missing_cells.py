"""Cells of targets without a value among others, which are left missing: counted and said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lstmcli.errors.findings import plural
from lstmcli.tables.read.grid import Grid, observed_rows

LEFT_MISSING = "left missing: "  # begins the note
_MOST_NAMED = 4


@dataclass
class MissingCells:
    """counts: by target, between the first and the last value of each series."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, grid: Grid, targets: Iterable[str]) -> None:
        """Takes the rows of some series, which are in order of time."""
        for target in targets:
            seen = observed_rows(grid.numbers[target], grid.bounds)
            inside = seen.ends - seen.firsts - seen.counts
            self.counts[target] = self.counts.get(target, 0) + int(inside.sum())

    def notes(self) -> tuple[str, ...]:
        """One line on all targets."""
        found = {target: count for target, count in self.counts.items() if count}
        if not found:
            return ()
        total = plural(sum(found.values()), "cell")
        if len(self._named(found)) == 1:
            return (f"{LEFT_MISSING}{total} in {next(iter(found))}",)
        return (f"{LEFT_MISSING}{total} ({', '.join(self._named(found))})",)

    def _named(self, found: dict[str, int]) -> Sequence[str]:
        more = len(found) - _MOST_NAMED
        named = [f"{target} {count:,}" for target, count in found.items()]
        return [*named[:_MOST_NAMED], *([f"{more:,} more columns"] if more > 0 else [])]
