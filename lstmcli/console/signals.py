"""The signals that end the program: INT, TERM and HUP.

The first one unwinds the program, so that half-written files are removed; a second one ends it at
once. A signal that the parent process set to be ignored (nohup, a background job) stays ignored.
"""

import signal
import sys
from types import FrameType

EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SECONDS_TO_SAY_IT_AGAIN = 0.01


def listen() -> None:
    """INT raises KeyboardInterrupt; TERM and HUP raise SystemExit with the code 143."""
    sys.unraisablehook = _unraisable
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def stop_listening() -> None:
    """From here on a signal ends the program at once, without a message."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _: FrameType | None) -> None:
    stop_listening()
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(EXIT_TERMINATED)


def _unraisable(lost: "sys.UnraisableHookArgs") -> None:
    """Repeats a signal that came where Python drops exceptions: around a fork, in a `__del__`."""
    if lost.exc_type is KeyboardInterrupt:
        number = signal.SIGINT
    elif isinstance(lost.exc_value, SystemExit) and lost.exc_value.code == EXIT_TERMINATED:
        number = signal.SIGTERM
    else:
        sys.__unraisablehook__(lost)
        return
    listen()
    # Later, by a timer: exceptions in this function are dropped as well.
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(number))
    signal.setitimer(signal.ITIMER_REAL, _SECONDS_TO_SAY_IT_AGAIN)
