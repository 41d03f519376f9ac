// Bindings of sockets: data.
#include <errno.h>
#include <string.h>

#include "event/addr.h"
#include "event/fields.h"
#include "script/bind_call.h"
#include "script/fault.h"
#include "script/loop.h"
#include "script/play.h"

#define RECV_DEFAULT (64 * 1024)
#define LINE_CHUNK 4096
#define LINE_MAX_DEFAULT (1 << 20)
#define RECEIVE_MAX (64 << 20)
#define SCRATCH_MAX (128 * 1024) // kept when it is not needed

// A recv that returned 0: the peer's FIN, or what the kernel says after a reset was told once.
static int fail_at_end(lua_State *L, const struct sock *s)
{
    return s->reset ? bind_call_fail(L, s, CALL_RECV, ECONNRESET, NULL)
                    : bind_call_fail(L, s, CALL_RECV, 0, "closed");
}

// The argument's text; a number becomes its text here, once.
static const char *check_data(lua_State *L, int arg, const char *what, size_t *len)
{
    if (lua_type(L, arg) != LUA_TSTRING && lua_type(L, arg) != LUA_TNUMBER)
        fault_misuse(L, "%s takes text, got %s", what, luaL_typename(L, arg));
    return lua_tolstring(L, arg, len);
}

static int send_k(lua_State *L, int status, lua_KContext sent)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    size_t len;
    const char *bytes = lua_tolstring(L, 2, &len);
    int failed = bind_call_ended(L, s, CALL_SEND);
    struct actor *a = task_actor(L);
    if (failed && sent && s->fd >= 0 && task_of(L)->kernels_limit) {
        lua_pushinteger(L, sent); // with SO_SNDTIMEO, send(2) returns what it has taken
        return 1;
    }
    while (!failed && ((size_t)sent < len || len == 0)) {
        ssize_t n = sock_send(s, a, bytes + sent, len - (size_t)sent, NULL);
        if (n < 0 && bind_call_waits(L, s))
            return task_wait_sock(L, s, CALL_SEND, sent, send_k);
        if (n < 0)
            failed = bind_call_fail(L, s, CALL_SEND, errno, NULL);
        else
            sent += n;
        if (len == 0 || (s->nonblocking && !loop_serves(task_of(L), s))) // what one send(2) takes
            break;
    }
    lua_pushinteger(L, sent);
    return failed ? bind_give_way(L, failed + 1) : 1;
}

static int socket_send(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    lua_settop(L, 2);
    check_data(L, 2, "send", NULL);
    bind_call_start(L, s);
    return send_k(L, LUA_OK, 0);
}

// On the stack: 2 the address, 3 its port, 4 the data.
static int sendto_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    struct addr to;
    size_t len;
    const char *bytes = lua_tolstring(L, 4, &len);
    int failed = bind_call_ended(L, s, CALL_SENDTO);
    if (failed)
        return failed;
    addr_parse(lua_tostring(L, 2), &to);
    to.port = (uint16_t)lua_tointeger(L, 3);
    struct actor *a = task_actor(L);
    ssize_t n = sock_send(s, a, bytes, len, &to);
    if (n < 0 && bind_call_waits(L, s))
        return task_wait_sock(L, s, CALL_SENDTO, ctx, sendto_k);
    if (n < 0)
        return bind_give_way(L, bind_call_fail(L, s, CALL_SENDTO, errno, NULL));
    lua_pushinteger(L, n);
    return 1;
}

// sendto(socket, host, port, data); without a port where the protocol has none
static int socket_sendto(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    char text[ADDR_TEXT];
    struct addr to;
    if ((s->kind == SOCKET_ICMP || s->kind == SOCKET_RAW) && lua_gettop(L) == 3) {
        lua_pushinteger(L, 0);
        lua_insert(L, 3);
    }
    lua_settop(L, 4);
    bind_port(L, 3, "sendto");
    check_data(L, 4, "sendto", NULL);
    bind_reach(L, 2, s->host, &to);
    lua_pushstring(L, addr_text(&to, text));
    lua_replace(L, 2);
    bind_call_start(L, s);
    return sendto_k(L, LUA_OK, 0);
}

// What one recv(2), recvfrom(2) or look is asked: bits above the number of bytes.
enum { RECV_FROM = 1LL << 40, RECV_PEEK = 1LL << 41, RECV_SIZE = RECV_FROM - 1 };

// Where all sockets receive. One that has more than was asked for keeps it as its own, until that
// is taken: of thousands of sockets, most need none.
static struct buf scratch; // (owned)

static void take_scratch(struct sock *s)
{
    if (s->unread.cap)
        return;
    s->unread = scratch;
    scratch = (struct buf){0};
}

static void leave_scratch(struct sock *s)
{
    if (s->unread.len)
        return;
    if (scratch.cap || s->unread.cap > SCRATCH_MAX) {
        buf_fini(&s->unread);
        return;
    }
    scratch = s->unread;
    s->unread = (struct buf){0};
}

static void push_from(lua_State *L, const struct addr *from)
{
    struct addr address = *from;
    char text[ADDR_TEXT];
    address.port = 0;
    if (address.family)
        lua_pushstring(L, addr_text(&address, text));
    else
        lua_pushnil(L); // a stream's kernel does not say
    lua_pushinteger(L, from->port);
}

