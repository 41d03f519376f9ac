"""What the presenter sees: inside tmux at 80 and at 160 columns, with Korean, piped, without colour."""

import unicodedata
from pathlib import Path

import pytest
from running import ESCAPES

pytestmark = pytest.mark.wire

PING_PONG = Path("scripts/packets/ping-pong.lua")
CUE = "5000바이트는 들어가지 않는다"
FRAMES = "│┊├┤╭╮╰╯─►◄●✓■"


def width(text):
    """Columns that a terminal gives it."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def columns_of(line, signs):
    """In which columns these signs stand."""
    return {width(line[:at]) for at, c in enumerate(line) if c in signs}


def heads(lines):
    """Lines that name the hosts, with the columns of the two lanes."""
    return [(number, sorted(columns_of(line, "●"))) for number, line in enumerate(lines) if "client ●" in line]


def check_ladder(lines, columns):
    for line in lines:
        assert width(line) <= columns, f"{width(line)} columns:\n{line}"
    pages = heads(lines)
    assert pages and all(len(lanes) == 2 for _, lanes in pages)
    assert len({tuple(lanes) for _, lanes in pages}) == 1, "the lanes moved from page to page"
    lanes = pages[0][1]
    rows = [line for line in lines[pages[0][0] + 1 :] if " ms " in line and not set(line) & set("✓■!")]  # no words across
    assert len(rows) > 10
    for line in rows:
        assert set(lanes) <= columns_of(line, "│┊├┤►◄"), f"a lane is not in columns {lanes}:\n{line}"


@pytest.mark.parametrize("columns", [80, 160])
def test_a_talk_in_korean(play, columns):
    screen = play.tmux(PING_PONG, "--lang", "ko", columns=columns, rows=200)
    before = screen.wait_for(CUE)
    assert "메시지 하나는 패킷 몇 개일까?" in before and "send(5000)" not in before
    screen.press("Space")
    after = screen.wait_for("■")
    assert screen.end() == 0
    assert "send(5000)" in after and "pong은 1개, 5000바이트는 4개" in after
    check_ladder(after.splitlines(), columns)


BACKLOG = Path("scripts/queues/backlog.lua")


@pytest.mark.parametrize("columns", [80, 160])
def test_sockets_by_state(play, columns):
    """One table that follows the scene, drawn over itself, below what the scene says."""
    screen = play.tmux(BACKLOG, "--view", "states", "--lang", "ko", columns=columns, rows=30)
    before = screen.wait_for("LISTEN")
    assert "backlog 1" in before and "스페이스: 계속" in before
    screen.press("Space")
    after = screen.wait_for("■")
    assert screen.end() == 0
    lines = after.splitlines()
    assert max(map(width, lines)) <= columns
    edges = [line for line in lines if line.startswith(" ╭ ")]
    assert len(edges) == 1 and "server" in edges[0] and "client" in edges[0], "one table"
    rows = {line.split()[1]: line for line in lines if line.startswith(" │ ")}
    assert "2 ██" in rows["ESTABLISHED"] and "3 ███" in rows["SYN_SENT"]
    assert "2 / 1" in rows["accept"] and rows["버려짐"]
    assert len({frozenset(columns_of(line, "│")) for line in rows.values()}) == 1, "the right edge is straight"
    assert lines.index(edges[0]) > max(n for n, line in enumerate(lines) if "✓" in line and "■" not in line)


def test_sockets_by_state_in_a_pipe(play):
    lines = plain(play(BACKLOG, "--view", "states"))
    client = [line.split("client ")[1].strip() for line in lines if "client " in line and "SYN_SENT" in line]
    assert client[:2] == ["SYN_SENT 1", "SYN_SENT 0  ESTABLISHED 1"] and client[-1] == "SYN_SENT 3  ESTABLISHED 2"
    assert any("accept queue 2 of 1  dropped 3" in line for line in lines)


def test_q_ends_the_talk(play):
    screen = play.tmux(PING_PONG, "--lang", "ko")
    screen.wait_for(CUE)
    screen.press("q")
    assert screen.end() == 130


def test_ctrl_c_at_a_cue(play):
    screen = play.tmux(PING_PONG, "--lang", "ko")
    screen.wait_for(CUE)
    screen.press("C-c")
    assert screen.end() == 130


@pytest.mark.parametrize("before, after", [(120, 80), (80, 120)])
def test_a_resized_terminal(play, before, after):
    """The rows from then on have the new width, and the hosts are named anew."""
    run = play.terminal(PING_PONG, "--lang", "ko", columns=before)
    run.wait_for(CUE)
    run.wait_for("╯")
    shown = len(run.text())
    run.resize(after, 20)
    run.press(" ")
    result = run.end()
    assert result.status == 0, result
    check_ladder(result.stdout[:shown].splitlines(), before)
    lines = result.stdout[shown:].splitlines()
    check_ladder(lines, after)
    assert max(map(width, lines)) >= after - 2, "all of it is used"


def test_a_resized_terminal_with_a_width_of_its_own(play):
    run = play.terminal(PING_PONG, "--lang", "ko", "--width", "100", columns=120)
    run.wait_for(CUE)
    run.resize(80, 20)
    run.press(" ")
    result = run.end()
    check_ladder(result.stdout.splitlines(), 100)


def plain(result):
    assert result.status == 0, result
    assert b"\x1b" not in result.raw, result
    return result.stdout.splitlines()


@pytest.mark.parametrize("columns", [40, 80, 160])
def test_width(play, columns):
    lines = plain(play(PING_PONG, "--lang", "ko", "--width", columns))
    assert max(map(width, lines)) <= columns
    if columns >= 80:
        check_ladder(lines, columns)


def test_a_pipe_gets_80_columns_without_colour_and_does_not_wait(play):
    check_ladder(plain(play(PING_PONG)), 80)
    lines = plain(play(PING_PONG, env={"COLUMNS": "100"}))
    assert 80 < max(map(width, lines)) <= 100


def test_colours(play):
    with_colour = play(PING_PONG, "--color", "always")
    assert with_colour.status == 0 and b"\x1b[" in with_colour.raw
    check_ladder(ESCAPES.sub("", with_colour.stdout).splitlines(), 80)

    def on_terminal(*args, **env):
        run = play.terminal('say "hello"', *args, env=env)
        return run.end().raw

    assert b"\x1b[" in on_terminal()
    assert b"\x1b[" not in on_terminal(NO_COLOR="1")
    assert b"\x1b[" not in on_terminal("--color", "never")
    assert b"\x1b[" not in on_terminal(TERM="dumb")
    assert b"\x1b[" in on_terminal("--color", "always", NO_COLOR="1")


def test_a_terminal_without_unicode(play):
    run = play.terminal(PING_PONG, "--lang", "en", env={"LANG": "C", "LC_ALL": "C"})
    run.wait_for("Five thousand")
    run.press(" ")
    result = run.end()
    assert result.status == 0, result
    assert not set(result.stdout) & set(FRAMES), result
    assert result.stdout.isascii(), sorted(set(c for c in result.stdout if not c.isascii()))
    assert "send(5000)" in result.stdout


def test_the_language_is_the_locales(play):
    assert "짧은 메시지" in play(PING_PONG, env={"LANG": "ko_KR.UTF-8"}).stdout
    assert "A short message" in play(PING_PONG).stdout
    assert "A short message" in play(PING_PONG, "--lang", "en", env={"LANG": "ko_KR.UTF-8"}).stdout
