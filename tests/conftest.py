"""One session for all tests: the two builds, the `play` fixture, tests that run alone, the last line."""

import fcntl

import pytest

pytest.register_assert_rewrite("play", "running")

from machine import why_no_wire  # noqa: E402
from play import ROOT, Play  # noqa: E402

BUILDS = ("release", "debug")  # debug has AddressSanitizer and UndefinedBehaviorSanitizer


@pytest.fixture(scope="session", params=BUILDS)
def build(request):
    """The build directory; whoever asks for it is run once with each build."""
    folder = ROOT / "build" / request.param
    if not (folder / "wirescene").exists():
        pytest.fail(f"{folder}/wirescene is not there: make build, or make test for both builds", pytrace=False)
    return folder


@pytest.fixture
def play(build, tmp_path, request):
    """Runs wirescene (see play.py); at the end nothing of what ran may be left."""
    player = Play(build, tmp_path)
    yield player
    player.close()


@pytest.fixture(autouse=True)
def beside_others(request):
    """Tests share a lock, whichever worker they run in; one marked `serial` has it for itself."""
    alone = request.node.get_closest_marker("serial")
    lock = ROOT / "build" / "tests.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def on_debug(item):
    return hasattr(item, "callspec") and item.callspec.params.get("build") == "debug"


def pytest_collection_modifyitems(config, items):
    """Serial tests come last, in one worker, so that they do not keep the others waiting. Long ones are asked for."""
    items[:] = [item for item in items if not (item.get_closest_marker("release_only") and on_debug(item))]
    if not config.getoption("markexpr"):
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    items.sort(key=lambda item: item.get_closest_marker("serial") is not None)
    for item in items:
        if item.get_closest_marker("serial"):
            item.add_marker(pytest.mark.xdist_group("serial"))
        wire = item.get_closest_marker("wire")
        reason = wire and why_no_wire(*wire.args)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def outcome(reporter):
    """Tests that passed, failed and were skipped; one that passed and then failed to clean up has failed."""

    def names(*kinds):
        return {report.nodeid for kind in kinds for report in reporter.stats.get(kind, ())}

    failed = names("failed", "error")
    passed = names("passed", "xpassed") - failed
    skipped = names("skipped", "xfailed") - failed - passed
    return len(passed), len(failed), len(skipped)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    """Nothing comes after this line; and a run in which no test spoke is no success."""
    reporter = None
    if not hasattr(session.config, "workerinput"):
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and not session.config.option.collectonly:
        passed, failed, skipped = outcome(reporter)
        if session.exitstatus == pytest.ExitCode.OK and (failed or not passed):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if failed else pytest.ExitCode.NO_TESTS_COLLECTED
    yield
    if reporter and not session.config.option.collectonly:
        reporter.ensure_newline()
        reporter.write_line(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
