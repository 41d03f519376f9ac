"""The Debian package: built, installed, used by an ordinary user, removed with nothing left; and make install."""

import os
import shutil
import stat
import subprocess

import pytest
from machine import as_user, attempt
from play import ROOT, clean_environment
from waiting import LIMIT

RELEASE = ROOT / "build" / "release"
FILES = """
/usr/bin/wirescene
/usr/share/bash-completion/completions/wirescene
/usr/share/doc/wirescene/README.md
/usr/share/doc/wirescene/copyright
/usr/share/fish/vendor_completions.d/wirescene.fish
/usr/share/man/man1/wirescene.1.gz
/usr/share/wirescene/event.schema.json
/usr/share/wirescene/language/wirescene.lua
/usr/share/wirescene/scripts/.luarc.json
/usr/share/wirescene/scripts/packets/ping-pong.lua
/usr/share/zsh/vendor-completions/_wirescene
""".split()

# The machine's own folders with a layer of their own on top: dpkg and the package believe to change the machine, and
# all that changes is in $layers, gone with the mount namespace. What they would tell the kernel's AppArmor is lost too.
OVERLAID = """
layers=$1; shift
mount -t tmpfs tmpfs "$layers"
for folder in usr etc var; do
    mkdir -p "$layers/$folder/new" "$layers/$folder/work"
    mount -t overlay -o "lowerdir=/$folder,upperdir=$layers/$folder/new,workdir=$layers/$folder/work" overlay "/$folder"
done
[ ! -d /sys/kernel/security ] || mount -t tmpfs tmpfs /sys/kernel/security
exec "$@"
"""

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(not shutil.which("dpkg-shlibdeps"), reason="dpkg-dev is not installed"),
]


def run(*argv, **options):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=4 * LIMIT, **options)
    assert done.returncode == 0, f"{argv}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def deb(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deb")
    run("cpack", "--config", RELEASE / "CPackConfig.cmake", "-G", "DEB", "-B", folder, cwd=folder)
    (package,) = folder.glob("*.deb")
    return package


@pytest.fixture
def overlaid(tmp_path):
    """What to put before a command so that it may change the machine without changing it."""
    if os.getuid() != 0:
        pytest.skip("only root can install packages")
    layers = tmp_path / "layers"
    layers.mkdir()
    before = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", OVERLAID, "sh", str(layers)]
    tried = attempt([*before, "true"])
    if tried.returncode:
        pytest.skip(f"no overlay mounts here: {tried.stderr.strip()}")
    return before


def test_what_is_in_it(deb):
    listed = run("dpkg-deb", "--contents", deb)
    lines = [line.split(maxsplit=5) for line in listed.splitlines()]
    names = {line[5].removeprefix(".") for line in lines}
    assert set(FILES) <= names
    assert all("wirescene" in name for name in names if not name.endswith("/"))
    for mode, owner, *_, name in lines:
        assert owner == "root/root"
        assert mode in ("drwxr-xr-x", "-rwxr-xr-x", "-rw-r--r--"), (mode, name)


def test_what_it_says_of_itself(deb):
    said = dict(line.split(": ", 1) for line in run("dpkg-deb", "--field", deb).splitlines() if ": " in line)
    assert said["Package"] == "wirescene"
    assert said["Version"] == run(RELEASE / "wirescene", "--version").split()[1]
    depends = {part.split()[0] for part in said["Depends"].split(", ")}
    assert {"libc6", "libev4", "liblua5.4-0", "libnl-3-200"} <= depends
    assert not [name for name in depends if name.endswith("-dev")]


LIFE = """
list() { find "$layers"/*/new ! -type d ! -type c | sed "s|$layers/\\([a-z]*\\)/new|/\\1|"; }
layers=$1 deb=$2; shift 2
dpkg --path-include='*' --install "$deb" >&2
list | grep wirescene | grep -v ^/var/ >installed
"$@" >played 2>&1 || { cat played; exit 1; }
dpkg --purge wirescene >&2
list >left
"""


def life(overlaid, deb, folder, before=""):
    """Installs, plays a scene as nobody, removes. Files that were there meanwhile, what was shown, files left."""
    folder.mkdir()
    scene = "/usr/share/wirescene/scripts/packets/ping-pong.lua"
    player = as_user(["env", "-C", "/", "wirescene", "run", "--require-wire", scene], "nobody")
    script = ["sh", "-ec", before + LIFE, "sh", overlaid[-1], str(deb)]
    run(*overlaid, *script, *player, cwd=folder, env=clean_environment("/tmp"))
    return [(folder / name).read_text() for name in ("installed", "played", "left")]


@pytest.mark.wire("nobody")
def test_installed_used_and_removed(deb, overlaid, tmp_path):
    installed, played, left = life(overlaid, deb, tmp_path / "life")
    assert set(FILES) <= set(installed.split())
    assert "[ESTABLISHED]" in played and "2 checks ✓" in played
    assert "wirescene" not in left
    assert all(name.startswith(("/var/lib/dpkg/", "/var/log/", "/var/cache/")) for name in left.split()), left


@pytest.mark.wire("nobody")
def test_apparmor_of_ubuntu_gets_its_profile(deb, overlaid, tmp_path):
    ubuntu = "mkdir -p /etc/apparmor.d/abi; touch /etc/apparmor.d/abi/4.0\n"
    installed, _, left = life(overlaid, deb, tmp_path / "ubuntu", ubuntu)
    assert "/etc/apparmor.d/wirescene" in installed.split()
    assert "wirescene" not in left


def test_make_install(tmp_path):
    run("make", "install", f"DESTDIR={tmp_path}/root", "PREFIX=/opt/scenes", cwd=ROOT)
    top = tmp_path / "root/opt/scenes"
    for name in FILES:
        if "zsh" not in name:
            assert (top / name.removeprefix("/usr/")).exists(), name
    assert (top / "share/zsh/site-functions/_wirescene").exists()
    assert stat.S_IMODE((top / "bin/wirescene").stat().st_mode) == 0o755
    assert run(top / "bin/wirescene", "--version") == run(RELEASE / "wirescene", "--version")
    assert not [path for path in tmp_path.joinpath("root").iterdir() if path.name != "opt"]
