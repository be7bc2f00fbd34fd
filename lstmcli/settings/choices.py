"""Every choice that a setting or an option offers, stated once. Loads typing alone: `--help` needs it."""

from typing import Literal

Auto = Literal["auto"]

# Settings. Names with Choice add "auto": decided from the training data.
DecimalChoice = Literal["auto", ".", ","]
ThousandsChoice = Literal["auto", "none", ".", ",", "'", "space"]
OpenTimes = Literal["auto", "always"]
Totals = Literal["keep", "drop"]
OnGap = Literal["error", "mask", "fill"]
OnFlag = Literal["read", "missing", "error"]
OnDuplicate = Literal["error", "first", "last", "mean"]
Transform = Literal["log", "none"]
TransformChoice = Literal["auto", "log", "none"]
Location = Literal["mean", "last", "season"]
LocationChoice = Literal["auto", "mean", "last", "season"]
Cell = Literal["lstm", "gru", "rnn"]
ForgetBias = Literal["chrono"]
OnNoSkill = Literal["warn", "baseline"]
MixChoice = Literal["auto", "network"]
DeviceChoice = Literal["auto", "cpu", "cuda", "mps"]
PrecisionChoice = Literal["auto", "float32", "bfloat16"]

# Options of the command line
ReportFormat = Literal["text", "json", "yaml", "html"]
TableFormat = Literal["csv", "tsv", "json", "ndjson", "parquet", "xlsx"]
WriteDecimal = Literal[".", ","]
Alignment = Literal["time", "end"]
OnRange = Literal["warn", "error"]
OnNewSeries = Literal["allow", "error"]
OnBadRow = Literal["skip", "error"]
WatchFormat = Literal["csv", "tsv", "json", "ndjson", "parquet", "xlsx", "prom", "nagios"]
Engine = Literal["local", "dask"]
Shell = Literal["bash", "zsh", "fish"]
