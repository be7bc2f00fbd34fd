"""Settings: each with a type, a default and a description.

"auto": decided from the training data, printed, and stored in the model.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from lstmcli.errors import SettingsError
from lstmcli.series.steps import parse_resample, parse_step
from lstmcli.settings.choices import (
    Auto,
    Cell,
    DecimalChoice,
    DeviceChoice,
    ForgetBias,
    LocationChoice,
    MixChoice,
    OnDuplicate,
    OnFlag,
    OnGap,
    OnNoSkill,
    OpenTimes,
    PrecisionChoice,
    ThousandsChoice,
    Totals,
    TransformChoice,
)
from lstmcli.settings.reading import ReadOptions, is_encoding, is_separator


def _is_number(value: Any) -> Any:
    """Refuses true and "8", which pydantic would take for 1 and 8."""
    if isinstance(value, bool | str):
        raise PydanticCustomError("number", "no number")
    return value


def _is_whole(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise PydanticCustomError("whole_number", "no whole number")
    return value


Whole = Annotated[int, BeforeValidator(_is_whole)]
# No whole number is without an end: one that no machine can do is refused here, and not by a library.
Positive = Annotated[Whole, Field(ge=1, le=1_000_000_000)]
Length = Annotated[Whole, Field(ge=1, le=1_000_000)]  # of something that is kept in memory
Few = Annotated[Whole, Field(ge=1, le=1_000)]
Number = Annotated[float, BeforeValidator(_is_number)]
Flag = Annotated[bool, Strict()]
Baseline = Annotated[str, Field(pattern=r"^(seasonal|profile|last|drift|none|lag[1-9][0-9]*)$", max_length=9)]


class Settings(BaseModel):
    """Everything that shapes a model. Lengths are in observations."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    # Data
    time: str = Field(
        "auto", description="column of the time stamps, several as Date,Time; none where there is none"
    )
    series: Auto | tuple[str, ...] = Field("auto", description="columns that tell series apart")
    target: Auto | tuple[str, ...] = Field("auto", description="columns to forecast")
    past: tuple[str, ...] = Field((), description="covariates known up to the present")
    future: tuple[str, ...] = Field((), description="covariates known ahead of time too")
    static: tuple[str, ...] = Field((), description="covariates that are constant in a series")
    categorical: tuple[str, ...] = Field(
        (), description="covariates that are codes of categories; columns of texts are anyway"
    )
    holidays: str = Field("", description='country whose holidays are fed, as DE or US-NY; "" for none')
    separator: str = Field("auto", description="between the cells of a row")
    decimal: DecimalChoice = Field("auto", description="mark of decimals")
    thousands: ThousandsChoice = Field("auto", description="mark between groups of digits")
    missing: tuple[str, ...] = Field(
        (), description="further texts or numbers that mean missing, as unavailable or -9999"
    )
    on_flag: OnFlag = Field(
        "read", description="numbers with a mark, as 441.8 e, 546*, <0.05: without it, missing, or refused"
    )
    encoding: str = Field("utf-8", description="of the text")
    sheet: str = Field("", description='of a workbook; "" for the first that has a table')
    skip_rows: Auto | Annotated[Whole, Field(ge=0, le=1_000_000_000)] = Field(
        "auto", description="lines above the header that are left out; auto: found"
    )
    comment: str = Field(
        "auto",
        pattern=".",
        description="sign of lines that are left out, as #; auto: that of the first lines",
    )
    header: Flag = Field(True, description="whether the first row names the columns; else they are 1, 2, ...")
    day_first: Auto | Flag = Field("auto", description="whether 01/02 is the first of February")
    timezone: str = Field("", description="of time stamps without an offset, as Europe/Berlin")
    step: str = Field("auto", description="distance of rows, as 1h; needed where there is no time column")
    open: OpenTimes = Field(
        "auto",
        description="auto: times without rows, or of zeros, in 95 of 100 weeks are closed; always: none is",
    )
    totals: Totals = Field(
        "keep", description="series that are called a total and are the sum of others: kept or left out"
    )
    on_gap: OnGap = Field(
        "error", description="where times are left out: refuse, leave them missing, or interpolate"
    )
    on_duplicate: OnDuplicate = Field(
        "error", description="where a time is repeated: refuse, or take one row or their mean"
    )
    resample: str = Field("", description="step and aggregate, as 1h=mean")
    calendar: Auto | Flag = Field("auto", description="feed time of day, day of week, day of year")

    # Windows
    horizon: Auto | Length = Field("auto", description="steps to forecast")
    context: Auto | Length = Field("auto", description="past values that a forecast looks at")
    segment: Auto | Length = Field("auto", description="values that one recurrent step reads")
    season: Auto | Length = Field("auto", description="length of the season; 1 for none")
    transform: TransformChoice = Field("auto", description="applied to all values")
    location: LocationChoice = Field(
        "auto", description="subtracted from a window: its mean, last value, or mean of the last season"
    )
    baseline: Auto | Annotated[tuple[Baseline, ...], Field(min_length=1)] = Field(
        "auto", description="simple forecasts that the networks correct, one or several"
    )

    # Network
    cell: Cell = Field("lstm", description="recurrent cell")
    layers: Few = Field(1, description="recurrent layers")
    hidden: Auto | Length = Field("auto", description="units per layer")
    quantiles: tuple[Number, ...] = Field(
        (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975), description="forecast levels; 0.5 among them"
    )
    members: Few = Field(
        1, description="networks per baseline, from different seeds; the mean of all is used"
    )
    forget_bias: Number | ForgetBias = Field(
        1.0, description="start of the LSTM's forget bias; chrono: of the GRU's update bias too"
    )
    dropout: Number = Field(0.0, ge=0, lt=1, description="share of units dropped before the last layer")

    # Training
    steps: Auto | Positive = Field("auto", description="optimiser steps at most")
    batch: Length = Field(128, description="windows per step")
    learning_rate: Number = Field(6e-3, gt=0, description="peak of the one-cycle schedule")
    weight_decay: Number = Field(1e-2, ge=0, description="of AdamW")
    clip: Number = Field(1.0, gt=0, description="largest norm of the gradient")
    validation: Auto | Length = Field(
        "auto", description="windows at the end of each series that are held out"
    )
    refit: Auto | Flag = Field(
        "auto", description="train once more on all data, for as long as validation found best"
    )
    on_no_skill: OnNoSkill = Field(
        "baseline", description="when a simple forecast is better: say so, or shrink towards it as well"
    )
    mix: MixChoice = Field(
        "auto",
        description="auto: forecasts are mixed with exponential smoothing, Theta and seasonal naive as their "
        "past errors say; network: the network alone",
    )
    patience: Positive = Field(8, description="checks without a better validation loss before stopping early")
    processes: Auto | Few = Field(
        "auto", description="members trained at once; auto: one per core. The result is the same"
    )
    device: DeviceChoice = Field(
        "auto", description="what training computes on; auto: a CUDA GPU where there is one. Not stored"
    )
    precision: PrecisionChoice = Field(
        "auto", description="of products in training; auto: bfloat16 on a CUDA GPU that has it, else float32"
    )
    seed: Whole = Field(0, ge=0, le=1_000_000_000_000_000, description="of every random choice")

    @property
    def options(self) -> ReadOptions:
        """How files are read."""
        declared = [f.name for f in fields(ReadOptions) if f.name in type(self).model_fields]
        named = [(self.time,), self.series, self.categorical]
        as_written = tuple(name for names in named if names != "auto" for name in names if name != "auto")
        return ReadOptions(**{name: getattr(self, name) for name in declared}, as_written=as_written)

    @field_validator("separator")
    @classmethod
    def _separator(cls, value: str) -> str:
        if not is_separator(value):
            raise ValueError(r"must be one character, or \s+ for blanks")
        return value

    @field_validator("encoding")
    @classmethod
    def _encoding(cls, value: str) -> str:
        if not is_encoding(value):
            raise ValueError("must be an encoding that Python knows, as gbk, shift_jis, cp1251, latin-1")
        return value

    @field_validator("thousands")
    @classmethod
    def _two_marks(cls, value: str, info: ValidationInfo) -> str:
        if value == info.data.get("decimal") != "auto":
            raise ValueError("must differ from decimal")
        return value

    @field_validator("step", mode="before")
    @classmethod
    def _step(cls, value: Any) -> Any:
        if value == "auto":
            return value
        # Plain steps are whole numbers.
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        return _checked(text, parse_step)

    @field_validator("resample", mode="before")
    @classmethod
    def _resample(cls, value: Any) -> Any:
        return _checked(value, parse_resample) if value else value

    @field_validator(
        *("series", "target", "past", "future", "static", "categorical", "missing", "baseline"), mode="before"
    )
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value == "auto":
            return value
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        # A column may be called 2020.
        many = value if isinstance(value, list | tuple) else (value,)
        return tuple(str(v) if isinstance(v, int | float) and not isinstance(v, bool) else v for v in many)

    @field_validator("quantiles")
    @classmethod
    def _rising_around_the_median(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if list(value) != sorted(set(value)) or 0.5 not in value or not 0 < value[0] <= value[-1] < 1:
            raise ValueError("must rise from above 0 to below 1 and hold 0.5")
        return value


def _checked(text: Any, parse: Callable[[str], object]) -> Any:
    try:
        parse(str(text))
    except SettingsError as error:
        raise ValueError(str(error)) from None
    return text
