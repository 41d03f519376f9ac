// Implementation of fields.h.
#include "event/fields.h"

#include <stddef.h>

// Tables, kept by hand.
// clang-format off
const char *const names_of_call[] = {"none", "socket", "bind", "listen", "accept", "connect",
                                     "send", "recv", "shutdown", "setsockopt", "close", "getsockopt", "dup", "fcntl",
                                     "sendto", "recvfrom",
                                     "poll", "select", "epoll_create1", "epoll_ctl", "epoll_wait", NULL};
const char *const names_of_socket[] = {"none", "tcp", "udp", "icmp", "raw", "icmpv6", NULL};
const char *const names_of_state[] = {"NONE",      "ESTABLISHED", "SYN_SENT", "SYN_RECV",   "FIN_WAIT1",
                                      "FIN_WAIT2", "TIME_WAIT",   "CLOSE",    "CLOSE_WAIT", "LAST_ACK",
                                      "LISTEN",    "CLOSING",     NULL};
const char *const names_of_timer[] = {"off", "retransmit", "keepalive", "time_wait", "probe", NULL};
const char *const names_of_note[] = {"none",        "retransmission", "out of order", "duplicate ack",
                                     "zero window", "window update",  "window probe", "keepalive",
                                     NULL};
const char *const names_of_kind[] = {"none", "rto", "tlp", "fast", "syn", "probe", NULL};
const char *const names_of_rewritten[] = {"none", "from", "to", "both", NULL};
const char *const names_of_origin[] = {"none", "timer", "program", "unknown", "wire", "scene", NULL};
const char *const names_of_icmp[] = {"none", "echo request", "echo reply", "net unreachable",
                                     "host unreachable", "protocol unreachable", "port unreachable",
                                     "fragmentation needed", "unreachable", "time exceeded", "redirect",
                                     "neighbour solicitation", "neighbour advertisement", "other", NULL};
const char *const names_of_fate[] = {"on the wire", "delivered", "dropped", "held", "absorbed",
                                     "duplicated", "corrupted", NULL};
const char *const names_of_action[] = {"drop", "delay", "hold", "duplicate", "corrupt", "on_packet", "cut", "flap",
                                       "masquerade", "publish", "forbid", NULL};
const char *const names_of_role[] = {"main", "spawned", "handler", NULL};
const char *const names_of_ended[] = {"not", "normal", "error", "stopped", NULL};
const char *const names_of_reason[] = {"finished",   "error",       "stuck",
                                       "time limit", "interrupted", "machine", "crashed", NULL};
const char *const names_of_stream[] = {"stdout", "stderr", NULL};
const char *const names_of_refused[] = {"none", "SYN", "ACK", NULL};
const char *const names_of_late[] = {"release", "loop", NULL};
const char *const names_of_message_flags[] = {"none", "MSG_PEEK", "MSG_TRUNC", "MSG_PEEK|MSG_TRUNC",
    "MSG_ERRQUEUE", "MSG_PEEK|MSG_ERRQUEUE", "MSG_TRUNC|MSG_ERRQUEUE", "MSG_PEEK|MSG_TRUNC|MSG_ERRQUEUE", NULL};
static const char *const names_of_how[] = {"none", "SHUT_RD", "SHUT_WR", "SHUT_RDWR", NULL};

#define AT(member) offsetof(struct event, member)
#define F(key, kind, member, when) {key, FIELD_##kind, AT(member), FIELD_##when, NULL}
#define FIF(key, kind, member, when, and) {key, FIELD_##kind, AT(member), FIELD_##when | FIELD_##and, NULL}
#define E(key, member, when, names) {key, FIELD_ENUM, AT(member), FIELD_##when, names}
#define END {0}

const struct field event_header_fields[] = {
    F("id", U64, id, ALWAYS),         F("t", I64, t, ALWAYS),         F("host", HOST, host, NOT_ZERO),
    F("actor", ACTOR, actor, NOT_ZERO), F("line", U32, line, NOT_ZERO),
    F("source", U16, source, NOT_ZERO), F("cause", U64, cause, NOT_ZERO),
    F("op", U64, op, NOT_ZERO),       END,
};

