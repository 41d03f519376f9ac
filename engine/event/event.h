// event: what happened, as one flat record.
//
// A record is the same bytes in the ring between the two processes, in the spool and in memory: a
// header, a body that depends on the type, and behind it the bytes that the body's spans point to,
// by offset from the record's start. It has no pointers, so it can be copied with memcpy. Records
// are 8-byte aligned and at most EVENT_MAX bytes. The form is private to one binary; recordings are
// JSON Lines (json.h).
//
// Which fields a body has, how each is written in JSON, and what an absent one looks like stands in
// one table (fields.h). Whoever adds a field adds it there, here, and in event.schema.json beside
// this file.
//
// References: hosts, wires and actors are small numbers from 1, given in the order of their `host`,
// `link` and `actor` events (0: none); cast.h remembers their names.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define EVENT_MAX (128 * 1024)
#define EVENT_FORMAT "wirescene/1"
#define EVENT_PREVIEW 64       // bytes of the data shown with a call
#define EVENT_WATCHED 64       // descriptors named by a call that waits on many
#define EVENT_NONE INT64_C(-1) // "absent" for fields in which 0 says something
#define EVENT_NUMBER_MAX                                                                           \
    ((UINT64_C(1) << 53) - 1) // of ids and the seed: what every reader of JSON keeps exactly

enum event_type {
    EVENT_PADDING, // fills the end of the ring; never an event
    EVENT_SCENE,
    EVENT_SOURCE,
    EVENT_PARAM,
    EVENT_HOST,
    EVENT_LINK,
    EVENT_ACTOR,
    EVENT_SAY,
    EVENT_CUE,
    EVENT_KEY,
    EVENT_PRINT,
    EVENT_BUSY,
    EVENT_BLOCKED,
    EVENT_CALL,
    EVENT_PACKET,
    EVENT_ARRIVE,
    EVENT_STATE,
    EVENT_PROGRAM,
    EVENT_OUTPUT,
    EVENT_QUEUE,
    EVENT_TCP,
    EVENT_COUNT,
    EVENT_RULE,
    EVENT_EXPECT,
    EVENT_ERROR,
    EVENT_LATE,
    EVENT_END,
    EVENT_TYPES,
};

// Bytes behind the body: `off` counts from the start of the record.
struct span {
    uint32_t off, len;
};

// An address of IP and a port (0 where there is none).
struct addr {
    uint8_t family; // 0 none, 4, 6
    uint8_t pad;
    uint16_t port;     // host byte order
    uint8_t bytes[16]; // network byte order; IPv4 uses the first four
};

// One interface at a wire.
struct interface_end {
    uint32_t host;
    char name[16]; // "eth0"
    uint8_t mac[6];
    uint8_t prefix, prefix6; // lengths of the network parts of the addresses, in bits
    struct addr address;
    struct addr address6; // the other one, of IPv6, of an interface with two; family 0: none
};

// The states of a TCP socket, with the kernel's numbers (include/net/tcp_states.h); 0 is "not there
// (any more)", which the kernel calls CLOSE too.
enum tcp_state {
    STATE_NONE,
    STATE_ESTABLISHED,
    STATE_SYN_SENT,
    STATE_SYN_RECV,
    STATE_FIN_WAIT1,
    STATE_FIN_WAIT2,
    STATE_TIME_WAIT,
    STATE_CLOSE,
    STATE_CLOSE_WAIT,
    STATE_LAST_ACK,
    STATE_LISTEN,
    STATE_CLOSING,
    STATE_COUNT,
};

// Timers of a TCP socket, numbered as inet_diag's idiag_timer.
enum socket_timer {
    TIMER_OFF,
    TIMER_RETRANSMIT,
    TIMER_KEEPALIVE,
    TIMER_TIME_WAIT,
    TIMER_PROBE,
    TIMER_COUNT
};

// What a listener whose queue was full made the kernel drop.
enum refused { REFUSED_NONE, REFUSED_SYN, REFUSED_ACK, REFUSED_COUNT };

