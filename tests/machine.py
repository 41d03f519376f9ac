"""What this machine can do, and how a command is run as an ordinary user on it."""

import atexit
import functools
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from waiting import LIMIT

MAKE_TAP = """
import fcntl, struct
fcntl.ioctl(open("/dev/net/tun", "r+b", 0), 0x400454ca, struct.pack("16sH22x", b"tap0", 0x1002))  # TUNSETIFF
"""


@functools.lru_cache
def why_no_wire(user=None):
    """Why we, or that ordinary user, cannot make hosts with TAP devices on this machine; None if it works."""
    argv = ["unshare", "--user", "--map-root-user", "--net", "/usr/bin/python3", "-c", MAKE_TAP]
    done = attempt(as_user(argv, user) if user and os.getuid() == 0 else argv)
    if done.returncode == 0:
        return None
    return "no hosts with TAP devices here: " + (done.stderr.strip().splitlines() or ["?"])[-1]


def allow_programs(*scenes):
    """Arguments that allow the real programs which these scenes (their texts) need."""
    needs = " ".join(" ".join(re.findall(r"needs = \{([^}]*)\}", text)) for text in scenes)
    return [f"--allow-run={program}" for program in sorted(set(re.findall(r'"([^"]+)"', needs)))]


def attempt(argv):
    try:
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT)
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(argv, 127, "", str(error))


def everybody_may_use(path):
    """Whether any user can reach and run this file."""
    return all(os.stat(part).st_mode & stat.S_IXOTH for part in (path, *path.parents)) and bool(
        path.stat().st_mode & stat.S_IROTH
    )


@functools.lru_cache
def for_everybody(binary):
    """The binary, or a copy where an ordinary user can run it."""
    if everybody_may_use(binary):
        return binary
    folder = Path(tempfile.mkdtemp(prefix="wirescene-bin-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    shutil.copy2(binary, folder / binary.name)
    (folder / binary.name).chmod(0o755)
    return folder / binary.name


OPEN_TUN = """
mount -t tmpfs -o mode=755 tmpfs /dev/net && mknod -m 666 /dev/net/tun c 10 200 && exec "$@"
"""


@functools.lru_cache
def with_open_tun():
    """What to put before a command so that everybody can open /dev/net/tun in it, as on common distributions."""
    tun = Path("/dev/net/tun")
    if not tun.exists() or stat.S_IMODE(tun.stat().st_mode) & 0o006 == 0o006:
        return []
    before = ["unshare", "--mount", "--propagation", "private", "sh", "-c", OPEN_TUN, "sh"]
    return before if attempt(before + ["true"]).returncode == 0 else []  # a container may forbid it


def as_user(argv, user):
    """The command line by which root runs argv as an ordinary user."""
    who = pwd.getpwnam(user)
    drop = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups", "--inh-caps=-all", "--"]
    return with_open_tun() + drop + argv
