"""What Wireshark makes of a capture file: tshark, one dict a frame."""

import subprocess

FIELDS = {
    "number": "frame.number",
    "id": "frame.packet_id",
    "interface": "frame.interface_name",
    "comments": "frame.comment",
    "protocols": "frame.protocols",
    "length": "frame.len",
    "from": "ip.src",
    "from_host": "ip.src_host",
    "to_host": "ip.dst_host",
    "stream": "tcp.stream",
    "flags": "tcp.flags",
    "seq": "tcp.seq",
    "ack": "tcp.ack",
    "window": "tcp.window_size",
    "len": "tcp.len",
    "mss": "tcp.options.mss_val",
    "malformed": "_ws.malformed",
    "severity": "_ws.expert.severity",
    "expert": "_ws.expert.message",
    "checksum": "tcp.checksum.status",
    "ip_checksum": "ip.checksum.status",
}
ANALYSIS = (
    "retransmission",
    "fast_retransmission",
    "spurious_retransmission",
    "rto",
    "out_of_order",
    "duplicate_ack",
    "zero_window",
    "window_update",
    "zero_window_probe",
    "zero_window_probe_ack",
    "window_full",
    "keep_alive",
    "keep_alive_ack",
    "lost_segment",
    "ack_lost_segment",
    "reused_ports",
)
ERROR = 0x00800000  # PI_ERROR, of _ws.expert.severity
BETWEEN, AGAIN = "\x1f", "\x1e"


def read(path, *options):
    """The frames of a file; a field is a text, or a list where it can come several times."""
    names = {**FIELDS, **{flag: f"tcp.analysis.{flag}" for flag in ANALYSIS}}
    argv = ["tshark", "-r", path, "-n", *options, "-T", "fields", "-E", f"separator={BETWEEN}", "-E", f"aggregator={AGAIN}"]
    argv += ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    for name in names.values():
        argv += ["-e", name]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    frames = []
    for line in done.stdout.split("\n")[:-1]:
        frame = dict(zip(names, line.split(BETWEEN), strict=True))
        for several in ("comments", "severity", "expert", "malformed"):
            frame[several] = frame[several].split(AGAIN) if frame[several] else []
        frames.append(frame)
    return frames
