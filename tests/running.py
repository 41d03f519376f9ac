"""One running command, on pipes, on a terminal or inside tmux, and what came of it."""

import dataclasses
import errno
import fcntl
import json
import os
import pty
import pwd
import re
import select
import signal
import struct
import subprocess
import termios
import time
import uuid
from pathlib import Path

from waiting import GONE, LIMIT, Failure, poll

ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78cDEHM])")
SANITIZER = re.compile(r"^.*(?:ERROR: \w+Sanitizer|runtime error:).*$", re.MULTILINE)


@dataclasses.dataclass
class Result:
    argv: list
    status: int  # exit status; -N: killed by signal N
    stdout: str
    stderr: str
    raw: bytes  # stdout as it came
    events: list  # of the recording, as dicts
    recording: Path  # the recording itself, or None
    seconds: float  # how long it ran

    def of(self, type, **fields):
        """The events of one type whose fields have these values: result.of("call", call="connect")."""
        return [
            event
            for event in self.events
            if event.get("type") == type and all(event.get(name) == value for name, value in fields.items())
        ]

    def one(self, type, **fields):
        """The only event of that kind."""
        found = self.of(type, **fields)
        assert len(found) == 1, f"{len(found)} events {type} {fields}, not one, in\n{self}"
        return found[0]

    def sentence(self, status, *words):
        """It said one sentence, in which these words stand, and ended with this status."""
        said = self.stderr.splitlines()
        assert self.status == status and len(said) == 1 and said[0].startswith("wirescene: "), self
        for word in words:
            assert word in said[0], f"{word!r} was not said\n{self}"

    def __str__(self):
        text = f"{' '.join(map(str, self.argv))}\n  status {self.status} after {self.seconds:.2f} s"
        for name, value in (("stdout", self.stdout), ("stderr", self.stderr)):
            if value:
                text += f"\n  {name}:\n{tail(value)}"
        if self.events:
            text += "\n  last events:\n" + "\n".join(json.dumps(event, ensure_ascii=False) for event in self.events[-5:])
        return text

    __repr__ = __str__


def tail(text, lines=40):
    kept = text.splitlines()
    return "\n".join((["…"] if len(kept) > lines else []) + kept[-lines:])


def read_recording(path):
    """The events of a .jsonl file. A last line without its end is what a crash leaves, and is left out."""
    if not path or not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")
    events = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            events.append(json.loads(line))
        except ValueError as error:
            raise Failure(f"{path}:{number} is no JSON: {error}\n{line[:300]!r}") from None
    return events


