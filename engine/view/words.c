// Implementation of words.h: times, addresses and calls.
#include "view/words.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "event/addr.h"
#include "event/fields.h"
#include "event/preview.h"
#include "event/watched.h"

const char *words_pick(const struct words *w, const char *english, const char *korean)
{
    return w->korean ? korean : english;
}

void words_duration(struct buf *out, int64_t ns)
{
    double ms = (double)ns / 1e6;
    if (ms < 9.995)
        buf_printf(out, ns % CLOCK_MS ? "%.2f\u00a0ms" : "%.0f\u00a0ms", ms);
    else if (ms < 99.95)
        buf_printf(out, ns % CLOCK_MS ? "%.1f\u00a0ms" : "%.0f\u00a0ms", ms);
    else if (ms < 999.5)
        buf_printf(out, "%.0f\u00a0ms", ms);
    else if (ms < 99995)
        buf_printf(out, ns % CLOCK_S ? "%.2f\u00a0s" : "%.0f\u00a0s", ms / 1e3);
    else
        buf_printf(out, "%.0f\u00a0s", ms / 1e3);
}

// Cut, not rounded, so that no row seems to come before the one above it.
void words_clock(struct buf *out, int64_t ns)
{
    if (ns < 0)
        ns = 0;
    if (ns < CLOCK_S)
        buf_printf(out, "%d.%d ms", (int)(ns / CLOCK_MS), (int)(ns / (CLOCK_MS / 10) % 10));
    else if (ns < 100 * CLOCK_S)
        buf_printf(out, "%d.%03d s", (int)(ns / CLOCK_S), (int)(ns / CLOCK_MS % 1000));
    else
        buf_printf(out, "%d.%d s", (int)(ns / CLOCK_S), (int)(ns / (CLOCK_S / 10) % 10));
}

void words_number(struct buf *out, uint64_t n)
{
    if (n >= 1000) {
        words_number(out, n / 1000);
        buf_printf(out, ",%03u", (unsigned)(n % 1000));
    } else {
        buf_printf(out, "%u", (unsigned)n);
    }
}

#define HTTP_COLUMNS 24 // of what an HTTP message is about

static bool is_any(const struct addr *a)
{
    static const uint8_t zero[16];
    return memcmp(a->bytes, zero, a->family == 4 ? 4 : 16) == 0;
}

void words_address(const struct words *w, struct buf *out, const struct addr *a)
{
    char text[ADDR_TEXT];
    if (a->family == 0)
        return;
    uint32_t host = cast_host_of(w->cast, a);
    if (!host && !is_any(a)) {
        buf_text(out, addr_text(a, text));
        return;
    }
    bool six = host && a->family == 6; // [b]:80, as addresses of IPv6 are written
    buf_text(out, six ? "[" : "");
    if (host)
        buf_text(out, cast_host(w->cast, host));
    buf_text(out, six ? "]" : "");
    if (a->port)
        buf_printf(out, ":%u", a->port);
    else if (!host)
        buf_text(out, ":*");
}

void words_data(struct buf *out, const char *bytes, size_t len, bool more)
{
    buf_byte(out, '"');
    preview_text(out, bytes, len);
    buf_text(out, more ? "…\"" : "\"");
}

void words_errno(struct buf *out, uint32_t number)
{
    const char *name = strerrorname_np((int)number);
    if (name)
        buf_text(out, name);
    else
        buf_printf(out, "errno %u", number);
}

bool words_call_failed(const struct event *e)
{
    uint32_t error = e->as.call.error;
    return error && error != EAGAIN && error != EINPROGRESS && error != EALREADY;
}

static void put_span(struct buf *out, const struct event *e, struct span span)
{
    buf_put(out, event_bytes(e, span), span.len);
}

#define WATCHED_MOST 4 // descriptors told one by one

// What poll and select wait on: the descriptors, or how many.
static void put_watches(const struct words *w, const struct event *e, struct span watches,
                        uint32_t count, struct buf *out)
{
    if (count <= WATCHED_MOST) {
        watched_put(out, e, watches, false, 0, WATCHED_MOST);
        return;
    }
    buf_text(out, words_pick(w, "", "소켓\u00a0"));
    words_number(out, count);
    buf_text(out, words_pick(w, "\u00a0sockets", "개"));
}

// "ADD 4 read"
static void put_control(const struct event *e, struct buf *out)
{
    static const char prefix[] = "EPOLL_CTL_";
    const struct event_call *c = &e->as.call;
    const char *name = event_bytes(e, c->option);
    size_t skip = sizeof prefix - 1;
    if (c->option.len < skip || memcmp(name, prefix, skip) != 0)
        skip = 0;
    if (c->option.len)
        buf_put(out, name + skip, c->option.len - skip);
    buf_text(out, "\u00a0");
    struct watched first = {0};
    if (watched_count(c->watches))
        memcpy(&first, event_bytes(e, c->watches), sizeof first);
    watched_put(out, e, c->watches, first.what != 0, 0, 1);
}