static const struct field scene[] = {
    F("format", TEXT, as.scene.format, ALWAYS),     F("title", TEXT, as.scene.title, ALWAYS),
    F("author", TEXT, as.scene.author, NOT_ZERO),   F("about", TEXT, as.scene.about, NOT_ZERO),
    F("tags", TEXT, as.scene.tags, NOT_ZERO),
    F("engine", TEXT, as.scene.engine, ALWAYS),     F("kernel", TEXT, as.scene.kernel, ALWAYS),
    F("started", TEXT, as.scene.started, ALWAYS),   F("seed", U64, as.scene.seed, ALWAYS),
    F("loopback", BOOL, as.scene.loopback, NOT_ZERO), F("step", BOOL, as.scene.step, NOT_ZERO),
    F("pace_ns", I64, as.scene.pace_ns, NOT_ZERO),
    F("params", PAIRS, as.scene.params, NOT_ZERO),  F("sysctls", PAIRS, as.scene.sysctls, NOT_ZERO),
    F("script", TEXT, as.scene.script, ALWAYS),     F("text", TEXT, as.scene.text, ALWAYS),
    END,
};
static const struct field source[] = {
    F("name", TEXT, as.source.name, ALWAYS), F("text", TEXT, as.source.text, ALWAYS), END};
static const struct field param[] = {
    F("name", TEXT, as.param.name, ALWAYS), F("value", TEXT, as.param.value, ALWAYS),
    F("choices", TEXTS, as.param.choices, NOT_ZERO), END};
static const struct field host[] = {
    F("host", NAME, as.host.name, ALWAYS), F("router", BOOL, as.host.router, NOT_ZERO),
    F("relay", TEXT, as.host.relay, NOT_ZERO), F("sysctls", PAIRS, as.host.sysctls, NOT_ZERO),
    F("descriptors", U32, as.host.descriptors, NOT_ZERO), END};
static const struct field link[] = {
    F("link", NAME, as.link.name, ALWAYS),         F("again", BOOL, as.link.again, NOT_ZERO),
    F("switch", BOOL, as.link.shared, NOT_ZERO),   F("loopback", BOOL, as.link.loopback, NOT_ZERO),
    F("from", HOST, as.link.from, NOT_ZERO),       F("delay_ns", I64, as.link.delay_ns, ALWAYS),
    F("mtu", U32, as.link.mtu, ALWAYS),
    F("options", PAIRS, as.link.options, NOT_ZERO), F("ends", ENDS, as.link.ends, ALWAYS),
    END,
};
static const struct field actor[] = {
    F("actor", NAME, as.actor.name, ALWAYS), E("role", as.actor.role, ALWAYS, names_of_role),
    E("ended", as.actor.ended, NOT_ZERO, names_of_ended), END};
static const struct field say[] = {F("text", TEXT, as.say.text, ALWAYS), END};
static const struct field cue[] = {
    F("text", TEXT, as.cue.text, ALWAYS), F("presented", BOOL, as.cue.presented, NOT_ZERO), END};
static const struct field key[] = {
    F("key", TEXT, as.key.key, ALWAYS), F("waited_ns", I64, as.key.waited_ns, ALWAYS), END};