// Which protocol a socket of the scene speaks.
enum socket_kind {
    SOCKET_NONE,
    SOCKET_TCP,
    SOCKET_UDP,
    SOCKET_ICMP, // of datagrams: echo requests and their replies alone
    SOCKET_RAW,
    SOCKET_ICMPV6, // as SOCKET_ICMP
    SOCKET_COUNT
};

enum call {
    CALL_NONE,
    CALL_SOCKET,
    CALL_BIND,
    CALL_LISTEN,
    CALL_ACCEPT,
    CALL_CONNECT,
    CALL_SEND,
    CALL_RECV,
    CALL_SHUTDOWN,
    CALL_SETSOCKOPT,
    CALL_CLOSE,
    CALL_GETSOCKOPT,
    CALL_DUP,
    CALL_FCNTL,
    CALL_SENDTO,
    CALL_RECVFROM,
    CALL_POLL,
    CALL_SELECT,
    CALL_EPOLL_CREATE1,
    CALL_EPOLL_CTL,
    CALL_EPOLL_WAIT,
    CALL_COUNT,
};

// What a descriptor is watched for, and what it is ready for.
enum {
    WATCH_READ = 1 << 0,
    WATCH_WRITE = 1 << 1,
    WATCH_HANGUP = 1 << 2,
    WATCH_ERROR = 1 << 3,
    WATCH_EDGE = 1 << 4,    // EPOLLET
    WATCH_ONESHOT = 1 << 5, // EPOLLONESHOT
    WATCH_ALL = (1 << 6) - 1,
};

// One descriptor of poll, select, epoll_ctl or epoll_wait.
struct watched {
    int32_t fd;          // in the host's numbering
    uint32_t sock, conn; // 0: none
    uint32_t what;       // WATCH_…
};

// The protocols found in a frame, from the outside in.
enum {
    PROTOCOL_ETH = 1 << 0,
    PROTOCOL_ARP = 1 << 1,
    PROTOCOL_IP = 1 << 2,
    PROTOCOL_IPV6 = 1 << 3,
    PROTOCOL_ICMP = 1 << 4,
    PROTOCOL_ICMPV6 = 1 << 5,
    PROTOCOL_TCP = 1 << 6,
    PROTOCOL_UDP = 1 << 7,
};

// What an ICMP or ICMPv6 message says (IANA, "ICMP Parameters").
enum message {
    MESSAGE_NONE,
    MESSAGE_ECHO_REQUEST,
    MESSAGE_ECHO_REPLY,
    MESSAGE_NET_UNREACHABLE,
    MESSAGE_HOST_UNREACHABLE,
    MESSAGE_PROTOCOL_UNREACHABLE,
    MESSAGE_PORT_UNREACHABLE,
    MESSAGE_FRAGMENTATION_NEEDED, // IPv6: packet too big
    MESSAGE_UNREACHABLE,          // for another reason
    MESSAGE_TIME_EXCEEDED,
    MESSAGE_REDIRECT,
    MESSAGE_NEIGHBOUR_SOLICITATION,
    MESSAGE_NEIGHBOUR_ADVERTISEMENT,
    MESSAGE_OTHER,
    MESSAGE_COUNT
};

// Flags of TCP as they stand in the header (RFC 9293, 3.1).
enum {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
    TCP_ECE = 0x40,
    TCP_CWR = 0x80,
};

// What is remarkable about a packet; one each, the first that applies.
enum packet_note {
    NOTE_NONE,
    NOTE_RETRANSMISSION,
    NOTE_OUT_OF_ORDER,
    NOTE_DUPLICATE_ACK,
    NOTE_ZERO_WINDOW,
    NOTE_WINDOW_UPDATE,
    NOTE_WINDOW_PROBE,
    NOTE_KEEPALIVE,
    NOTE_COUNT,
};

// Why the kernel repeated a segment (Linux: TCPTimeouts, TCPLossProbes, TCPFastRetrans…).
enum retransmission_kind {
    KIND_NONE,
    KIND_RTO,
    KIND_TLP,
    KIND_FAST,
    KIND_SYN,
    KIND_PROBE,
    KIND_COUNT
};

