// Bindings of sockets: data.
#include <errno.h>
#include <string.h>

#include "script/bind_call.h"
#include "script/fault.h"
#include "script/loop.h"
#include "script/play.h"

#define RECV_DEFAULT (64 * 1024)
#define LINE_CHUNK 4096
#define LINE_MAX_DEFAULT (1 << 20)
#define RECEIVE_MAX (64 << 20)
#define SPARE_MAX (128 * 1024)

// A recv that returned 0: the peer's FIN, or what the kernel says after a reset was told once.
static int fail_at_end(lua_State *L, const struct sock *s)
{
    return s->reset ? bind_call_fail(L, s, CALL_RECV, ECONNRESET, NULL)
                    : bind_call_fail(L, s, CALL_RECV, 0, "closed");
}

static int send_k(lua_State *L, int status, lua_KContext sent)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    size_t len;
    const char *bytes = lua_tolstring(L, 2, &len);
    int failed = bind_call_ended(L, s, CALL_SEND);
    struct actor *a = task_actor(L);
    while (!failed && ((size_t)sent < len || len == 0)) {
        ssize_t n = sock_send(s, a, bytes + sent, len - (size_t)sent);
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
    if (lua_type(L, 2) != LUA_TSTRING && lua_type(L, 2) != LUA_TNUMBER)
        return fault_misuse(L, "send takes text, got %s", luaL_typename(L, 2));
    lua_settop(L, 2);
    lua_tolstring(L, 2, NULL); // a number becomes its text here, once
    bind_call_start(L, s);
    return send_k(L, LUA_OK, 0);
}

// A socket has a buffer only while there is something in it: of thousands, most have nothing. The
// last one that was left goes to who reads next.
static struct buf spare; // (owned)

static void take_buffer(struct sock *s)
{
    if (s->unread.cap)
        return;
    s->unread = spare;
    spare = (struct buf){0};
}

static void leave_buffer(struct sock *s)
{
    if (s->unread.len)
        return;
    if (spare.cap || s->unread.cap > SPARE_MAX) {
        buf_fini(&s->unread);
        return;
    }
    spare = s->unread;
    s->unread = (struct buf){0};
}

// One recv(2) that ends up behind s->unread. 1: done, 0: end of stream, -1: failed or must wait.
static int fill(struct sock *s, struct actor *a, size_t want)
{
    take_buffer(s);
    ssize_t n = sock_recv(s, a, buf_room(&s->unread, want), want);
    if (n > 0)
        s->unread.len += (size_t)n;
    leave_buffer(s);
    return n > 0 ? 1 : (int)n;
}

static int recv_k(lua_State *L, int status, lua_KContext max)
{
    (void)status;
    struct sock *s = bind_check(L, 1, BIND_SOCKET);
    int failed = bind_call_ended(L, s, CALL_RECV);
    if (failed)
        return failed;
    struct actor *a = task_actor(L);
    if (!s->unread.len && bind_call_waits_first(L, s))
        return task_wait_sock(L, s, CALL_RECV, max, recv_k);
    int got = s->unread.len ? 1 : fill(s, a, (size_t)max);
    if (got < 0 && bind_call_waits(L, s))
        return task_wait_sock(L, s, CALL_RECV, max, recv_k);
    if (got < 0)
        return bind_give_way(L, bind_call_fail(L, s, CALL_RECV, errno, NULL));
    if (got == 0)
        return bind_give_way(L, fail_at_end(L, s));
    size_t n = s->unread.len < (size_t)max ? s->unread.len : (size_t)max;
    lua_pushlstring(L, s->unread.ptr, n);
    buf_drop(&s->unread, n);
    leave_buffer(s);
    return 1;
}

static int socket_recv(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    int64_t max = lua_isnoneornil(L, 2) ? RECV_DEFAULT : bind_size(L, 2, RECEIVE_MAX);
    bind_call_start(L, s);
    return recv_k(L, LUA_OK, max);
}

enum receive_what { RECEIVE_LINE = -1, RECEIVE_ALL = -2 }; // else a number of bytes

// The most bytes of a line that are taken. What has come is searched anew with each recv(2), so that
// there is an end even where the script has said none.
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
    leave_buffer(s);
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
    leave_buffer(s);
    return bind_give_way(L, failed + 1);
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
                                       {"recv", socket_recv},
                                       {"receive", socket_receive},
                                       {"shutdown", socket_shutdown},
                                       {NULL, NULL}};
    lua_getfield(L, -1, "Socket");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}
