// Bindings of sockets: connections and listeners, from socket(2) to close(2), and what they can be
// asked.
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "event/addr.h"
#include "event/fields.h"
#include "script/bind_call.h"
#include "script/fault.h"
#include "script/play.h"

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
        return bind_call_fail(L, s, CALL_BIND, errno, NULL);
    lua_pushboolean(L, 1);
    return 1;
}

static int sys_listen(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    if (sock_listen(s, task_here(L), (int)luaL_checkinteger(L, 2)) != 0)
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
    if (!made && bind_call_waits(a))
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
        return bind_fail(L, ETIMEDOUT, "timeout", text);
    }
    if (t->woke == WAIT_GONE || s->fd < 0)
        return bind_fail(L, EBADF, NULL, text);
    struct actor *a = task_actor(L);
    if (sock_connect(s, a, &to) == 0) {
        lua_pushboolean(L, 1);
        return 1;
    }
    if (bind_call_waits(a))
        return task_wait_sock(L, s, CALL_CONNECT, ctx, connect_k);
    return bind_fail(L, errno, NULL, text);
}

// connect(socket, address, port, name of the host for messages, limit or nil)
static int sys_connect(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    lua_settop(L, 5);
    int64_t deadline = bind_opt_deadline(L, 5);
    bind_call_start(L, s)->deadline_ns = deadline;
    return connect_k(L, LUA_OK, 0);
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