// Where a packet without a cause came from.
// WIRE and SCENE: no kernel has sent it.
enum packet_origin {
    ORIGIN_NONE,
    ORIGIN_TIMER,
    ORIGIN_PROGRAM,
    ORIGIN_UNKNOWN,
    ORIGIN_WIRE,
    ORIGIN_SCENE,
    ORIGIN_COUNT
};

// Which addresses of a packet are not those that the connection's client goes by.
enum packet_rewritten {
    REWRITTEN_NONE,
    REWRITTEN_FROM,
    REWRITTEN_TO,
    REWRITTEN_BOTH,
    REWRITTEN_COUNT
};

enum packet_fate {
    FATE_ON_THE_WIRE,
    FATE_DELIVERED,
    FATE_DROPPED,
    FATE_HELD,
    FATE_ABSORBED,
    FATE_DUPLICATED, // arrived once more
    FATE_CORRUPTED,  // arrived with a wrong bit
    FATE_COUNT
};

// What a rule of a wire does with the packets that it is about; from RULE_MASQUERADE on, that of a
// router.
enum rule_action {
    RULE_DROP,
    RULE_DELAY,
    RULE_HOLD,
    RULE_DUPLICATE,
    RULE_CORRUPT,
    RULE_ON_PACKET, // what a function of the scene says
    RULE_CUT,
    RULE_FLAP, // cuts and mends by a clock
    RULE_MASQUERADE,
    RULE_PUBLISH,
    RULE_FORBID,
    RULE_COUNT,
};

enum actor_role { ROLE_MAIN, ROLE_SPAWNED, ROLE_HANDLER, ROLE_COUNT };
enum actor_ended { ENDED_NOT, ENDED_NORMAL, ENDED_ERROR, ENDED_STOPPED, ENDED_COUNT };

enum end_reason {
    REASON_FINISHED,    // all actors ended, wires quiet
    REASON_ERROR,       // main could not go on
    REASON_STUCK,       // everybody waits and nothing can happen
    REASON_TIME_LIMIT,  // scene { time_limit = … }
    REASON_INTERRUPTED, // the presenter ended it
    REASON_MACHINE,     // this machine could not make the network
    REASON_CRASHED,     // the stage process died; written by the front
    REASON_COUNT,
};

enum output_stream { OUTPUT_STDOUT, OUTPUT_STDERR, OUTPUT_COUNT };

enum late_what { LATE_RELEASE, LATE_LOOP, LATE_COUNT };

struct event_scene {
    struct span title, author, about, tags, format, engine, kernel;
    struct span script;  // file name
    struct span text;    // its source
    struct span params;  // pairs: name, value
    struct span sysctls; // pairs: pinned, where that is not the kernel's own default
    struct span started; // wall clock, RFC 3339, UTC
    uint64_t seed;
    uint32_t loopback; // 1: no wire could be had, hosts are addresses of lo
    uint32_t step;   // 1: packets waited for the presenter, and the kernel's timers were stretched
    int64_t pace_ns; // packets arrived so much apart; 0: as they came
};

struct event_source {
    struct span name, text;
};

struct event_param {
    struct span name, value;
    struct span choices; // texts, each ended by NUL
};

struct event_host {
    struct span name, sysctls; // sysctls: pairs
    struct span relay;         // the real address that it stands for; empty: none
    uint32_t router;           // 1: forwards what is not for itself
    uint32_t descriptors;      // it has numbers below this; 0: no limit of its own
};

struct event_link {
    struct span name, ends; // ends: struct interface_end[]
    struct span options;    // pairs: what else it does to packets, by the language's names
    int64_t delay_ns;       // one way
    uint32_t wire, mtu;
    uint32_t from;     // what stands here holds for what this host sends; 0: for all
    uint32_t shared;   // 1: a switch
    uint32_t loopback; // 1: of its one host; neither: a link between two
    uint32_t again;    // 1: this wire was described before, something changed
};

struct event_actor {
    struct span name;
    uint32_t role, ended;
};

struct event_say {
    struct span text;
};

struct event_cue {
    struct span text;
    uint32_t presented; // 1: waits for the presenter's key
    uint32_t pad;
};

struct event_key { // the presenter pressed; cause is the cue that waited
    struct span key;
    int64_t waited_ns;
};

