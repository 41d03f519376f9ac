"""Runs wirescene for tests: plain, on a terminal, inside tmux, as an ordinary user. See README.md.

Tests take the fixture `play`, made for one build and one test:

    result = play(SCENE)                      SCENE: text of a scene (str) or its file (Path, from the root)
    result = play(SCENE, "--seed", "7", env={"LANG": "ko_KR.UTF-8"}, user="nobody")
    result = play.command("doctor")           any other command line
    run = play.start(SCENE)                   still running; run.wait_for(text), run.signal(…), run.end()
    run = play.terminal(SCENE, columns=80)    the same on a terminal: run.press(" ")
    screen = play.tmux(SCENE, columns=80)     what an eye sees: screen.wait_for(text), screen.text(), .press("Space")

Waiting is polling with a deadline, never a sleep that hopes. When the test ends, whatever it started is ended,
and anything that had outlived its run is a failure.
"""

import atexit
import ctypes
import dataclasses
import errno
import fcntl
import functools
import json
import os
import pty
import pwd
import re
import select
import shutil
import signal
import stat
import struct
import subprocess
import tempfile
import termios
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARK = "WIRESCENE_TEST"  # environment variable by which the processes of a test are known
LIMIT = 30  # seconds that a run, or a text to appear, may take unless the test says otherwise
GONE = 5  # seconds that the dead may take to vanish

ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78cDEHM])")
SANITIZER = re.compile(r"^.*(?:ERROR: \w+Sanitizer|runtime error:).*$", re.MULTILINE)


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


def clean_environment(home, **more):
    """What every program under test sees, whoever runs the tests."""
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "HOME": str(home),
        "TMPDIR": str(home),
        "ASAN_OPTIONS": "exitcode=99:abort_on_error=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    } | {name: str(value) for name, value in more.items()}


# ---------------------------------------------------------------- results


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


# ---------------------------------------------------------------- processes


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


# ---------------------------------------------------------------- what this machine can do


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


# ---------------------------------------------------------------- running


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


class Play:
    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.mark = str(uuid.uuid4())
        self.runs, self.homes, self.scenes = [], {}, 0
        adopt_orphans()
        self.others = descendants(os.getpid())

    def __call__(self, scene, *args, timeout=LIMIT, **options):
        """`wirescene run SCENE -o RECORDING ARGS…`, to its end. Options: env, user, input, record=False."""
        return self.start(scene, *args, **options).end(timeout)

    def command(self, *args, timeout=LIMIT, env=None, user=None, input=None):
        """`wirescene ARGS…`, to its end, in the folder `play.folder`."""
        argv, options = self.prepare(list(args), env, user)
        return self.run(argv, input=input, **options).end(timeout)

    def start(self, scene, *args, env=None, user=None, input=None, record=True):
        """The same as play(…), not waited for."""
        argv, options = self.scene(scene, args, env, user, record)
        return self.run(argv, input=input, **options)

    def terminal(self, scene, *args, columns=80, rows=24, env=None, user=None, record=True):
        """The same on a terminal."""
        argv, options = self.scene(scene, args, env, user, record)
        return self.run(argv, size=(columns, rows), user=user if os.getuid() == 0 else None, **options)

    def tmux(self, scene, *args, columns=80, rows=24, env=None, user=None, record=True):
        """The same inside tmux; a Screen."""
        argv, options = self.scene(scene, args, env, user, record)
        options.pop("recording")
        status = self.folder / f"status-{self.scenes}"
        screen = Screen(argv, status=status, columns=columns, rows=rows, **options)
        self.runs.append(screen)
        return screen

    # -- how it is done

    def run(self, argv, **options):
        run = Run(argv, **options)
        self.runs.append(run)
        return run

    def scene(self, scene, args, env, user, record):
        """Command line and surroundings for `run`; the scene's text is written to a file of its own."""
        self.scenes += 1
        folder = self.home(user)
        if isinstance(scene, Path):
            path = ROOT / scene
            if folder != self.folder:  # the user may not be able to read it where it is
                copy = folder / f"scripts-{self.scenes}"  # with what lies beside it, for `require`
                shutil.copytree(path.parent, copy)
                subprocess.run(["chmod", "-R", "a+rX", copy], check=True)
                path = copy / path.name
        else:
            path = folder / f"scene-{self.scenes}.lua"
            path.write_text(scene, encoding="utf-8")
        argv = ["run", path]
        recording = None
        if record:
            recording = folder / f"scene-{self.scenes}.jsonl"
            argv += ["-o", recording]
        argv, options = self.prepare(argv + list(args), env, user)
        return argv, options | {"recording": recording}

    def home(self, user):
        """The folder the command runs in: the test's own, or one that the user can write to."""
        if not user or os.getuid() != 0:
            return self.folder
        if user not in self.homes:
            self.homes[user] = Path(tempfile.mkdtemp(prefix="wirescene-test-"))
            os.chown(self.homes[user], pwd.getpwnam(user).pw_uid, -1)
        return self.homes[user]

    def prepare(self, args, env, user):
        """Whoever is no root is an ordinary user already, and runs as himself."""
        folder = self.home(user)
        binary = self.build / "wirescene"
        argv = [str(binary), *map(str, args)]
        if user and os.getuid() == 0:
            argv = as_user([str(for_everybody(binary)), *map(str, args)], user)
        return argv, {"env": clean_environment(folder, **{MARK: self.mark}, **(env or {})), "cwd": folder}

    def alive(self):
        """What of this test's processes is still there; the dead among our children are buried."""
        others = descendants(os.getpid()) - self.others
        bury(others)
        return (others & set(processes())) | marked(self.mark)

    def leftovers(self, seconds=GONE):
        """Fails if a process outlives the runs. Call it while nothing is meant to run (tmux does, until the
        screen's kill()); close() does too."""
        poll(
            lambda: not self.alive(),
            seconds,
            lambda: "these processes are left:\n" + "\n".join(map(describe, sorted(self.alive()))),
        )

    def close(self):
        """Ends what the test left running, on purpose or by failing, and sees that nothing stays."""
        for run in self.runs:
            run.kill()
        try:
            self.leftovers()
        finally:
            for pid in self.alive():
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            for folder in self.homes.values():
                shutil.rmtree(folder, ignore_errors=True)
