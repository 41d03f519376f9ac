"""Runs a command under a filter that makes the kernel look as if it had no netfilter: its netlink is EPROTONOSUPPORT."""

import os
import sys

from filtered import ALLOW, ARGUMENTS, EQUAL, ERRNO, LOAD, NUMBER, RETURN, become

EPROTONOSUPPORT = 93
AF_NETLINK, NETLINK_NETFILTER = 16, 12
SOCKET = {"x86_64": 41, "aarch64": 198}[os.uname().machine]

PROGRAM = [
    (LOAD, 0, 0, NUMBER),
    (EQUAL, 0, 4, SOCKET),
    (LOAD, 0, 0, ARGUMENTS),
    (EQUAL, 0, 2, AF_NETLINK),
    (LOAD, 0, 0, ARGUMENTS + 2 * 8),
    (EQUAL, 1, 0, NETLINK_NETFILTER),
    (RETURN, 0, 0, ALLOW),
    (RETURN, 0, 0, ERRNO | EPROTONOSUPPORT),
]

become(sys.argv[1:], PROGRAM)