static void put_arguments(const struct words *w, const struct event *e, struct buf *out)
{
    const struct event_call *c = &e->as.call;
    static const char *const ways[] = {"", "SHUT_RD", "SHUT_WR", "SHUT_RDWR"};
    switch (c->call) {
    case CALL_BIND:
        words_address(w, out, &c->address);
        break;
    case CALL_CONNECT:
        if (c->blocked_ns == 0) // else said when it blocked
            words_address(w, out, &c->address);
        break;
    case CALL_SOCKET:
        if (c->socket > SOCKET_TCP) // a socket is one of TCP unless said otherwise
            buf_text(out, names_of_socket[c->socket]);
        buf_text(out, c->option.len ? ", " : "");
        put_span(out, e, c->option);
        break;
    case CALL_LISTEN:
        if (c->backlog != EVENT_NONE)
            buf_printf(out, "backlog %lld", (long long)c->backlog);
        break;
    case CALL_SEND:
    case CALL_SENDTO:
        if (c->size != EVENT_NONE)
            buf_printf(out, "%lld", (long long)c->size);
        buf_text(out, c->call == CALL_SENDTO ? ", " : "");
        words_address(w, out, &c->address);
        break;
    case CALL_RECV:
    case CALL_RECVFROM:
        if (c->flags & (CALL_PEEK | CALL_ERRORS))
            buf_text(out, names_of_message_flags[c->flags & (CALL_PEEK | CALL_ERRORS)]);
        break;
    case CALL_SHUTDOWN:
        buf_text(out, ways[c->how & 3]);
        break;
    case CALL_SETSOCKOPT:
    case CALL_GETSOCKOPT:
    case CALL_FCNTL:
        put_span(out, e, c->option);
        break;
    case CALL_POLL:
    case CALL_SELECT:
        if (c->blocked_ns == 0)
            put_watches(w, e, c->watches, c->count, out);
        break;
    case CALL_EPOLL_CTL:
        put_control(e, out);
        break;
    case CALL_CLOSE:
    case CALL_DUP:
    case CALL_EPOLL_WAIT:
        if (c->fd >= 0)
            buf_printf(out, "%d", c->fd);
        break;
    default:
        break;
    }
}

static bool returns_number(const struct event_call *c)
{
    switch (c->call) {
    case CALL_SOCKET:
    case CALL_ACCEPT:
    case CALL_RECV:
    case CALL_RECVFROM:
    case CALL_CONNECT:
    case CALL_DUP:
    case CALL_POLL:
    case CALL_SELECT:
    case CALL_EPOLL_CREATE1:
    case CALL_EPOLL_WAIT:
        return true;
    default:
        return false;
    }
}

static void put_result(const struct words *w, const struct event *e, struct buf *must,
                       struct buf *may)
{
    const struct event_call *c = &e->as.call;
    if (c->repeat > 1)
        buf_printf(must, "\u00a0%s%llu", w->unicode ? "×" : "x", (unsigned long long)c->repeat);
    if (c->error) {
        buf_printf(must, "\u00a0%s\u00a0", words_call_failed(e) ? (w->unicode ? "✗" : "X") : "=");
        words_errno(must, c->error);
        return;
    }
    bool sends = c->call == CALL_SEND || c->call == CALL_SENDTO;
    if (returns_number(c) || (sends && c->result != c->size))
        buf_printf(must, "\u00a0=\u00a0%lld", (long long)c->result);
    if (c->flags & CALL_CUT)
        buf_text(must, " MSG_TRUNC");
    if (c->flags & CALL_ERRORS) {
        buf_text(must, "  ");
        put_span(must, e, c->option);
    }
    if (c->ready.len) {
        buf_text(must, ": ");
        watched_put(must, e, c->ready, true, 0, WATCHED_MOST);
        if (watched_count(c->ready) > WATCHED_MOST)
            buf_text(must, ", …");
        watched_put(may, e, c->ready, true, WATCHED_MOST, SIZE_MAX / 2);
    }
    if ((c->call == CALL_ACCEPT || c->call == CALL_RECVFROM) && c->address.family) {
        buf_text(may, words_pick(w, "from ", ""));
        words_address(w, may, &c->address);
        buf_text(may, words_pick(w, "", "에서"));
    }
    if (c->call == CALL_RECV && c->result == 0 && c->conn) // a datagram may be empty
        buf_text(must, words_pick(w, " closed", " 닫힘"));
}

// The part of its first line that tells what an HTTP message is about, "GET /ping" or "200 OK"; 0
// if the data is none. `bytes` moves to it; `more` of them were not kept.
static size_t http_subject(const char **bytes, size_t len, bool more)
{
    static const char version[] = "HTTP/1.";
    const size_t n = sizeof version; // with the digit
    const char *end = memmem(*bytes, len, "\r\n", 2);
    size_t line = end ? (size_t)(end - *bytes) : len, word = 0;
    if (!end && !more)
        return 0;
    if (line > n + 1 && memcmp(*bytes, version, n - 1) == 0) {
        *bytes += n + 1;
        return line - n - 1;
    }
    while (word < line && (*bytes)[word] >= 'A' && (*bytes)[word] <= 'Z')
        word++;
    if (word == 0 || line - word < 2 || (*bytes)[word] != ' ')
        return 0;
    if (!end) // a long target, of which the version was not kept
        return (*bytes)[word + 1] == '/' ? line : 0;
    return line > word + n + 1 && memcmp(end - n, version, n - 1) == 0 ? line - n - 1 : 0;
}

