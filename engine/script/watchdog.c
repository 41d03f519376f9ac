// Implementation of watchdog.h.
#include "script/watchdog.h"

#include <lauxlib.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stage/actor.h"

#define TICK_MS 100
#define LIMIT_TICKS (WATCHDOG_LIMIT_S * 1000 / TICK_MS)
#define PATIENCE_TICKS (1000 / TICK_MS) // from the hook to the end of the process

// A signal handler can reach nothing else: there is one of these in a stage process.
static struct {
    struct ring *ring;
    lua_State *volatile co; // running now; NULL: none
    const struct actor *volatile actor;
    volatile int ticks;   // in this run
    volatile bool barked; // the hook was set
    uint32_t line;        // where it took hold
} dog;

// The line that the innermost Lua function has reached.
static uint32_t line_of(lua_State *co)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(co, level, &ar); level++)
        if (lua_getinfo(co, "Sl", &ar) && ar.currentline > 0 && ar.source[0] == '@')
            return (uint32_t)ar.currentline;
    return 0;
}

static void hook(lua_State *co, lua_Debug *ar)
{
    (void)ar;
    dog.line = line_of(co);
    if (lua_isyieldable(co)) {
        lua_yield(co, 0);
        return;
    }
    luaL_error(co, "computed for more than %d s without waiting", WATCHDOG_LIMIT_S);
}

static void tick(int signal)
{
    (void)signal;
    lua_State *co = dog.co;
    if (!co)
        return;
    dog.ticks++;
    if (dog.ticks >= LIMIT_TICKS && !dog.barked) {
        dog.barked = true;
        lua_sethook(co, hook, LUA_MASKCOUNT, 1);
    } else if (dog.ticks >= LIMIT_TICKS + PATIENCE_TICKS) {
        ring_leave_words(dog.ring, (struct ring_last_words){.actor = dog.actor->number,
                                                            .source = dog.actor->source,
                                                            .line = line_of(co)});
        _exit(1);
    }
}

int watchdog_start(struct ring *ring)
{
    dog.ring = ring;
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct itimerspec every = {.it_interval = {0, TICK_MS * 1000000},
                               .it_value = {0, TICK_MS * 1000000}};
    timer_t timer;
    if (sigaction(SIGALRM, &action, NULL) != 0 ||
        timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) != 0)
        return -1;
    return timer_settime(timer, 0, &every, NULL);
}

void watchdog_enter(lua_State *co, const struct actor *actor)
{
    dog.actor = actor;
    dog.ticks = 0;
    dog.barked = false;
    dog.co = co;
}

struct watchdog_run watchdog_nest(lua_State *co, const struct actor *actor)
{
    struct watchdog_run outer = {dog.co, dog.actor, dog.ticks, dog.barked};
    dog.co = NULL; // a tick in between finds nobody
    watchdog_enter(co, actor);
    return outer;
}

void watchdog_unnest(const struct watchdog_run *outer)
{
    watchdog_leave();
    dog.actor = outer->actor;
    dog.ticks = outer->ticks;
    dog.barked = outer->barked;
    dog.co = outer->co;
}

bool watchdog_watches(void)
{
    return dog.co;
}

uint32_t watchdog_line(void)
{
    return dog.line;
}

void watchdog_pause(void)
{
    dog.co = NULL;
}

void watchdog_go_on(lua_State *co)
{
    dog.co = co;
}

bool watchdog_leave(void)
{
    lua_State *co = dog.co;
    dog.co = NULL;
    if (dog.barked)
        lua_sethook(co, NULL, 0, 0);
    return dog.barked;
}
