"""How `lstmcli train` is run, and when its model is written. None of it is a setting of the model."""

from dataclasses import dataclass

from lstmcli.errors import UsageError
from lstmcli.settings.durations import seconds_of


@dataclass(frozen=True)
class Policy:
    """Times are in seconds. max_time, require_skill: None for no limit."""

    update: bool = False
    if_changed: bool = False
    keep_best: bool = False
    require_skill: float | None = None
    max_time: float | None = None
    lock_wait: float = 0.0
    checkpoint_every: float = 10.0
    restart: bool = False


def policy_of(
    *,
    update: bool,
    if_changed: bool,
    keep_best: bool,
    require_skill: float | None,
    max_time: str | None,
    lock_wait: str | None,
    checkpoint_every: str,
    restart: bool,
) -> Policy:
    """What the options say. Raises UsageError."""
    if require_skill is not None and not require_skill < 1:
        raise UsageError(f"--require-skill {require_skill:g}: write a share below 1, as 0.05 for 5 %")
    return Policy(
        update=update,
        if_changed=if_changed,
        keep_best=keep_best,
        require_skill=require_skill,
        max_time=seconds_of(max_time, "--max-time") if max_time is not None else None,
        lock_wait=seconds_of(lock_wait, "--lock-wait") if lock_wait is not None else 0.0,
        checkpoint_every=seconds_of(checkpoint_every, "--checkpoint-every"),
        restart=restart,
    )