static void put_http(const struct words *w, struct buf *out, const char *bytes, size_t len)
{
    bool cut = len > HTTP_COLUMNS;
    struct buf text = {0};
    preview_text(&text, bytes, cut ? HTTP_COLUMNS : len);
    buf_text(out, "  ");
    for (size_t i = 0; i < text.len; i++)
        buf_put(out, text.ptr[i] == ' ' ? "\u00a0" : text.ptr + i, text.ptr[i] == ' ' ? 2 : 1);
    if (cut)
        buf_text(out, w->unicode ? "…" : "...");
    buf_fini(&text);
}

void words_call(const struct words *w, const struct event *e, struct buf *must, struct buf *may)
{
    const struct event_call *c = &e->as.call;
    buf_printf(must, "%s(", names_of_call[c->call]);
    put_arguments(w, e, must);
    buf_byte(must, ')');
    put_result(w, e, must, may);
    if (c->blocked_ns > 0) {
        buf_text(must, words_pick(w, " after\u00a0", " "));
        words_duration(must, c->blocked_ns);
        buf_text(must, words_pick(w, "", "\u00a0뒤"));
    }
    if (c->error || c->data.len == 0)
        return;
    const char *bytes = event_bytes(e, c->data);
    bool more = (int64_t)c->data.len < c->result;
    size_t subject = w->brief ? http_subject(&bytes, c->data.len, more) : 0;
    if (subject) {
        put_http(w, must, bytes, subject);
        return;
    }
    if (may->len)
        buf_text(may, "  ");
    words_data(may, bytes, c->data.len, more);
}

void words_blocked(const struct words *w, const struct event *e, struct buf *must, struct buf *may)
{
    const struct event_blocked *b = &e->as.blocked;
    buf_printf(must, "%s(", names_of_call[b->call]);
    if (b->call == CALL_CONNECT)
        words_address(w, must, &b->address);
    if (b->call == CALL_POLL || b->call == CALL_SELECT)
        put_watches(w, e, b->watches, b->count, must);
    if (b->call == CALL_EPOLL_WAIT && b->fd >= 0)
        buf_printf(must, "%d", b->fd);
    buf_text(must, words_pick(w, ") blocks", ") 막힘"));
    if (b->timeout_ns >= 0) {
        buf_text(may, words_pick(w, "at most\u00a0", "최대\u00a0"));
        words_duration(may, b->timeout_ns);
    }
    if ((b->call == CALL_SEND || b->call == CALL_SENDTO) && b->size > 0) {
        words_number(may, (uint64_t)b->size);
        buf_text(may, words_pick(w, " bytes left", " 바이트 남음"));
    }
}

void words_rule(const struct words *w, const struct event *e, struct buf *out)
{
    static const char *const actions[RULE_COUNT][2] = {
        [RULE_DROP] = {"drop", "버림"},
        [RULE_DELAY] = {"delay", "늦춤"},
        [RULE_HOLD] = {"hold", "붙잡음"},
        [RULE_DUPLICATE] = {"duplicate", "두 번"},
        [RULE_CORRUPT] = {"corrupt", "손상"},
        [RULE_ON_PACKET] = {"on_packet", "on_packet"},
        [RULE_CUT] = {"cut", "끊음"},
        [RULE_FLAP] = {"flap", "끊었다 이음"},
        [RULE_MASQUERADE] = {"masquerade", "masquerade"},
        [RULE_PUBLISH] = {"publish", "publish"},
        [RULE_FORBID] = {"forbid", "막음"},
    };
    const struct event_rule *r = &e->as.rule;
    if (r->action == RULE_CUT && r->ended) {
        buf_text(out, words_pick(w, "mended", "다시 이음"));
        return;
    }
    buf_text(out, actions[r->action][w->korean]);
    if (r->by_ns) {
        buf_byte(out, ' ');
        words_duration(out, r->by_ns);
    }
    if (r->text.len) {
        buf_text(out, "  ");
        buf_put(out, event_bytes(e, r->text), r->text.len);
    }
    if (r->ended) {
        bool is_flap = r->action == RULE_FLAP;
        buf_text(out, words_pick(w, ": ended after ", ": 끝, "));
        words_number(out, r->hits);
        buf_text(out, words_pick(w, is_flap ? " cut" : " packet", is_flap ? "번" : "개"));
        buf_text(out, words_pick(w, r->hits == 1 ? "" : "s", ""));
    }
}

void words_busy(const struct words *w, const struct event *e, struct buf *out)
{
    buf_text(out, words_pick(w, "computes\u00a0", ""));
    words_duration(out, e->as.busy.for_ns);
    buf_text(out, words_pick(w, "", "\u00a0동안 계산"));
}

const char *words_state(uint32_t state)
{
    return state == STATE_NONE ? "CLOSE" : names_of_state[state];
}
