"""What the kernel of each host sees of a running scene: tcpdump inside the hosts' network namespaces.

    captures = Captures(run.process.pid, hosts, folder)    hosts: name -> address
    …
    frames = captures.end()                                name -> bytes of each frame, as the kernel saw them

The stage process keeps the namespaces of its hosts only as descriptors; whoever is root can enter them from there.
ARP is left out, since the wire answers it itself without writing events: the hosts' kernels see these frames, a recording
does not have them.
"""

import os
import re
import struct
import subprocess

from processes import descendants
from waiting import Failure, poll

PCAP = 0xA1B2C3D4  # microseconds, in the byte order of this machine
FILE_HEADER, FRAME_HEADER = struct.Struct("=IHHiIII"), struct.Struct("=IIII")
FILTER = "not arp"
SNAP = "16384"  # more than the largest frame of any scene here


def namespaces(pid):
    """The network namespaces that a process or those below it hold as descriptors: a path to enter each."""
    found = {}
    for holder in sorted({pid} | descendants(pid)):
        folder = f"/proc/{holder}/fd"
        for fd in os.listdir(folder):
            try:
                target = os.readlink(f"{folder}/{fd}")
            except OSError:
                continue  # closed meanwhile
            if target.startswith("net:"):
                found.setdefault(target, f"{folder}/{fd}")
    return list(found.values())


def inside(namespace, *argv):
    return ["nsenter", f"--net={namespace}", *argv]


def addresses(namespace):
    shown = subprocess.run(inside(namespace, "ip", "-4", "-oneline", "address"), capture_output=True, text=True)
    return re.findall(r"inet ([0-9.]+)/", shown.stdout)


def hosts_of(pid, hosts):
    """Where each host is: name -> a path to enter its namespace. `hosts`: name -> address."""
    where = {address: path for path in namespaces(pid) for address in addresses(path)}
    for name, address in hosts.items():
        if address not in where:
            raise Failure(f"no namespace of {name} ({address}) below process {pid}: {where}")
    return {name: where[address] for name, address in hosts.items()}


class Captures:
    def __init__(self, pid, hosts, folder):
        """Returns when tcpdump listens in all hosts."""
        self.running = {}
        for name, where in hosts_of(pid, hosts).items():
            path = folder / f"{name}.pcap"
            # Frames as they come, and room for 2048 of them (-B in KiB) while this machine is busy; -Z: stays who it is.
            options = ["-i", "eth0", "-s", SNAP, "-B", "32768", "--immediate-mode", "-U", "-Z", "root", "-w", path, FILTER]
            said = folder / f"{name}.tcpdump"
            process = subprocess.Popen(
                inside(where, "tcpdump", *options), stdin=subprocess.DEVNULL, stderr=said.open("w")
            )
            self.running[name] = process, path, said
        for name in hosts:
            poll(lambda: "listening on" in self.said(name), 10, lambda: f"tcpdump on {name}: {self.said(name)}")

    def said(self, name):
        return self.running[name][2].read_text()

    def end(self):
        """Ends the captures and returns their frames. Call it while the network is quiet."""
        frames = {}
        for name, (process, path, _) in self.running.items():
            process.terminate()
            process.wait(10)
            said = self.said(name)
            captured, received, lost = (
                int(re.search(rf"(\d+) packets? {what}", said)[1])
                for what in ("captured", "received by filter", "dropped by kernel")
            )
            assert captured == received and not lost, f"tcpdump on {name} has not got all: {said}"
            frames[name] = read(path.read_bytes())
            assert len(frames[name]) == captured
        return frames


def read(text):
    """The frames of a pcap file."""
    magic, *_, snap, link_type = FILE_HEADER.unpack_from(text)
    assert magic == PCAP and link_type == 1
    at, frames = FILE_HEADER.size, []
    while at < len(text):
        _, _, kept, length = FRAME_HEADER.unpack_from(text, at)
        assert kept == length <= snap
        at += FRAME_HEADER.size
        frames.append(text[at : at + kept])
        at += kept
    return frames
