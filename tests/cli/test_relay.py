"""The way out: one real address, if the user grants it, and nothing else."""

import contextlib
import socket
import threading

import pytest

import recordings

USERS = [
    pytest.param(None, marks=pytest.mark.wire, id="root"),
    pytest.param("nobody", marks=pytest.mark.wire("nobody"), id="nobody"),
]


@contextlib.contextmanager
def real_server(serve):
    """A server of this machine, outside of any scene: its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run():
            while True:
                try:
                    conn, _ = listener.accept()
                except OSError:
                    return
                with conn, contextlib.suppress(OSError):
                    serve(conn)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def echo(conn):
    """Gives back all it gets, then says how much that was."""
    count = 0
    while data := conn.recv(65536):
        conn.sendall(data)
        count += len(data)
    conn.sendall(b"%d in all\n" % count)


@pytest.mark.parametrize("user", USERS)
def test_bytes_there_and_back(play, user):
    scene = """
    local outside, client = relay "127.0.0.1:%d", host "client"
    link(outside, client, { delay = "2ms" })
    local conn = client:connect(outside, %d)
    local data = bytes(300000)
    local sender = spawn("sender", function() conn:send(data) conn:shutdown "send" end)
    local got = conn:receive(#data)
    expect(got == data, "all came back")
    expect(conn:receive "all" == #data .. " in all\\n", "the end goes out, and comes back")
    expect(outside.name == "outside", "its name")
    """
    with real_server(echo) as port:
        result = play(scene % (port, port), "--view", "none", f"--allow-net=127.0.0.1:{port}", user=user)
    assert result.status == 0, result
    recordings.sound(result.events)
    assert [event.get("relay") for event in result.of("host")] == [f"127.0.0.1:{port}", None]
    assert f"relayed to the real 127.0.0.1:{port} (127.0.0.1:{port})" in result.one("print")["text"]


@pytest.mark.wire
def test_real_programs_go_through_it(play):
    def answer(conn):
        conn.recv(4096)
        conn.sendall(b"HTTP/1.0 200 OK\r\n\r\nreally\n")

    scene = """
    scene { needs = { "curl" } }
    local web, client = relay("localhost:%d", { name = "web" }), host "client"
    local done = client:run("curl", "-sS", "http://web:%d/")
    expect(done.stdout == "really\\n", "curl")
    """
    with real_server(answer) as port:
        result = play(scene % (port, port), "--view", "none", "--allow-run=curl", f"--allow-net=localhost:{port}")
    assert result.status == 0, result


@pytest.mark.wire
def test_only_what_is_granted(play):
    reached = []
    with real_server(lambda conn: reached.append(conn)) as port:
        scene = f'local a = relay "127.0.0.1:{port}"\n'
        for allowed in ([], [f"--allow-net=localhost:{port}"], ["--allow-net=127.0.0.1:1"]):
            play(scene, "--view", "none", *allowed).sentence(2, "scene-", f"--allow-net 127.0.0.1:{port}")
        (play.folder / "out.lua").write_text('title "out"\n' + scene + 'expect(true, "x")\n')
        skipped = play.command("check", play.folder / "out.lua")
        assert skipped.stdout.splitlines()[-1] == "0 passed, 0 failed, 1 skipped", skipped
        assert play.command("check", play.folder / "out.lua", f"--allow-net=127.0.0.1:{port}").status == 0
    assert not reached


@pytest.mark.wire
def test_an_address_that_cannot_be_reached(play):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    scene = f"""
    local outside, client = relay "127.0.0.1:{port}", host "client"
    local conn = client:connect(outside, {port})
    local got, code = conn:recv()
    expect(code == "ECONNRESET", "reset")
    """
    result = play(scene, "--view", "none", f"--allow-net=127.0.0.1:{port}")
    assert result.status == 0, result
    assert result.one("print")["text"] == f"127.0.0.1:{port} cannot be reached: Connection refused"


@pytest.mark.wire
def test_connections_end_with_the_scene(play):
    ended = threading.Event()

    def wait(conn):
        conn.recv(1)
        assert conn.recv(1) == b""
        ended.set()

    with real_server(wait) as port:
        scene = f"""
        local outside, client = relay "127.0.0.1:{port}", host "client"
        local conn = client:connect(outside, {port})
        conn:send "x"
        settle()
        """
        result = play(scene, "--view", "none", f"--allow-net=127.0.0.1:{port}")
        assert result.status == 0, result
        assert ended.wait(10), "the real server still has it"
    play.leftovers()


@pytest.mark.parametrize("wrong", ["8080", "example.com", "example.com:", "example.com:x", ":80", "a:70000"])
@pytest.mark.release_only
def test_wrong_use(play, wrong):
    play.command("run", "x.lua", "--allow-net", wrong).sentence(2, f"--allow-net {wrong}: HOST:PORT is wanted")
    play("local a = relay(%r)\n" % wrong, "--view", "none").sentence(2, 'relay: a real address and port expected, "example.com:80", not')