class Run:
    """One running command, on pipes or (columns and rows given) on a terminal of its own."""

    def __init__(self, argv, env, cwd, recording=None, input=None, size=None, user=None):
        self.argv, self.recording, self.began = argv, recording, time.monotonic()
        self.output = {"stdout": bytearray(), "stderr": bytearray()}
        self.read_to = 0  # where wait_for goes on
        self.fds = {}
        common = {"env": env, "cwd": cwd, "start_new_session": True}
        if size:
            columns, rows = size
            self.master, slave = pty.openpty()
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            if user:
                os.fchown(slave, pwd.getpwnam(user).pw_uid, -1)
            self.process = subprocess.Popen(
                argv,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                **common,
            )
            os.close(slave)
            self.fds[self.master] = "stdout"
        else:
            self.master = None
            stdin = subprocess.DEVNULL if input is None else subprocess.PIPE
            self.process = subprocess.Popen(
                argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, **common
            )
            self.fds = {self.process.stdout.fileno(): "stdout", self.process.stderr.fileno(): "stderr"}
            if input is not None:
                with self.process.stdin as stdin:
                    stdin.write(input if isinstance(input, bytes) else input.encode())

    def text(self, stream="stdout"):
        """What it has printed so far; of a terminal without the escape sequences."""
        text = self.output[stream].decode(errors="replace")
        return ESCAPES.sub("", text).replace("\r\n", "\n") if self.master is not None else text

    def listen(self, seconds):
        """Takes in what comes within that time."""
        ready, _, _ = select.select(list(self.fds), [], [], seconds)
        for fd in ready:
            try:
                more = os.read(fd, 65536)
            except OSError as error:  # EIO: the terminal's other end was closed
                if error.errno != errno.EIO:
                    raise
                more = b""
            if more:
                self.output[self.fds[fd]] += more
            else:
                del self.fds[fd]

    def until(self, condition, seconds, what):
        deadline = time.monotonic() + seconds
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failure(f"after {seconds} s: {what}\n{self.account()}")
            if self.fds:
                self.listen(min(left, 0.05))
            else:
                time.sleep(0.01)

    def wait_for(self, text, seconds=LIMIT):
        """Waits until it has printed this, behind what was waited for before."""

        def there():
            at = self.text().find(text, self.read_to)
            if at < 0 and not self.fds:
                raise Failure(f"it ended without printing {text!r}\n{self.account()}")
            self.read_to = at + len(text) if at >= 0 else self.read_to
            return at >= 0

        self.until(there, seconds, f"{text!r} was not printed")

    def press(self, keys):
        os.write(self.master, keys.encode())

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def signal(self, number):
        """To wirescene and what is in its process group, as a terminal does with ^C."""
        os.killpg(self.process.pid, number)

    def end(self, seconds=LIMIT):
        """Waits until it has ended by itself."""
        self.until(lambda: self.process.poll() is not None, seconds, "it has not ended")
        ended = time.monotonic()
        self.until(lambda: not self.fds, GONE, "it has ended, but somebody still holds its output open")
        self.close()
        text = self.text() + self.text("stderr")
        if SANITIZER.search(text):
            raise Failure(f"{SANITIZER.search(text)[0]}\n{self.account()}\n{text}")
        return Result(
            argv=self.argv,
            status=self.process.returncode,
            stdout=self.text(),
            stderr=self.text("stderr"),
            raw=bytes(self.output["stdout"]),
            events=read_recording(self.recording),
            recording=self.recording,
            seconds=ended - self.began,
        )

    def account(self):
        """All there is to know of a run that went wrong."""
        state = "still runs" if self.process.poll() is None else f"ended with {self.process.returncode}"
        text = f"{' '.join(map(str, self.argv))} {state}"
        for name in self.output:
            if self.text(name):
                text += f"\n  {name}:\n{tail(self.text(name))}"
        if self.recording and self.recording.exists():
            lines = self.recording.read_text(errors="replace").splitlines()
            text += "\n  last events:\n" + "\n".join(lines[-5:])
        return text

    def kill(self):
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
            self.process.wait()
        self.close()

    def close(self):
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        if self.master is not None and self.master >= 0:
            os.close(self.master)
            self.master = -1
        self.fds = {}


class Screen:
    """A command inside tmux: the screen as it looks."""

    # tmux 3.3 now and then forgets the last output and the exit status of a pane whose command has ended; so the
    # command has a shell around it, which notes the status and stays.
    STAY = 'trap : INT QUIT; status=$1; shift; "$@"; echo $? >"$status"; while :; do sleep 1000; done'

    def __init__(self, argv, env, cwd, status, columns, rows):
        self.socket = f"wirescene-{uuid.uuid4()}"
        self.env, self.cwd, self.status = env, cwd, status
        options = ["set", "-g", "status", "off", ";", "set", "-g", "default-terminal", "screen-256color", ";"]
        size = ["-x", str(columns), "-y", str(rows)]
        shell = ["sh", "-c", self.STAY, "sh", str(status)]
        self.tmux("start-server", ";", *options, "new-session", "-d", *size, *shell, *map(str, argv))

    def tmux(self, *command):
        done = subprocess.run(
            ["tmux", "-u", "-L", self.socket, "-f", "/dev/null", *command],
            env=self.env,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT,
        )
        if done.returncode:
            raise Failure(f"tmux {command[0]}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="replace")

    def text(self, colours=False):
        """The screen, a line each, without blanks at their ends; with its colours as escape sequences."""
        return self.tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def wait_for(self, text, seconds=LIMIT):
        """Waits until this can be seen (or, for a function, until it likes the screen); returns the screen."""
        seen = text if callable(text) else lambda screen: text in screen
        last = ""

        def there():
            nonlocal last
            last = self.text()
            return seen(last)

        poll(there, seconds, lambda: f"{text!r} is not on the screen:\n{last}")
        return last

    def press(self, *keys):
        """Keys by tmux's names: "Space", "Enter", "q", "C-c"."""
        self.tmux("send-keys", *keys)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def end(self, seconds=LIMIT):
        """Waits until the command has ended by itself; its exit status. The screen can still be looked at."""

        def noted():
            return self.status.exists() and self.status.read_text().strip()

        return int(poll(noted, seconds, lambda: f"it has not ended; the screen:\n{self.text()}"))

    def kill(self):
        try:
            self.tmux("kill-server")
        except Failure:
            pass  # it was not there any more
