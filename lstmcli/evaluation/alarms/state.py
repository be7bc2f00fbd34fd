"""What a detector remembers of each series."""

from lstmcli.series.running import RunningState

AlarmState = RunningState
