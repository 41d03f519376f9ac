"""Waiting with a deadline, and what is raised when it passes."""

import time

LIMIT = 30  # seconds that a run, or a text to appear, may take unless the test says otherwise
GONE = 5  # seconds that the dead may take to vanish


class Failure(AssertionError):
    """A run that did not go as every run must; the message has what there is to know."""


def poll(condition, seconds, what):
    """Waits until condition() is true and returns its value; `what` (text, or a function making it) says what was
    waited for if it never is."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"after {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.02)