struct event_print {
    struct span text;
};

struct event_busy { // an actor computes, from now on
    int64_t for_ns;
};

// One system call that was made and returned.
enum {
    CALL_PEEK = 1,   // asked for: MSG_PEEK
    CALL_CUT = 2,    // answered: MSG_TRUNC
    CALL_ERRORS = 4, // asked for: MSG_ERRQUEUE
};

struct event_call {
    uint32_t call;       // enum call
    int32_t fd;          // the host's own numbering, EVENT_NONE: none
    uint32_t sock, conn; // numbers of the scene, from 1; 0: none
    struct addr address; // bind, connect, sendto: the argument; accept: the peer; recvfrom: who
                         // sent it (of an error: who told)
    int64_t size;        // send, recv and their like: bytes asked for; EVENT_NONE elsewhere
    int64_t backlog;     // listen; EVENT_NONE elsewhere
    int64_t result;      // as the call returned it; fds in the host's numbering
    int64_t blocked_ns;  // how long the operation had waited; 0: not at all
    uint32_t error;      // errno, 0: none
    uint32_t how;        // shutdown: 1 SHUT_RD, 2 SHUT_WR, 3 SHUT_RDWR (0: no shutdown)
    uint32_t socket;     // socket: enum socket_kind
    uint32_t flags;      // recv, recvfrom: CALL_PEEK, CALL_CUT
    uint32_t count, pad; // poll, select: descriptors given; `watches` has the first of them
    struct span option;  // setsockopt, getsockopt, fcntl: name and value as text, "TCP_NODELAY 1";
                         // socket: the protocol of a raw one, "IPPROTO_ICMP"; recvfrom: the
                         // error that was queued, "EHOSTUNREACH time exceeded"
    struct span data;    // up to EVENT_PREVIEW bytes that were sent or received
    struct span carries; // recv: ids of the packets whose bytes it returned
    struct span watches; // struct watched[]: what poll, select, epoll_ctl were given
    struct span ready;   // struct watched[]: what poll, select, epoll_wait found
    struct span causes;  // ids of the packets that made those ready
    int64_t timeout_ns;  // poll, select, epoll_wait; EVENT_NONE: no limit (or another call)
    uint64_t
        repeat; // so many more such calls came right after one with the same outcome; 0: one call
};

// A socket call that could not return yet.
struct event_blocked {
    uint32_t call;
    int32_t fd;
    uint32_t sock, conn;
    struct addr address; // connect, sendto
    int64_t size;        // send: bytes left; recv: bytes asked for; EVENT_NONE elsewhere
    struct span watches; // as in a call, like those that follow
    int64_t timeout_ns;
    uint32_t count, pad;
};

// A frame entered a wire; `host` in the header is where it came out.
struct event_packet {
    uint32_t wire;
    uint32_t from, to; // hosts that have the IP addresses; 0: none has
    uint32_t protocols;
    uint32_t frame_len;                   // bytes of the whole frame
    uint32_t len;                         // bytes of payload behind TCP, UDP or ICMP
    struct addr from_address, to_address; // family 0 if it has no IP
    uint32_t conn;                        // 0: belongs to none
    uint32_t rewritten; // enum packet_rewritten: by a router that it has passed, or will pass
    uint32_t ttl;
    int32_t fragment;        // of a fragmented IP packet: offset of what this one has of it, in
                             // bytes; EVENT_NONE: it is whole
    uint32_t more_fragments; // 1: it is not the last
    uint32_t fragment_id;    // the same for all fragments of a packet
    // TCP; valid if protocols has PROTOCOL_TCP
    uint32_t flags;
    uint32_t seq, ack; // relative to the initial sequence numbers, as Wireshark counts
    uint32_t seq_raw, ack_raw;
    uint32_t window;                     // bytes, scaled where the scale is known
    uint32_t mss;                        // of the option; 0: not there
    int32_t window_scale;                // of the option, shift; EVENT_NONE: not there
    uint32_t sack_permitted, timestamps; // 1: the option is there
    uint32_t ts_value, ts_echo;          // of the timestamp option
    // ICMP; valid if protocols has PROTOCOL_ICMP or PROTOCOL_ICMPV6
    uint32_t icmp_type, icmp_code;
    uint32_t icmp;             // enum message
    int32_t icmp_id, icmp_seq; // of echo requests and replies; EVENT_NONE elsewhere
    uint32_t icmp_mtu;         // that was too small; 0: none is told
    uint32_t about_protocols;  // of the packet that an error is about
    struct addr about_from, about_to;
    uint32_t note, kind, origin;
    uint64_t of;         // the packet it repeats, or whose ACK it duplicates; 0: none
    struct span carries; // ids of the send calls whose bytes it holds
    struct span sack;    // ranges: left and right edges, relative
    struct span frame;   // the first bytes of the frame, up to the snap length
};

