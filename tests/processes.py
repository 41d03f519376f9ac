"""Who is alive: the processes of a test, by the mark in their environment and by descent."""

import ctypes
import os
from pathlib import Path

MARK = "WIRESCENE_TEST"  # environment variable by which the processes of a test are known


def processes():
    """pid → (parent's pid, state, name) of all processes."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = Path("/proc", entry, "stat").read_text(errors="replace")
            except OSError:
                continue
            name, rest = text[text.index("(") + 1 :].rsplit(") ", 1)
            state, parent = rest.split()[:2]
            found[int(entry)] = (int(parent), state, name)
    return found


def descendants(root):
    everybody = processes()
    below = {root}
    grown = True
    while grown:
        more = {pid for pid, (parent, _, _) in everybody.items() if parent in below and pid not in below}
        below |= more
        grown = bool(more)
    return below - {root}


def marked(mark):
    """Processes whose environment carries the mark."""
    wanted = f"{MARK}={mark}".encode()
    found = set()
    for pid in processes():
        try:
            if wanted in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                found.add(pid)
        except OSError:
            pass
    return found


def adopt_orphans():
    """Whoever loses its parent becomes our child (PR_SET_CHILD_SUBREAPER), so that nobody escapes the search, not
    even a program with a clean environment, and the dead are buried whatever process 1 does here."""
    ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0)


def bury(pids):
    for pid in pids:
        try:
            os.waitpid(pid, os.WNOHANG)
        except OSError:
            pass


def describe(pid):
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        parent, state, name = processes()[pid]
    except (OSError, KeyError):
        return f"{pid} (gone meanwhile)"
    return f"{pid} [{state}] {command or name}"
