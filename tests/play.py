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

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from pathlib import Path

from machine import as_user, for_everybody
from processes import MARK, adopt_orphans, bury, descendants, describe, marked, processes
from running import Run, Screen
from waiting import GONE, LIMIT, poll

ROOT = Path(__file__).resolve().parent.parent


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