// What became of a packet; `host` in the header is where it arrived (0: nowhere).
struct event_arrive {
    uint64_t packet;
    uint32_t wire, fate;
    uint64_t rule;        // the `rule` event that made the rule which had a hand in it; 0: none
    uint32_t copies, pad; // of it, or of what it answers, that were absorbed while it was held
    struct span why;      // for a drop
};

// A rule of a wire was made, or has ended; or a router has one now, `host` in the header.
struct event_rule {
    uint32_t wire, action;
    uint32_t from;    // host whose packets it is about; 0: all
    uint32_t ended;   // 1: it holds no more
    uint64_t rule;    // ended: the event that made it
    uint64_t hits;    // ended: on how many packets it acted
    int64_t by_ns;    // delay: by so much
    struct span text; // which packets, in the scene's own words; empty: all
};

// A kernel socket changed its state.
struct event_state {
    uint32_t sock, conn; // sock 0: has no descriptor (not yet accepted, or closed)
    struct addr local, peer;
    uint32_t from, to;      // enum tcp_state
    int64_t recv_q, send_q; // EVENT_NONE: not asked; LISTEN: accept queue and its limit
    uint32_t timer;         // enum socket_timer
    uint32_t retransmits;   // how often that timer has run out in a row
    int64_t expires_ns;     // of the timer, from now; 0: none
    int64_t seen_ns;        // when it was noticed, if that was later than t; 0: at once
};

// What waits in a kernel socket, in the words of ss(8).
struct event_queue {
    uint32_t sock, conn; // sock 0: has no descriptor. LISTEN: conn met the full queue; 0: none did
    struct addr local, peer;
    uint32_t state;         // enum tcp_state
    uint32_t refused;       // LISTEN: enum refused
    int64_t recv_q, send_q; // bytes; LISTEN: accept queue and its limit
    uint32_t timer;         // enum socket_timer
    uint32_t retransmits;   // how often that timer has run out in a row
    int64_t expires_ns;     // of the timer, from now; 0: none
    uint32_t overflows; // TcpExtListenOverflows and TcpExtListenDrops since they were told last;
    uint32_t drops;     // with `refused`
};

// The kernel's figures of a connection, by the names of struct tcp_info (linux/tcp.h) and in its
// units: times in µs, the congestion window in segments.
struct event_tcp {
    uint32_t sock, conn; // sock 0: has no descriptor
    struct addr local, peer;
    uint32_t ca_state, retransmits, probes, backoff;
    uint32_t rto, ato, snd_mss, rcv_mss;
    uint32_t unacked, sacked, lost, retrans, total_retrans;
    uint32_t rtt, rttvar, min_rtt;
    uint32_t snd_cwnd, snd_ssthresh, snd_wnd;
    uint32_t rcv_ssthresh, rcv_space, reordering, notsent_bytes, pad;
    uint64_t pacing_rate, delivery_rate;              // bytes a second
    uint64_t busy_time, rwnd_limited, sndbuf_limited; // µs in all
};

// How many TCP sockets the host has in each state, when that has changed.
struct event_count {
    uint32_t states[STATE_COUNT]; // by enum tcp_state
};

