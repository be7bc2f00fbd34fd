"""What `check` finds in a table: lint of its values, what training costs, the command line for it."""

from lstmcli.jobs.check.for_model import check_for_model
from lstmcli.jobs.check.verdict import CheckReport, check_for_builtin, check_for_training

__all__ = ["CheckReport", "check_for_builtin", "check_for_model", "check_for_training"]
