// Bindings of sockets: the calls of connections and listeners.
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "event/addr.h"
#include "event/fields.h"
#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"

#define RECV_DEFAULT (64 * 1024)
#define LINE_CHUNK 4096
#define RECEIVE_MAX (64 << 20)

// What an operation on this socket is about, for messages: "connect to 10.1.0.1:8080".
static const char *describe(const struct sock *s, const char *call, char text[120])
{
    char peer[ADDR_TEXT];
    const char *to = s->conn ? addr_text(&s->conn->end[!s->side].address, peer) : "";
    snprintf(text, 120, "%s%s%s", call, *to ? " with " : "", to);
    return text;
}

static int all_results(lua_State *L, int status, lua_KContext results)
{
    (void)L, (void)status;
    return (int)results;
}

static int fail(lua_State *L, const struct sock *s, enum call call, int error, const char *code)
{
    char text[120];
    return bind_fail(L, error, code, describe(s, names_of_call[call], text));
}

// A recv that returned 0: the peer's FIN, or what the kernel says after a reset was told once.
static int fail_at_end(lua_State *L, const struct sock *s)
{
    return s->reset ? fail(L, s, CALL_RECV, ECONNRESET, NULL) : fail(L, s, CALL_RECV, 0, "closed");
}

// The same for what a loop may ask again and again: it lets the loop of the stage turn, so that it
// cannot hang the scene.
static int fail_and_give_way(lua_State *L, int results)
{
    return task_give_way(L, results, all_results);
}

// Each operation of the script begins here: its limit starts to run.
static struct task *start(lua_State *L, const struct sock *s)
{
    struct task *t = task_of(L);
    t->deadline_ns = s->timeout_ns ? clock_now() + s->timeout_ns : WAIT_FOREVER;
    t->actor.op = (struct actor_op){0};
    t->woke = WAIT_READY;
    return t;
}

// After a wait: whether the operation is over because of it. Pushes the outcome.
static int wait_failed(lua_State *L, struct sock *s, enum call call)
{
    struct task *t = task_of(L);
    if (t->woke == WAIT_GONE || s->fd < 0)
        return fail(L, s, call, EBADF, NULL);
    if (t->woke == WAIT_TIMEOUT) {
        sock_give_up(s, task_here(L), call);
        return fail(L, s, call, ETIMEDOUT, "timeout");
    }
    return 0;
}

static bool must_wait(const struct actor *a)
{
    return errno == EAGAIN && a->op.waiting;
}

static int sys_socket(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    bind_need_network(L);
    struct sock *s = sock_open(h, task_here(L));
    if (!s)
        return bind_fail(L, errno, NULL, "socket");
    bind_push(L, BIND_SOCKET, s);
    return 1;
}

// bind(socket, address of the host or "", port)
static int sys_bind(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    struct addr to = {.family = 4};
    if (*luaL_checkstring(L, 2) && addr_parse(lua_tostring(L, 2), &to) != 0)
        return fault_misuse(L, "\"%s\" is no address", lua_tostring(L, 2));
    to.port = (uint16_t)luaL_checkinteger(L, 3);
    if (sock_bind(s, task_here(L), &to) != 0)
        return fail(L, s, CALL_BIND, errno, NULL);
    lua_pushboolean(L, 1);
    return 1;
}

static int sys_listen(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    if (sock_listen(s, task_here(L), (int)luaL_checkinteger(L, 2)) != 0)
        return fail(L, s, CALL_LISTEN, errno, NULL);
    lua_pushboolean(L, 1);
    return 1;
}

static int accept_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    int failed = wait_failed(L, s, CALL_ACCEPT);
    if (failed)
        return failed;
    struct actor *a = task_here(L);
    struct sock *made = sock_accept(s, a);
    if (!made && must_wait(a))
        return task_wait_sock(L, s, CALL_ACCEPT, ctx, accept_k);
    if (!made)
        return fail_and_give_way(L, fail(L, s, CALL_ACCEPT, errno, NULL));
    bind_push(L, BIND_SOCKET, made);
    return 1;
}

static int socket_accept(lua_State *L)
{
    start(L, bind_check_open(L, 1));
    return accept_k(L, LUA_OK, 0);
}

