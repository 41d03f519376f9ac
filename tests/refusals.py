"""Machines that refuse something, each made around one command and gone with it: what to put before the command line.

Nothing here touches the machine under test: settings are those of a user namespace of the test's own, mounts those of a
mount namespace of its own, filters go with the process.
"""

import os
import pwd
import sys
from pathlib import Path

OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount", "--propagation", "private"]
POWERLESS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--securebits=+noroot", "--"]


def script(text, *after):
    """Runs the shell commands, then what follows."""
    return ["sh", "-ec", text + '\nexec "$@"', "sh", *after]


def no_user_namespaces(root=False):
    """user.max_user_namespaces = 0; for root, who can do without, or for somebody without rights."""
    after = [] if root else POWERLESS
    return [*OWN_MOUNTS, *script("echo 0 >/proc/sys/user/max_user_namespaces", *after)]


def seccomp():
    """A filter as containers have it: unshare(2) and clone(2) with namespaces are EPERM, clone3(2) is ENOSYS."""
    return [sys.executable, str(Path(__file__).with_name("without_namespaces.py"))]


def no_netfilter():
    """A kernel without nf_tables."""
    return [sys.executable, str(Path(__file__).with_name("without_netfilter.py"))]


def setting(name, value):
    """EPERM, as it happens to whoever is not mapped in his own user namespace, on a kernel that seems to have this
    setting of kernel.*, which not every distribution's kernel has."""
    fake = f"mount -t tmpfs tmpfs /mnt && echo {value} >/mnt/{name} && mount --move /mnt /proc/sys/kernel"
    return [*OWN_MOUNTS, *script(fake, "unshare", "--user")]


def chroot(folder):
    """A chroot with everything of the machine in it."""
    tops = list(Path("/").iterdir())
    text = "".join(f"ln -sfn {top.readlink()} {folder}{top}\n" for top in tops if top.is_symlink())
    for top in tops:
        if top.is_dir() and not top.is_symlink():
            text += f"mkdir -p {folder}{top}; mount --rbind {top} {folder}{top}\n"
    return [*OWN_MOUNTS, *script(text, "chroot", str(folder))]


def ordinary():
    """Root becomes nobody, in a folder that he can enter; everybody else stays who he is."""
    if os.getuid() != 0:
        return []
    who = pwd.getpwnam("nobody")
    ids = [f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups", "--inh-caps=-all"]
    return ["setpriv", *ids, "--", "env", "-C", "/"]


def no_processes():
    """ulimit -u 0, which root does not mind."""
    return [*ordinary(), "prlimit", "--nproc=0", "--"]


def no_device():
    """/dev/net is empty."""
    return [*OWN_MOUNTS, *script("mount -t tmpfs tmpfs /dev/net")]


def masked_proc(read_only_settings=False):
    """/proc as in a container: a part of it is hidden, so that the kernel allows no fresh one; /proc/sys can be
    read-only."""
    text = "mount -t tmpfs -o ro tmpfs /proc/fs"
    if read_only_settings:
        text += "\nmount --bind /proc/sys /proc/sys\nmount -o remount,bind,ro /proc/sys"
    return [*OWN_MOUNTS, *script(text)]