static int recv_k(lua_State *L, int status, lua_KContext asked)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    size_t max = (size_t)(asked & RECV_SIZE);
    struct sock_message m = {.call = asked & RECV_FROM ? CALL_RECVFROM : CALL_RECV,
                             .peek = asked & RECV_PEEK};
    int failed = bind_call_ended(L, s, m.call);
    if (failed)
        return failed;
    if (s->unread.len) { // `receive` has it already
        size_t len = s->unread.len < max ? s->unread.len : max;
        lua_pushlstring(L, s->unread.ptr, len);
        buf_drop(&s->unread, m.peek ? 0 : len);
        leave_scratch(s);
        return 1;
    }
    if (bind_call_waits_first(L, s))
        return task_wait_sock(L, s, m.call, asked, recv_k);
    struct actor *a = task_actor(L);
    ssize_t n = sock_recv(s, a, buf_room(&scratch, max), max, &m);
    if (n < 0 && bind_call_waits(L, s))
        return task_wait_sock(L, s, m.call, asked, recv_k);
    if (n < 0)
        return bind_give_way(L, bind_call_fail(L, s, m.call, errno, NULL));
    if (n == 0 && max && s->kind == SOCKET_TCP)
        return bind_give_way(L, fail_at_end(L, s));
    int top = lua_gettop(L);
    lua_pushlstring(L, n ? scratch.ptr : "", (size_t)n);
    if (m.call == CALL_RECVFROM)
        push_from(L, &m.from);
    if (m.cut)
        lua_pushstring(L, "truncated");
    return lua_gettop(L) - top;
}

static int start_recv(lua_State *L, lua_KContext how)
{
    struct sock *s = bind_check_open(L, 1);
    int64_t max = lua_isnoneornil(L, 2) ? RECV_DEFAULT : bind_size(L, 2, RECEIVE_MAX);
    bind_call_start(L, s);
    return recv_k(L, LUA_OK, max | how);
}

static int socket_recv(lua_State *L)
{
    return start_recv(L, 0);
}

static int socket_peek(lua_State *L)
{
    return start_recv(L, RECV_PEEK);
}

static int socket_recvfrom(lua_State *L)
{
    return start_recv(L, RECV_FROM);
}

// queued_error(socket) → code, what ICMP said (nil: this host found it itself), who told
static int socket_queued_error(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    struct sock_error told;
    char text[ADDR_TEXT];
    if (sock_queued_error(s, task_here(L), &told) != 0)
        return bind_give_way(L, bind_call_fail(L, s, CALL_RECVFROM, errno, NULL));
    told.by.port = 0;
    lua_pushstring(L, bind_code(L, told.error));
    lua_pushstring(L, told.message ? names_of_icmp[told.message] : NULL);
    lua_pushstring(L, told.by.family ? addr_text(&told.by, text) : NULL);
    return 3;
}

// One recv(2) that ends up behind s->unread. 1: done, 0: end of stream, -1: failed or must wait.
static int fill(struct sock *s, struct actor *a, size_t want)
{
    struct sock_message m = {.call = CALL_RECV};
    take_scratch(s);
    ssize_t n = sock_recv(s, a, buf_room(&s->unread, want), want, &m);
    if (n > 0)
        s->unread.len += (size_t)n;
    leave_scratch(s);
    return n > 0 ? 1 : (int)n;
}

enum receive_what { RECEIVE_LINE = -1, RECEIVE_ALL = -2 }; // else a number of bytes

// The most bytes of a line that are taken. What has come is searched anew with each recv(2), so
// that there is an end even where the script has said none.
static size_t line_limit(lua_State *L)
{
    return lua_isnoneornil(L, 3) ? LINE_MAX_DEFAULT : (size_t)lua_tointeger(L, 3);
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
    leave_scratch(s);
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
    int failed = bind_call_ended(L, s, CALL_RECV), got = 1;
    struct actor *a = task_actor(L);
    while (!failed && !take(L, s, what)) {
        if (s->unread.len > RECEIVE_MAX)
            return fault_misuse(L, "receive: more than %d MiB without an end", RECEIVE_MAX >> 20);
        if (what == RECEIVE_LINE && s->unread.len >= line_limit(L)) {
            failed = bind_call_fail(L, s, CALL_RECV, EMSGSIZE, NULL);
            break;
        }
        if (bind_call_waits_first(L, s))
            return task_wait_sock(L, s, CALL_RECV, what, receive_k);
        got = fill(s, a, receive_size(s, what));
        if (got < 0 && bind_call_waits(L, s))
            return task_wait_sock(L, s, CALL_RECV, what, receive_k);
        if (got == 0 && what == RECEIVE_ALL)
            break;
        if (got <= 0)
            failed = got ? bind_call_fail(L, s, CALL_RECV, errno, NULL) : fail_at_end(L, s);
    }
    if (!failed && got > 0)
        return 1;
    lua_pushlstring(L, s->unread.len ? s->unread.ptr : "", s->unread.len); // what came so far
    buf_reset(&s->unread);
    leave_scratch(s);
    return bind_give_way(L, failed + 1);
}

static int socket_receive(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    lua_KContext what;
    if (s->kind != SOCKET_TCP)
        return fault_misuse(L,
                            "receive gathers the bytes of a stream; a %s socket has recv and "
                            "recvfrom, which give one datagram",
                            names_of_socket[s->kind]);
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
    bind_call_start(L, s);
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
                return bind_call_fail(L, s, CALL_SHUTDOWN, errno, NULL);
            lua_pushboolean(L, 1);
            return 1;
        }
    return fault_misuse(L, "shutdown takes \"send\", \"receive\" or \"both\", not \"%s\"", word);
}

void bind_transfer(lua_State *L)
{
    static const luaL_Reg methods[] = {{"send", socket_send},
                                       {"sendto", socket_sendto},
                                       {"recv", socket_recv},
                                       {"recvfrom", socket_recvfrom},
                                       {"peek", socket_peek},
                                       {"queued_error", socket_queued_error},
                                       {"receive", socket_receive},
                                       {"shutdown", socket_shutdown},
                                       {NULL, NULL}};
    lua_getfield(L, -1, "Socket");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}