static const struct field print[] = {F("text", TEXT, as.print.text, ALWAYS), END};
static const struct field busy[] = {F("for_ns", I64, as.busy.for_ns, ALWAYS), END};
static const struct field call[] = {
    E("call", as.call.call, ALWAYS, names_of_call),
    F("fd", I32, as.call.fd, NOT_NONE),
    F("sock", U32, as.call.sock, NOT_ZERO),
    F("conn", U32, as.call.conn, NOT_ZERO),
    F("address", ADDR, as.call.address, NOT_ZERO),
    F("size", I64, as.call.size, NOT_NONE),
    F("backlog", I64, as.call.backlog, NOT_NONE),
    E("socket", as.call.socket, NOT_ZERO, names_of_socket),
    E("how", as.call.how, NOT_ZERO, names_of_how),
    F("option", TEXT, as.call.option, NOT_ZERO),
    F("count", U32, as.call.count, NOT_ZERO),
    F("watches", WATCHED, as.call.watches, NOT_ZERO),
    F("timeout_ns", I64, as.call.timeout_ns, NOT_NONE),
    F("result", I64, as.call.result, ALWAYS),
    F("errno", ERRNO, as.call.error, NOT_ZERO),
    F("blocked_ns", I64, as.call.blocked_ns, NOT_ZERO),
    E("flags", as.call.flags, NOT_ZERO, names_of_message_flags),
    F("data", PREVIEW, as.call.data, NOT_ZERO),
    F("carries", IDS, as.call.carries, NOT_ZERO),
    F("ready", WATCHED, as.call.ready, NOT_ZERO),
    F("causes", IDS, as.call.causes, NOT_ZERO),
    F("repeat", U64, as.call.repeat, NOT_ZERO),
    END,
};
static const struct field blocked[] = {
    E("call", as.blocked.call, ALWAYS, names_of_call), F("fd", I32, as.blocked.fd, NOT_NONE),
    F("sock", U32, as.blocked.sock, NOT_ZERO),         F("conn", U32, as.blocked.conn, NOT_ZERO),
    F("address", ADDR, as.blocked.address, NOT_ZERO),  F("size", I64, as.blocked.size, NOT_NONE),
    F("count", U32, as.blocked.count, NOT_ZERO),
    F("watches", WATCHED, as.blocked.watches, NOT_ZERO),
    F("timeout_ns", I64, as.blocked.timeout_ns, NOT_NONE),
    END,
};
static const struct field packet[] = {
    F("link", WIRE, as.packet.wire, ALWAYS),
    F("from", HOST, as.packet.from, NOT_ZERO),
    F("to", HOST, as.packet.to, NOT_ZERO),
    F("protocols", PROTOCOLS, as.packet.protocols, ALWAYS),
    F("frame_len", U32, as.packet.frame_len, ALWAYS),
    F("from_address", ADDR, as.packet.from_address, NOT_ZERO),
    F("to_address", ADDR, as.packet.to_address, NOT_ZERO),
    F("ttl", U32, as.packet.ttl, NOT_ZERO),
    F("conn", U32, as.packet.conn, NOT_ZERO),
    E("rewritten", as.packet.rewritten, NOT_ZERO, names_of_rewritten),
    F("fragment", I32, as.packet.fragment, NOT_NONE),
    F("more_fragments", BOOL, as.packet.more_fragments, NOT_ZERO),
    F("fragment_id", U32, as.packet.fragment_id, NOT_ZERO),
    F("len", U32, as.packet.len, ALWAYS),
    FIF("flags", TCP_FLAGS, as.packet.flags, ALWAYS, TCP),
    FIF("seq", U32, as.packet.seq, ALWAYS, TCP),
    FIF("ack", U32, as.packet.ack, ALWAYS, TCP),
    FIF("seq_raw", U32, as.packet.seq_raw, ALWAYS, TCP),
    FIF("ack_raw", U32, as.packet.ack_raw, ALWAYS, TCP),
    FIF("window", U32, as.packet.window, ALWAYS, TCP),
    FIF("mss", U32, as.packet.mss, NOT_ZERO, TCP),
    FIF("window_scale", I32, as.packet.window_scale, NOT_NONE, TCP),
    FIF("sack_permitted", BOOL, as.packet.sack_permitted, NOT_ZERO, TCP),
    FIF("timestamps", BOOL, as.packet.timestamps, NOT_ZERO, TCP),
    FIF("ts_value", U32, as.packet.ts_value, NOT_ZERO, TCP),
    FIF("ts_echo", U32, as.packet.ts_echo, NOT_ZERO, TCP),
    FIF("sack", RANGES, as.packet.sack, NOT_ZERO, TCP),
    FIF("icmp_type", U32, as.packet.icmp_type, ALWAYS, ANY_ICMP),
    FIF("icmp_code", U32, as.packet.icmp_code, ALWAYS, ANY_ICMP),
    {"icmp", FIELD_ENUM, AT(as.packet.icmp), FIELD_NOT_ZERO | FIELD_ANY_ICMP, names_of_icmp},
    FIF("icmp_id", I32, as.packet.icmp_id, NOT_NONE, ANY_ICMP),
    FIF("icmp_seq", I32, as.packet.icmp_seq, NOT_NONE, ANY_ICMP),
    FIF("icmp_mtu", U32, as.packet.icmp_mtu, NOT_ZERO, ANY_ICMP),
    FIF("about_protocols", PROTOCOLS, as.packet.about_protocols, NOT_ZERO, ANY_ICMP),
    FIF("about_from", ADDR, as.packet.about_from, NOT_ZERO, ANY_ICMP),
    FIF("about_to", ADDR, as.packet.about_to, NOT_ZERO, ANY_ICMP),
    E("note", as.packet.note, NOT_ZERO, names_of_note),
    E("kind", as.packet.kind, NOT_ZERO, names_of_kind),
    F("of", U64, as.packet.of, NOT_ZERO),
    E("origin", as.packet.origin, NOT_ZERO, names_of_origin),
    F("carries", IDS, as.packet.carries, NOT_ZERO),
    F("frame", BYTES, as.packet.frame, NOT_ZERO),
    END,
};
static const struct field arrive[] = {
    F("packet", U64, as.arrive.packet, ALWAYS), F("link", WIRE, as.arrive.wire, ALWAYS),
    E("fate", as.arrive.fate, ALWAYS, names_of_fate), F("why", TEXT, as.arrive.why, NOT_ZERO),
    F("rule", U64, as.arrive.rule, NOT_ZERO), F("copies", U32, as.arrive.copies, NOT_ZERO), END};
