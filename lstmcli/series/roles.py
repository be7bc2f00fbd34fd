"""What the columns of a table are for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Roles:
    """Which column serves for what; `notes` tells the user what was found and what is not used.

    time: "" where rows have no time stamp and follow one another; bare_notes: notes that name settings of
    covariates, and what they say without these.
    """

    time: str
    series: tuple[str, ...]
    targets: tuple[str, ...]
    past: tuple[str, ...]
    future: tuple[str, ...]
    notes: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()  # covariates that are categories, whatever else they are
    tried: tuple[str, ...] = ()  # columns of which no combination tells series apart
    bare_notes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def covariates(self) -> tuple[str, ...]:
        return (*self.static, *self.past, *self.future)

    def without_covariates(self) -> "Roles":
        """The same without covariates, also those that notes tell how to name."""
        notes = tuple(self.bare_notes.get(note, note) for note in self.notes)
        return replace(self, past=(), future=(), static=(), categorical=(), notes=notes, bare_notes={})

    @property
    def changing(self) -> tuple[str, ...]:
        """Covariates that change with time, as the network reads them: numbers, then categories."""
        return tuple(sorted((*self.past, *self.future), key=lambda column: column in self.categorical))

    def numeric(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Those that are not categories."""
        coded = set(self.categorical)
        return tuple(c for c in columns if c not in coded)


NO_ROLES = Roles("", (), (), (), ())