static void connect_address(lua_State *L, struct addr *to)
{
    if (addr_parse(luaL_checkstring(L, 2), to) != 0)
        fault_misuse(L, "\"%s\" is no address", lua_tostring(L, 2));
    to->port = (uint16_t)luaL_checkinteger(L, 3);
}

static int connect_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    struct addr to;
    char text[120];
    connect_address(L, &to);
    snprintf(text, sizeof text, "connect to %s:%u", luaL_checkstring(L, 4), to.port);
    struct task *t = task_of(L);
    if (t->woke == WAIT_TIMEOUT) {
        sock_give_up(s, task_here(L), CALL_CONNECT);
        return bind_fail(L, ETIMEDOUT, "timeout", text);
    }
    if (t->woke == WAIT_GONE || s->fd < 0)
        return bind_fail(L, EBADF, NULL, text);
    struct actor *a = task_here(L);
    if (sock_connect(s, a, &to) == 0) {
        lua_pushboolean(L, 1);
        return 1;
    }
    if (must_wait(a))
        return task_wait_sock(L, s, CALL_CONNECT, ctx, connect_k);
    return bind_fail(L, errno, NULL, text);
}

// connect(socket, address, port, name of the host for messages, limit or nil)
static int sys_connect(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    lua_settop(L, 5);
    int64_t deadline = bind_opt_deadline(L, 5);
    start(L, s)->deadline_ns = deadline;
    return connect_k(L, LUA_OK, 0);
}

static int send_k(lua_State *L, int status, lua_KContext sent)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    size_t len;
    const char *bytes = lua_tolstring(L, 2, &len);
    int failed = wait_failed(L, s, CALL_SEND);
    struct actor *a = task_here(L);
    while (!failed && ((size_t)sent < len || len == 0)) {
        ssize_t n = sock_send(s, a, bytes + sent, len - (size_t)sent);
        if (n < 0 && must_wait(a))
            return task_wait_sock(L, s, CALL_SEND, sent, send_k);
        if (n < 0)
            failed = fail(L, s, CALL_SEND, errno, NULL);
        else
            sent += n;
        if (len == 0)
            break;
    }
    lua_pushinteger(L, sent);
    return failed ? fail_and_give_way(L, failed + 1) : 1;
}

static int socket_send(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    if (lua_type(L, 2) != LUA_TSTRING && lua_type(L, 2) != LUA_TNUMBER)
        return fault_misuse(L, "send takes text, got %s", luaL_typename(L, 2));
    lua_settop(L, 2);
    lua_tolstring(L, 2, NULL); // a number becomes its text here, once
    start(L, s);
    return send_k(L, LUA_OK, 0);
}

// One recv(2) that ends up behind s->unread. 1: done, 0: end of stream, -1: failed or must wait.
static int fill(struct sock *s, struct actor *a, size_t want)
{
    ssize_t n = sock_recv(s, a, buf_room(&s->unread, want), want);
    if (n > 0)
        s->unread.len += (size_t)n;
    return n > 0 ? 1 : (int)n;
}

static int recv_k(lua_State *L, int status, lua_KContext max)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    int failed = wait_failed(L, s, CALL_RECV);
    if (failed)
        return failed;
    struct actor *a = task_here(L);
    int got = s->unread.len ? 1 : fill(s, a, (size_t)max);
    if (got < 0 && must_wait(a))
        return task_wait_sock(L, s, CALL_RECV, max, recv_k);
    if (got < 0)
        return fail_and_give_way(L, fail(L, s, CALL_RECV, errno, NULL));
    if (got == 0)
        return fail_and_give_way(L, fail_at_end(L, s));
    size_t n = s->unread.len < (size_t)max ? s->unread.len : (size_t)max;
    lua_pushlstring(L, s->unread.ptr, n);
    buf_drop(&s->unread, n);
    return 1;
}

static int socket_recv(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    int64_t max = lua_isnoneornil(L, 2) ? RECV_DEFAULT : bind_size(L, 2, RECEIVE_MAX);
    start(L, s);
    return recv_k(L, LUA_OK, max);
}

enum receive_what { RECEIVE_LINE = -1, RECEIVE_ALL = -2 }; // else a number of bytes

// The most bytes of a line that are taken: what the script has said, or what there is room for.
static size_t line_limit(lua_State *L)
{
    return lua_isnoneornil(L, 3) ? RECEIVE_MAX : (size_t)lua_tointeger(L, 3);
}

