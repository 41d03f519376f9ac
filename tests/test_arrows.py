"""tests/arrows, on the engine and on small trees with one thing wrong."""

import subprocess
import sys

import pytest
from play import ROOT


def arrows(*args):
    return subprocess.run([sys.executable, ROOT / "tests" / "arrows", *args], capture_output=True, text=True, timeout=60)


def test_all_arrows_run_the_right_way():
    done = arrows()
    assert done.returncode == 0, "\n" + done.stdout + done.stderr


@pytest.fixture
def tree(tmp_path):
    """Writes files and tells what arrows says of them."""

    def check(**files):
        for name, text in files.items():
            room, _, stem = name.rpartition("__")
            path = tmp_path / "engine" / room / (stem[:-2] + "." + stem[-1])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = arrows(tmp_path)
        assert (done.returncode == 0) == (done.stdout == ""), done.stderr
        return done.stdout.splitlines()

    return check


@pytest.mark.parametrize(
    "name, text, complaint",
    [
        ("base__a_c", '#include "event/event.h"', "base/ may not include event/"),
        ("stage__a_c", '#include "script/task.h"', "stage/ may not include script/"),
        ("view__a_h", '#  include "command/run.h" // why', "view/ may not include command/"),
        ("view__a_c", '#include "ladder.h"', "does not show its room"),
        ("view__a_c", '#include "../base/buf.h"', "there is no room ../"),
        ("view__a_c", '#include "util/text.h"', "there is no room util/"),
        ("view__a_c", "#include <base/buf.h>", "is our own"),
        ("util__a_c", "int x;", "there is no room util/"),
        ("kernel__a_c", "#include <ev.h>", "libev may be included only in stage/"),
        ("stage__a_c", "#include <lua.h>", "Lua may be included only in script/"),
        ("command__a_c", "#include <lauxlib.h>", "Lua may be included only in script/"),
        ("stage__a_c", "#include <netlink/route/link.h>", "libnl may be included only in kernel/"),
        ("view__a_c", "#include <jansson.h>", "jansson may be included only in event/, record/"),
        ("view__a_c", "#include <utf8proc.h>", "utf8proc may be included only in base/"),
        ("packet__a_c", "#include <unistd.h>", "neither descriptors nor a clock"),
        ("packet__a_c", "#include <time.h>", "neither descriptors nor a clock"),
        ("packet__a_c", '#include "base/clock.h"', "neither descriptors nor a clock"),
        ("stage__a_h", "struct lua_State;", "lua_State: only script/ may name Lua"),
        ("stage__a_c", "luaL_error(x);", "luaL_error: only script/ may name Lua"),
        ("__main_c", "#include <lua.h>", "Lua may be included only in script/"),
    ],
)
def test_says_what_is_wrong(tree, name, text, complaint):
    lines = tree(**{name: "// first line\n" + text + "\n"})
    assert len(lines) == 1 and complaint in lines[0]
    room, _, stem = name.rpartition("__")
    file = f"engine/{room}/".replace("//", "/") + stem[:-2] + "." + stem[-1]
    assert lines[0].startswith(f"{file}:{1 if room == 'util' else 2}: ")


def test_leaves_what_is_right_alone(tree):
    assert [] == tree(
        base__width_c="#include <utf8proc.h>\n",
        packet__frame_c='#include <stdint.h>\n#include "base/buf.h"\n#include "packet/frame.h"\n',
        stage__loop_c='#include <ev.h>\n// lua_State\n/* luaL_ref\n#include <lua.h>\n*/\nchar *s = "lua_call";\n',
        script__task_c='#include <ev.h>\n#include <lua.h>\n#include "stage/host.h"\nlua_State *L;\n',
        __main_c='#include "command/command.h"\n',
    )


def test_finds_circles(tree):
    lines = tree(
        base__a_h='#include "base/b.h"', base__b_h='#include "base/c.h"', base__c_h='#include "base/b.h"', base__d_h=""
    )
    assert lines == ["engine/base/c.h:1: includes run in a circle: base/b.h → base/c.h → base/b.h"]


def test_nothing_to_look_at_is_no_success(tmp_path):
    assert arrows(tmp_path).returncode == 1
