"""What ends the program from outside: INT, TERM and HUP.

The first one unwinds the program, so that what is half-written is cleaned up; a second one ends it
at once. What the parent made us ignore (nohup, a job in the background of a script) stays ignored.
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
    """From here on a signal ends the program at once, and says nothing."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _: FrameType | None) -> None:
    stop_listening()
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(EXIT_TERMINATED)


def _unraisable(lost: "sys.UnraisableHookArgs") -> None:
    """Says a signal again that came where Python drops what is raised: around a fork, in a `__del__`."""
    if lost.exc_type is KeyboardInterrupt:
        number = signal.SIGINT
    elif isinstance(lost.exc_value, SystemExit) and lost.exc_value.code == EXIT_TERMINATED:
        number = signal.SIGTERM
    else:
        sys.__unraisablehook__(lost)
        return
    listen()
    # Later, by a timer: what is raised in this function is dropped as well.
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(number))
    signal.setitimer(signal.ITIMER_REAL, _SECONDS_TO_SAY_IT_AGAIN)
