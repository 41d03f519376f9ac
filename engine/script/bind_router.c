// Bindings of routers: what they do to packets on their way.
#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"
#include "stage/router.h"

static struct host *check_router(lua_State *L, const char *word)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    if (!h->router)
        fault_misuse(L, "%s: %s is no router; make it with router(\"%s\")", word, h->name, h->name);
    return h;
}

static const struct port *check_wire(lua_State *L, const char *word, const struct host *router,
                                     int arg)
{
    const struct wire *w = bind_check(L, arg, BIND_WIRE);
    const struct port *port = wire_port_of(w, router);
    if (!port)
        fault_misuse(L, "%s: %s is not at the wire %s", word, router->name, w->name);
    return port;
}

static uint16_t check_port(lua_State *L, int arg)
{
    int ok;
    lua_Integer port = lua_tointegerx(L, arg, &ok);
    if (!ok || port < 1 || port > 65535)
        fault_misuse(L, "publish: a port is a whole number from 1 to 65535, as in "
                        "router:publish(8080, web, 80)");
    return (uint16_t)port;
}

// router:masquerade(wire)
static int masquerade(lua_State *L)
{
    struct err err;
    struct host *router = check_router(L, "masquerade");
    const struct port *out = check_wire(L, "masquerade", router, 2);
    return router_masquerade(router, out, task_here(L), &err) != 0 ? bind_refused(L, &err) : 0;
}

// router:publish(port, host, port)
static int publish(lua_State *L)
{
    struct err err;
    struct host *router = check_router(L, "publish");
    uint16_t port = check_port(L, 2), to_port = check_port(L, 4);
    const struct host *to = bind_check_host(L, 3);
    if (to == router)
        return fault_misuse(L, "publish: %s has the port itself", to->name);
    return router_publish(router, port, to, to_port, task_here(L), &err) != 0
               ? bind_refused(L, &err)
               : 0;
}

// router:forbid(wire, wire)
static int forbid(lua_State *L)
{
    struct err err;
    struct host *router = check_router(L, "forbid");
    const struct port *a = check_wire(L, "forbid", router, 2);
    const struct port *b = check_wire(L, "forbid", router, 3);
    if (a == b)
        return fault_misuse(L, "forbid: two wires are wanted, not %s twice", a->wire->name);
    return router_forbid(router, a, b, task_here(L), &err) != 0 ? bind_refused(L, &err) : 0;
}

void bind_router(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"masquerade", masquerade}, {"publish", publish}, {"forbid", forbid}, {NULL, NULL}};
    lua_getfield(L, -1, "Host");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}