// Gives what stands in front of s->unread, if that is what was asked for. `skip`: bytes behind it,
// not given.
static bool take(lua_State *L, struct sock *s, lua_KContext what)
{
    size_t len = (size_t)what, skip = 0;
    if (what == RECEIVE_ALL)
        return false;
    if (what == RECEIVE_LINE) {
        size_t most = line_limit(L), there = s->unread.len < most ? s->unread.len : most;
        const char *end = there ? memchr(s->unread.ptr, '\n', there) : NULL;
        if (!end)
            return false;
        len = (size_t)(end - s->unread.ptr);
        skip = 1;
    } else if (s->unread.len < len) {
        return false;
    }
    lua_pushlstring(L, s->unread.len ? s->unread.ptr : "", len);
    buf_drop(&s->unread, len + skip);
    return true;
}

static size_t receive_size(const struct sock *s, lua_KContext what)
{
    if (what == RECEIVE_LINE)
        return LINE_CHUNK;
    size_t left = what == RECEIVE_ALL ? RECV_DEFAULT : (size_t)what - s->unread.len;
    return left < RECV_DEFAULT ? left : RECV_DEFAULT;
}

static int receive_k(lua_State *L, int status, lua_KContext what)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    int failed = wait_failed(L, s, CALL_RECV), got = 1;
    struct actor *a = task_here(L);
    while (!failed && !take(L, s, what)) {
        if (s->unread.len > RECEIVE_MAX)
            return fault_misuse(L, "receive: more than %d MiB without an end", RECEIVE_MAX >> 20);
        if (what == RECEIVE_LINE && s->unread.len >= line_limit(L)) {
            failed = fail(L, s, CALL_RECV, EMSGSIZE, NULL);
            break;
        }
        got = fill(s, a, receive_size(s, what));
        if (got < 0 && must_wait(a))
            return task_wait_sock(L, s, CALL_RECV, what, receive_k);
        if (got == 0 && what == RECEIVE_ALL)
            break;
        if (got <= 0)
            failed = got ? fail(L, s, CALL_RECV, errno, NULL) : fail_at_end(L, s);
    }
    if (!failed && got > 0)
        return 1;
    lua_pushlstring(L, s->unread.len ? s->unread.ptr : "", s->unread.len); // what came so far
    buf_reset(&s->unread);
    return fail_and_give_way(L, failed + 1);
}

static int socket_receive(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    lua_KContext what;
    const char *word = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(word, "line") == 0)
        what = RECEIVE_LINE;
    else if (strcmp(word, "all") == 0)
        what = RECEIVE_ALL;
    else if (lua_isnoneornil(L, 2) || (*word && (*word < '0' || *word > '9')))
        return fault_misuse(L, "receive takes a number of bytes, \"line\" or \"all\"");
    else
        what = bind_size(L, 2, RECEIVE_MAX);
    lua_settop(L, 3);
    if (!lua_isnil(L, 3)) {
        if (what != RECEIVE_LINE)
            return fault_misuse(L, "receive: a limit goes with \"line\" only");
        lua_pushinteger(L, bind_size(L, 3, RECEIVE_MAX));
        lua_replace(L, 3);
    }
    start(L, s);
    return receive_k(L, LUA_OK, what);
}

static int socket_shutdown(lua_State *L)
{
    static const char *const names[] = {"receive", "send", "both", NULL};
    struct sock *s = bind_check_open(L, 1);
    const char *word = lua_isnoneornil(L, 2)           ? "both"
                       : lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2)
                                                       : luaL_typename(L, 2);
    for (int how = 0; names[how]; how++)
        if (strcmp(word, names[how]) == 0) {
            if (sock_shutdown(s, task_here(L), how) != 0)
                return fail(L, s, CALL_SHUTDOWN, errno, NULL);
            lua_pushboolean(L, 1);
            return 1;
        }
    return fault_misuse(L, "shutdown takes \"send\", \"receive\" or \"both\", not \"%s\"", word);
}

// Closing twice does nothing, so that `<close>` and close() go together.
static int socket_close(lua_State *L)
{
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    if (s->fd >= 0)
        sock_close(s, task_here(L));
    return 0;
}

static int socket_abort(lua_State *L)
{
    sock_abort(bind_check_open(L, 1), task_here(L));
    return 0;
}