static const struct field rule[] = {
    F("link", WIRE, as.rule.wire, NOT_ZERO), E("action", as.rule.action, ALWAYS, names_of_action),
    F("from", HOST, as.rule.from, NOT_ZERO), F("text", TEXT, as.rule.text, NOT_ZERO),
    F("by_ns", I64, as.rule.by_ns, NOT_ZERO), F("ended", BOOL, as.rule.ended, NOT_ZERO),
    F("rule", U64, as.rule.rule, NOT_ZERO), F("hits", U64, as.rule.hits, NOT_ZERO), END};
static const struct field state[] = {
    F("sock", U32, as.state.sock, NOT_ZERO),
    F("conn", U32, as.state.conn, NOT_ZERO),
    F("local", ADDR, as.state.local, NOT_ZERO),
    F("peer", ADDR, as.state.peer, NOT_ZERO),
    E("from", as.state.from, ALWAYS, names_of_state),
    E("to", as.state.to, ALWAYS, names_of_state),
    F("recv_q", I64, as.state.recv_q, NOT_NONE),
    F("send_q", I64, as.state.send_q, NOT_NONE),
    E("timer", as.state.timer, NOT_ZERO, names_of_timer),
    F("expires_ns", I64, as.state.expires_ns, NOT_ZERO),
    F("retransmits", U32, as.state.retransmits, NOT_ZERO),
    F("seen", I64, as.state.seen_ns, NOT_ZERO),
    END,
};
static const struct field program[] = {
    F("program", TEXT, as.program.program, ALWAYS), F("command", TEXT, as.program.command, NOT_ZERO),
    F("ended", BOOL, as.program.ended, NOT_ZERO),   F("status", I64, as.program.status, NOT_NONE),
    F("signal", TEXT, as.program.signal, NOT_ZERO), F("ran_ns", I64, as.program.ran_ns, NOT_ZERO),
    F("cut", BOOL, as.program.cut, NOT_ZERO),       F("why", TEXT, as.program.why, NOT_ZERO),
    END};
