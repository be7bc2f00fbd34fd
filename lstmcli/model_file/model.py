"""What a model file holds, and the sum that seals it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from lstmcli.errors import DataError
from lstmcli.evaluation.validation import ValidationReport, report_from
from lstmcli.evaluation.window_errors import WindowErrors
from lstmcli.network.architecture import Network, Weights
from lstmcli.series.calendar import Step
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions

MODEL_FORMAT = 4
READ_FORMATS = (3, 4)  # 3 has no mix
BUILTIN_PREFIX = "builtin."  # of the names of its weights
STANDARDISED, PLACES = "errors.standardised", "errors.places"  # tensors of the validation errors
UNKNOWN_ERROR = 65504.0  # the largest number in half precision, where an error is not known
KEY = "lstmcli"  # of the document in the metadata
SEAL = "sha256"  # of the sum in the document
FINGERPRINT = 8  # digits: one new series in 40,000 goes unnoticed beside 100,000 known ones
PARTS = {
    *("format", "architecture", "shape", "scaling", "widths", "blend", "trust", "unrest", "mix", "builtin"),
    *("contract", "settings", "report", "errors", "versions", "probe", SEAL),
}
ROLE_FIELDS = ("time", "series", "targets", "past", "future", "static", "categorical")


@dataclass(frozen=True)
class Contract:
    """What the data looked like, and what prediction expects of it.

    roles         of the columns, without notes
    options       how files are read
    time_pattern  how time stamps are written (strftime), None for ISO
    smallest, largest  of the values
    data          paths or patterns of the training files relative to the model's folder, none for
                  standard input
    data_sha256   fingerprint of the panel
    known_series  see `contract.fingerprints`; "" in a file that has none
    ends          see `contract.last_times`; none in a file that has none
    """

    roles: Roles
    options: ReadOptions
    time_pattern: str | None
    step: Step
    series_count: int
    observations: int
    smallest: float
    largest: float
    data: tuple[str, ...]
    data_sha256: str
    known_series: str = ""
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """A made-up window (context,) in scaled units, and its forecast (horizon, quantiles)."""

    context: tuple[float, ...]
    forecast: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Model:
    """All that is in a model file.

    probe   what it forecast for a made-up window when it was written; None before
    sealed  whether it came with a sum of all its numbers, which was right
    format  of the file
    errors  on the validation windows; None in a file of before, and without training
    """

    network: Network
    contract: Contract
    settings: dict[str, Any]
    report: dict[str, Any]
    versions: dict[str, str]
    probe: Probe | None = None
    sealed: bool = False
    format: int = MODEL_FORMAT
    errors: WindowErrors | None = None

    @property
    def horizon(self) -> int:
        """Rows that it forecasts where no other number is asked for: its steps, and closed times."""
        rows, own = self.settings.get("horizon"), self.network.arch.horizon
        step = self.contract.step
        fits = isinstance(rows, int) and step.zeros and step.week.most_open(rows) == own
        return rows if isinstance(rows, int) and fits else own

    @property
    def validation(self) -> ValidationReport:
        """How good it was on values that it had not learned from. Raises DataError where the file does not
        tell."""
        if "validation" not in self.report:
            raise DataError("damaged-model", "the model file has no report of its validation")
        return report_from(self.report["validation"])


def contract_document(contract: Contract) -> dict[str, Any]:
    """The contract as it is written: the roles lie among its other fields, without notes."""
    document = asdict(contract)
    roles = document.pop("roles")
    return document | {name: roles[name] for name in ROLE_FIELDS}


def as_text(document: dict[str, Any]) -> str:
    """The document as it is written. Raises ValueError for a number that is not one."""
    return json.dumps(document, sort_keys=True, allow_nan=False)


def seal_of(document: dict[str, Any], weights: Weights) -> str:
    """SHA-256 of the document, without a seal, and of every weight: one changed bit changes it."""
    digest = hashlib.sha256(as_text(document).encode())
    for name in sorted(weights):
        digest.update(f"{name} {weights[name].shape}".encode())
        digest.update(weights[name].tobytes())
    return digest.hexdigest()