static int socket_timeout(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    s->timeout_ns = lua_isnoneornil(L, 2) ? 0 : bind_time(L, 2);
    return 0;
}

static int socket_state(lua_State *L)
{
    lua_pushstring(L, names_of_state[sock_state(bind_check(L, 1, BIND_SOCKET))]);
    return 1;
}

static int socket_queues(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    int64_t recv_q, send_q;
    if (sock_queues(s, &recv_q, &send_q) != 0)
        return bind_fail(L, errno, NULL, "queues");
    lua_pushinteger(L, recv_q);
    lua_pushinteger(L, send_q);
    return 2;
}

static int socket_info(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    struct tcp_info i;
    if (sock_info(s, &i) != 0)
        return bind_fail(L, errno, NULL, "info");
    lua_newtable(L);
    // clang-format off
#define FIELD(name) (lua_pushinteger(L, (lua_Integer)i.tcpi_##name), lua_setfield(L, -2, #name))
    FIELD(ca_state), FIELD(retransmits), FIELD(probes), FIELD(backoff), FIELD(options), FIELD(snd_wscale);
    FIELD(rcv_wscale), FIELD(rto), FIELD(ato), FIELD(snd_mss), FIELD(rcv_mss), FIELD(unacked), FIELD(sacked);
    FIELD(lost), FIELD(retrans), FIELD(fackets), FIELD(last_data_sent), FIELD(last_data_recv), FIELD(last_ack_recv);
    FIELD(pmtu), FIELD(rcv_ssthresh), FIELD(rtt), FIELD(rttvar), FIELD(snd_ssthresh), FIELD(snd_cwnd), FIELD(advmss);
    FIELD(reordering), FIELD(rcv_rtt), FIELD(rcv_space), FIELD(total_retrans);
#undef FIELD
    // clang-format on
    lua_pushstring(L, names_of_state[i.tcpi_state < STATE_COUNT ? i.tcpi_state : STATE_CLOSE]);
    lua_setfield(L, -2, "state");
    return 1;
}

static int socket_fd(lua_State *L)
{
    lua_pushinteger(L, bind_check_open(L, 1)->shown_fd);
    return 1;
}

static int address(lua_State *L, bool peer)
{
    struct sock *s = bind_check_open(L, 1);
    struct addr a;
    char text[ADDR_TEXT];
    if (sock_address(s, peer, &a) != 0)
        return bind_fail(L, errno, NULL, peer ? "peer_address" : "local_address");
    lua_Integer port = a.port;
    a.port = 0;
    lua_pushstring(L, addr_text(&a, text));
    lua_pushinteger(L, port);
    return 2;
}

static int socket_local_address(lua_State *L)
{
    return address(L, false);
}

static int socket_peer_address(lua_State *L)
{
    return address(L, true);
}

static int socket_gc(lua_State *L)
{
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    if (s->fd < 0) // an open one lives on: collecting garbage never sends a FIN
        sock_free(s);
    return 0;
}

static int socket_tostring(lua_State *L)
{
    const struct sock *s = bind_check(L, 1, BIND_SOCKET);
    lua_pushfstring(L, "socket %d of %s%s", s->shown_fd, s->host->name,
                    s->fd < 0 ? " (closed)" : "");
    return 1;
}

void bind_conn(lua_State *L)
{
    static const luaL_Reg sys[] = {{"socket", sys_socket},
                                   {"bind", sys_bind},
                                   {"listen", sys_listen},
                                   {"connect", sys_connect},
                                   {NULL, NULL}};
    static const luaL_Reg methods[] = {{"accept", socket_accept},
                                       {"send", socket_send},
                                       {"recv", socket_recv},
                                       {"receive", socket_receive},
                                       {"shutdown", socket_shutdown},
                                       {"close", socket_close},
                                       {"abort", socket_abort},
                                       {"timeout", socket_timeout},
                                       {"state", socket_state},
                                       {"queues", socket_queues},
                                       {"info", socket_info},
                                       {"fd", socket_fd},
                                       {"local_address", socket_local_address},
                                       {"peer_address", socket_peer_address},
                                       {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__gc", socket_gc},
                                    {"__close", socket_close},
                                    {"__tostring", socket_tostring},
                                    {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    bind_new_type(L, BIND_SOCKET, methods, meta);
}