static const struct field output[] = {
    F("program", TEXT, as.output.program, ALWAYS), E("stream", as.output.stream, ALWAYS, names_of_stream),
    F("text", TEXT, as.output.text, ALWAYS), END};
static const struct field queue[] = {
    F("sock", U32, as.queue.sock, NOT_ZERO),
    F("conn", U32, as.queue.conn, NOT_ZERO),
    F("local", ADDR, as.queue.local, NOT_ZERO),
    F("peer", ADDR, as.queue.peer, NOT_ZERO),
    E("state", as.queue.state, ALWAYS, names_of_state),
    F("recv_q", I64, as.queue.recv_q, ALWAYS),
    F("send_q", I64, as.queue.send_q, ALWAYS),
    E("timer", as.queue.timer, NOT_ZERO, names_of_timer),
    F("expires_ns", I64, as.queue.expires_ns, NOT_ZERO),
    F("retransmits", U32, as.queue.retransmits, NOT_ZERO),
    E("refused", as.queue.refused, NOT_ZERO, names_of_refused),
    F("overflows", U32, as.queue.overflows, NOT_ZERO),
    F("drops", U32, as.queue.drops, NOT_ZERO),
    END,
};
#define FIGURE(name) F(#name, U32, as.tcp.name, ALWAYS)
#define LARGE_FIGURE(name) F(#name, U64, as.tcp.name, ALWAYS)
static const struct field tcp[] = {
    F("sock", U32, as.tcp.sock, NOT_ZERO),
    F("conn", U32, as.tcp.conn, NOT_ZERO),
    F("local", ADDR, as.tcp.local, NOT_ZERO),
    F("peer", ADDR, as.tcp.peer, NOT_ZERO),
    FIGURE(ca_state), FIGURE(retransmits), FIGURE(probes), FIGURE(backoff),
    FIGURE(rto), FIGURE(ato), FIGURE(snd_mss), FIGURE(rcv_mss),
    FIGURE(unacked), FIGURE(sacked), FIGURE(lost), FIGURE(retrans), FIGURE(total_retrans),
    FIGURE(rtt), FIGURE(rttvar), FIGURE(min_rtt),
    FIGURE(snd_cwnd), FIGURE(snd_ssthresh), FIGURE(snd_wnd),
    FIGURE(rcv_ssthresh), FIGURE(rcv_space), FIGURE(reordering), FIGURE(notsent_bytes),
    LARGE_FIGURE(pacing_rate), LARGE_FIGURE(delivery_rate),
    LARGE_FIGURE(busy_time), LARGE_FIGURE(rwnd_limited), LARGE_FIGURE(sndbuf_limited),
    END,
};
#define STATE(name) F(#name, U32, as.count.states[STATE_##name], NOT_ZERO)
static const struct field count[] = {
    STATE(LISTEN), STATE(SYN_SENT), STATE(SYN_RECV), STATE(ESTABLISHED), STATE(FIN_WAIT1), STATE(FIN_WAIT2),
    STATE(CLOSE_WAIT), STATE(CLOSING), STATE(LAST_ACK), STATE(TIME_WAIT), STATE(CLOSE),
    END,
};
static const struct field expect[] = {
    F("text", TEXT, as.expect.text, ALWAYS), F("ok", BOOL, as.expect.ok, ALWAYS),
    F("values", PAIRS, as.expect.values, NOT_ZERO), END};
static const struct field error[] = {
    F("message", TEXT, as.error.message, ALWAYS), F("where", TEXT, as.error.where, NOT_ZERO), END};
static const struct field late[] = {
    E("what", as.late.what, ALWAYS, names_of_late), F("late_ns", I64, as.late.late_ns, ALWAYS), END};
