// Bindings of sockets: connections and listeners, from socket(2) to close(2), and what they can be
// asked.
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "event/addr.h"
#include "event/fields.h"
#include "script/bind_call.h"
#include "script/fault.h"
#include "script/meaning.h"
#include "script/play.h"

#define BACKLOG_DEFAULT 128

static enum socket_kind check_kind(lua_State *L, int arg)
{
    const char *word =
        lua_type(L, arg) == LUA_TSTRING ? lua_tostring(L, arg) : luaL_typename(L, arg);
    for (enum socket_kind kind = SOCKET_TCP; kind < SOCKET_COUNT; kind++)
        if (strcmp(names_of_socket[kind], word) == 0)
            return kind;
    return (enum socket_kind)fault_misuse(
        L, "socket takes \"tcp\", \"udp\", \"icmp\", \"icmpv6\" or \"raw\", not %s", word);
}

// The protocol of a raw socket: "icmp", "tcp", "udp" or its number; ICMP unless told.
static int check_protocol(lua_State *L, int arg)
{
    static const struct {
        const char *name;
        int number;
    } known[] = {{"icmp", IPPROTO_ICMP}, {"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}};
    if (lua_isnoneornil(L, arg))
        return IPPROTO_ICMP;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (lua_type(L, arg) == LUA_TSTRING && strcmp(known[i].name, lua_tostring(L, arg)) == 0)
            return known[i].number;
    lua_Integer number = lua_isinteger(L, arg) ? lua_tointeger(L, arg) : -1;
    if (number < 1 || number > 255)
        fault_misuse(L,
                     "a raw socket takes \"icmp\", \"tcp\", \"udp\" or the number of a protocol, "
                     "1 to 255");
    return (int)number;
}

// socket(host, kind, protocol of a raw one or nil)
static int sys_socket(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    bind_check_may_call(L);
    enum socket_kind kind = check_kind(L, 2);
    int protocol = kind == SOCKET_RAW ? check_protocol(L, 3) : 0;
    if (kind != SOCKET_RAW && !lua_isnoneornil(L, 3))
        return fault_misuse(L, "only a raw socket is told a protocol");
    bind_need_network(L);
    if (kind == SOCKET_RAW && h->stage->loopback)
        return fault_misuse(L, "raw sockets need the wire, which this machine refuses; wirescene "
                               "doctor says what helps");
    struct sock *s = sock_open(h, task_here(L), kind, protocol);
    if (!s)
        return bind_fail_saying(L, bind_code(L, errno), "socket",
                                meaning_of(kind, CALL_SOCKET, errno, NULL));
    bind_push(L, BIND_SOCKET, s);
    return 1;
}

// bind(socket, [own address or host,] port)
static int socket_bind(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    struct addr to = {.family = 4};
    bool any = lua_gettop(L) < 3;
    uint16_t port = bind_port(L, any ? 2 : 3, "bind");
    if (!any && !(lua_type(L, 2) == LUA_TSTRING && addr_parse(lua_tostring(L, 2), &to) == 0))
        bind_reach(L, 2, s->host, &to);
    to.port = port;
    if (sock_bind(s, task_here(L), &to) != 0)
        return bind_call_fail(L, s, CALL_BIND, errno, NULL);
    lua_pushboolean(L, 1);
    return 1;
}

static int socket_listen(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    lua_Integer backlog = lua_isnoneornil(L, 2) ? BACKLOG_DEFAULT
                          : lua_isinteger(L, 2) ? lua_tointeger(L, 2)
                                                : INT64_MAX;
    if (backlog < INT_MIN || backlog > INT_MAX)
        return fault_misuse(L, "listen: a backlog is a whole number, not %s",
                            luaL_tolstring(L, 2, NULL));
    if (sock_listen(s, task_here(L), (int)backlog) != 0)
        return bind_call_fail(L, s, CALL_LISTEN, errno, NULL);
    lua_pushboolean(L, 1);
    return 1;
}

static int accept_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    int failed = bind_call_ended(L, s, CALL_ACCEPT);
    if (failed)
        return failed;
    struct actor *a = task_actor(L);
    struct sock *made = sock_accept(s, a);
    if (!made && bind_call_waits(L, s))
        return task_wait_sock(L, s, CALL_ACCEPT, ctx, accept_k);
    if (!made)
        return bind_give_way(L, bind_call_fail(L, s, CALL_ACCEPT, errno, NULL));
    bind_push(L, BIND_SOCKET, made);
    return 1;
}

static int socket_accept(lua_State *L)
{
    bind_call_start(L, bind_check_open(L, 1));
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
        sock_give_up(s, task_actor(L), CALL_CONNECT);
        return t->kernels_limit ? bind_fail(L, CALL_CONNECT, t->actor.op.error, NULL, text)
                                : bind_fail(L, CALL_CONNECT, ETIMEDOUT, "timeout", text);
    }
    if (t->woke == WAIT_GONE || s->fd < 0)
        return bind_fail(L, CALL_CONNECT, EBADF, NULL, text);
    struct actor *a = task_actor(L);
    if (sock_connect(s, a, &to) == 0) {
        lua_pushboolean(L, 1);
        return 1;
    }
    if (bind_call_waits(L, s))
        return task_wait_sock(L, s, CALL_CONNECT, ctx, connect_k);
    return bind_fail(L, CALL_CONNECT, errno, NULL, text);
}

// connect(socket, address, port, name of the host for messages, limit or nil)
static int sys_connect(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    lua_settop(L, 5);
    int64_t deadline = bind_opt_deadline(L, 5);
    struct task *t = bind_call_start(L, s);
    if (deadline < t->deadline_ns)
        t->deadline_ns = deadline;
    return connect_k(L, LUA_OK, 0);
}

static int close_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    sock_closed(bind_check(L, 1, BIND_SOCKET), task_actor(L)); // whatever has ended the wait
    lua_pushboolean(L, 1);
    return 1;
}

// Closing twice does nothing, so that `<close>` and close() go together.
static int socket_close(lua_State *L)
{
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    bind_check_may_call(L);
    lua_settop(L, 1);
    if (s->fd >= 0) {
        bind_call_start(L, s)->deadline_ns = WAIT_FOREVER;
        if (sock_close(s, task_here(L), lua_isyieldable(L)) != 0)
            return task_wait_sock(L, s, CALL_CLOSE, 0, close_k);
    }
    lua_pushboolean(L, 1);
    return 1;
}

// At the end of a block, which never waits.
static int socket_leave(lua_State *L)
{
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    bind_check_may_call(L);
    if (s->fd >= 0)
        sock_close(s, task_here(L), false);
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
        return bind_fail(L, CALL_NONE, errno, NULL, "queues");
    lua_pushinteger(L, recv_q);
    lua_pushinteger(L, send_q);
    return 2;
}

static int socket_info(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    struct tcp_info i;
    if (sock_info(s, &i) != 0)
        return bind_fail(L, CALL_NONE, errno, NULL, "info");
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

// host_of(socket)
static int sys_host_of(lua_State *L)
{
    bind_push_host(L, ((struct sock *)bind_check(L, 1, BIND_SOCKET))->host);
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
        return bind_fail(L, CALL_NONE, errno, NULL, peer ? "peer_address" : "local_address");
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
    static const luaL_Reg sys[] = {
        {"socket", sys_socket}, {"connect", sys_connect}, {"host_of", sys_host_of}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"bind", socket_bind},
                                       {"listen", socket_listen},
                                       {"accept", socket_accept},
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
                                    {"__close", socket_leave},
                                    {"__tostring", socket_tostring},
                                    {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    bind_new_type(L, BIND_SOCKET, methods, meta);
}