// A real program began on a host, or ended; `cause` of its end is its beginning.
struct event_program {
    struct span program; // its name, unique in the scene: "curl", "curl#2"
    struct span command; // when it began: the whole command line
    struct span signal;  // what ended it, "SIGTERM"; empty: it ended by itself
    struct span why;     // when it could not even begin
    int64_t status;      // with which it ended; EVENT_NONE: it did not end by itself
    int64_t ran_ns;      // when it ended: how long it had run
    uint32_t ended;      // 1: it ended
    uint32_t cut;        // 1: it printed more than is kept
};

// A real program printed something; `cause` is its beginning.
struct event_output {
    struct span program, text;
    uint32_t stream, pad;
};

struct event_expect {
    struct span text, values; // values: pairs of a local's name and value, for a failed check
    uint32_t ok, pad;
};

struct event_error {
    struct span message, where; // where: traceback, lines
};

struct event_late { // the engine itself was late
    uint32_t what, pad;
    int64_t late_ns;
};

struct event_end {
    uint32_t ok, reason;
    uint32_t checks, failed, errors, packets;
    struct span message; // why, if not ok
};

struct event {
    uint32_t len;    // of the whole record in bytes, a multiple of 8
    uint16_t type;   // enum event_type
    uint16_t source; // file that `line` counts in: 0 the scene, n the n-th `source` event
    uint64_t id;     // rising, from 1
    int64_t t;       // ns since the scene began
    uint32_t host, actor;
    uint32_t line; // 0: none
    uint32_t pad;
    uint64_t cause; // id of the event that brought it about; 0: none
    uint64_t op;    // operation of the script: id of its `blocked` event; 0: none
    union event_body {
        struct event_scene scene;
        struct event_source source;
        struct event_param param;
        struct event_host host;
        struct event_link link;
        struct event_actor actor;
        struct event_say say;
        struct event_cue cue;
        struct event_key key;
        struct event_print print;
        struct event_busy busy;
        struct event_call call;
        struct event_blocked blocked;
        struct event_packet packet;
        struct event_arrive arrive;
        struct event_state state;
        struct event_program program;
        struct event_output output;
        struct event_queue queue;
        struct event_tcp tcp;
        struct event_count count;
        struct event_rule rule;
        struct event_expect expect;
        struct event_error error;
        struct event_late late;
        struct event_end end;
    } as;
};

// Starts a record of that type in `room` bytes at `at` (8-byte aligned): header and body zeroed,
// except that fields for which EVENT_NONE means absent hold that. `len` is set to the end of the
// body. NULL if the room is too small.
struct event *event_init(void *at, size_t room, enum event_type type);

// Puts bytes behind what the record has and points the span at them; cuts them if they go beyond
// `room`, the bytes that the record may have in all. `span` is a member of `e`, so the table knows
// what it holds: text is cut between letters, and its invalid bytes become U+FFFD; ids, ranges and
// ends are cut between elements.
void event_put(struct event *e, size_t room, struct span *span, const void *bytes, size_t len);
void event_put_text(struct event *e, size_t room, struct span *span, const char *text,
                    size_t len); // as text, whatever the table says
// The same for an empty span that holds no text, without looking into the table as long as there is
// room.
void event_put_plain(struct event *e, size_t room, struct span *span, const void *bytes,
                     size_t len);

// One more pair of name and value at the end of the record; call for one span without other puts
// between. The names of one span differ (JSON: keys of an object). A pair whose name has no room is
// left out, a long value cut.
void event_put_pair(struct event *e, size_t room, struct span *span, const char *name,
                    const char *value);

// One more text of a list of texts, in the same way; what has no room is cut or left out.
void event_put_item(struct event *e, size_t room, struct span *span, const char *text);

// The next pair of a span; start with *at = 0. False when there are no more.
bool event_pair(const struct event *e, struct span span, size_t *at, const char **name,
                const char **value);

// Bytes of a span.
static inline const char *event_bytes(const struct event *e, struct span span)
{
    return (const char *)e + span.off;
}

// Whether `len` bytes (8-byte aligned) hold a sound record at their start: sizes, type, spans,
// texts and enumerations. Nothing else in this room looks at a record that was not checked. Numbers
// of hosts, wires and actors may be of things that do not exist: the cast has no name for them.
int event_check(const void *bytes, size_t len, struct err *err);

const char *event_type_name(enum event_type type);