static const struct field end[] = {
    F("ok", BOOL, as.end.ok, ALWAYS),         E("reason", as.end.reason, ALWAYS, names_of_reason),
    F("checks", U32, as.end.checks, ALWAYS),  F("failed", U32, as.end.failed, ALWAYS),
    F("errors", U32, as.end.errors, ALWAYS),  F("packets", U32, as.end.packets, ALWAYS),
    F("message", TEXT, as.end.message, NOT_ZERO), END};

#define SHAPE(TYPE, name) [TYPE] = {#name, (uint32_t)(offsetof(struct event, as) + sizeof(struct event_##name)), name}

const struct event_shape event_shapes[EVENT_TYPES] = {
    [EVENT_PADDING] = {"padding", 16, NULL},
    SHAPE(EVENT_SCENE, scene),     SHAPE(EVENT_SOURCE, source), SHAPE(EVENT_PARAM, param),
    SHAPE(EVENT_HOST, host),       SHAPE(EVENT_LINK, link),     SHAPE(EVENT_ACTOR, actor),
    SHAPE(EVENT_SAY, say),         SHAPE(EVENT_CUE, cue),       SHAPE(EVENT_KEY, key),
    SHAPE(EVENT_PRINT, print),     SHAPE(EVENT_BUSY, busy),     SHAPE(EVENT_BLOCKED, blocked), SHAPE(EVENT_CALL, call),
    SHAPE(EVENT_PACKET, packet),   SHAPE(EVENT_ARRIVE, arrive), SHAPE(EVENT_STATE, state),
    SHAPE(EVENT_PROGRAM, program), SHAPE(EVENT_OUTPUT, output),
    SHAPE(EVENT_QUEUE, queue),     SHAPE(EVENT_TCP, tcp),       SHAPE(EVENT_COUNT, count),
    SHAPE(EVENT_RULE, rule),
    SHAPE(EVENT_EXPECT, expect),   SHAPE(EVENT_ERROR, error),   SHAPE(EVENT_LATE, late),
    SHAPE(EVENT_END, end),
};
// clang-format on

bool field_is_span(enum field_kind kind)
{
    return kind >= FIELD_TEXT;
}

size_t field_unit(enum field_kind kind)
{
    switch (kind) {
    case FIELD_IDS:
        return sizeof(uint64_t);
    case FIELD_RANGES:
        return 2 * sizeof(uint64_t);
    case FIELD_ENDS:
        return sizeof(struct interface_end);
    case FIELD_WATCHED:
        return sizeof(struct watched);
    default:
        return 1;
    }
}

// What tells an absent field: a number of whatever width, the length of a span, the family of an
// address.
static int64_t figure(const void *at, enum field_kind kind)
{
    if (field_is_span(kind))
        return ((const struct span *)at)->len;
    switch (kind) {
    case FIELD_ADDR:
        return ((const struct addr *)at)->family;
    case FIELD_U16:
        return *(const uint16_t *)at;
    case FIELD_I32:
        return *(const int32_t *)at;
    case FIELD_U64:
    case FIELD_I64:
        return *(const int64_t *)at;
    default:
        return *(const uint32_t *)at;
    }
}

bool field_present(const struct event *e, const struct field *f)
{
    if (f->when & FIELD_TCP && !(e->as.packet.protocols & PROTOCOL_TCP))
        return false;
    if (f->when & FIELD_ANY_ICMP && !(e->as.packet.protocols & (PROTOCOL_ICMP | PROTOCOL_ICMPV6)))
        return false;
    if (f->when & FIELD_NOT_ZERO)
        return figure(field_at(e, f), f->kind) != 0;
    if (f->when & FIELD_NOT_NONE)
        return figure(field_at(e, f), f->kind) != EVENT_NONE;
    return true;
}

const char *event_type_name(enum event_type type)
{
    return type < EVENT_TYPES ? event_shapes[type].name : "unknown";
}
