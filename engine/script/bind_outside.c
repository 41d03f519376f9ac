// Bindings of the way out: what goes to a real address, through the front.
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"

#define CHANNEL "wirescene.channel"
#define PACKET 16384 // as the front's end has it (command/gate.h)

// To the front, which carries it on; part of its userdata.
struct channel {
    struct ready_source source;
    int fd; // -1: closed
};

static struct channel *check(lua_State *L)
{
    return luaL_checkudata(L, 1, CHANNEL);
}

static void close_channel(lua_State *L, struct channel *c)
{
    if (c->fd < 0)
        return;
    ready_source_gone(&c->source);
    close(c->fd);
    c->fd = -1;
    bind_play(L)->channels--;
}

static int dialled_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct play *p = bind_play(L);
    struct control_message *m = p->message;
    if (m->number != (uint32_t)ctx)
        return task_wait_source(L, &p->answer, "the front", WAIT_FOREVER, ctx, dialled_k);
    int fd = m->type == CONTROL_GRANTED ? control_take_fd(m, 0) : -1;
    if (fd < 0) {
        lua_pushnil(L);
        lua_pushlstring(L, m->bytes, m->len);
        return 2;
    }
    struct channel *c = lua_newuserdatauv(L, sizeof *c, 0);
    ready_source_init(&c->source);
    c->fd = fd;
    p->channels++;
    luaL_setmetatable(L, CHANNEL);
    return 1;
}

// dial("HOST:PORT") → a channel, whose first packet tells how it went; nil and why not
static int sys_dial(lua_State *L)
{
    struct play *p = bind_play(L);
    size_t len;
    const char *address = luaL_checklstring(L, 1, &len);
    task_may_wait(L);
    if (control_post(p->request->control, CONTROL_DIAL, ++p->questions, address, len, NULL, 0) != 0)
        return fault_misuse(L, "relay: cannot ask for %s", address);
    return task_wait_source(L, &p->answer, "the front", WAIT_FOREVER, p->questions, dialled_k);
}

static int read_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    struct channel *c = check(L);
    char bytes[PACKET];
    ssize_t n = c->fd < 0 ? 0 : recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return task_wait_fd(L, &c->source, c->fd, WAIT_READ, "relay", 0, read_k);
    if (n <= 0)
        return 0;
    lua_pushlstring(L, bytes, (size_t)n);
    return 1;
}

// read() → the next bytes; nothing at their end
static int channel_read(lua_State *L)
{
    return read_k(L, LUA_OK, 0);
}

static int write_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct channel *c = check(L);
    size_t len, done = (size_t)ctx;
    const char *bytes = luaL_checklstring(L, 2, &len);
    while (c->fd >= 0 && done < len) {
        size_t part = len - done < PACKET ? len - done : PACKET;
        ssize_t n = send(c->fd, bytes + done, part, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return task_wait_fd(L, &c->source, c->fd, WAIT_WRITE, "relay", (lua_KContext)done,
                                write_k);
        if (n < 0)
            return 0;
        done += (size_t)n;
    }
    lua_pushboolean(L, done == len);
    return 1;
}

// write(bytes) → true when all of them are on their way
static int channel_write(lua_State *L)
{
    return write_k(L, LUA_OK, 0);
}

// finish(): no more will be written
static int channel_finish(lua_State *L)
{
    const struct channel *c = check(L);
    if (c->fd >= 0)
        shutdown(c->fd, SHUT_WR);
    return 0;
}

static int channel_close(lua_State *L)
{
    close_channel(L, check(L));
    return 0;
}

// want_relay(host, "HOST:PORT"): the host stands for it
static int sys_want_relay(lua_State *L)
{
    host_want_relay(bind_check(L, 1, BIND_HOST), luaL_checkstring(L, 2));
    return 0;
}

void bind_outside(lua_State *L)
{
    static const luaL_Reg sys[] = {
        {"dial", sys_dial}, {"want_relay", sys_want_relay}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"read", channel_read},
                                       {"write", channel_write},
                                       {"finish", channel_finish},
                                       {"close", channel_close},
                                       {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    luaL_newmetatable(L, CHANNEL);
    lua_pushcfunction(L, channel_close);
    lua_setfield(L, -2, "__gc");
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
