// cast: names and numbers, in both directions.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <string.h>

#include "event/addr.h"
#include "event/cast.h"

static _Alignas(8) char room[4096];

static void learn_host(struct cast *c, uint32_t number, const char *name)
{
    struct event *e = event_init(room, sizeof room, EVENT_HOST);
    e->host = number;
    event_put(e, sizeof room, &e->as.host.name, name, strlen(name));
    cast_learn(c, e);
}

static void learn_actor(struct cast *c, uint32_t number, const char *name, uint32_t ended)
{
    struct event *e = event_init(room, sizeof room, EVENT_ACTOR);
    e->actor = number;
    e->host = 1;
    e->as.actor.role = ROLE_HANDLER;
    e->as.actor.ended = ended;
    event_put(e, sizeof room, &e->as.actor.name, name, strlen(name));
    cast_learn(c, e);
}

static void learn_wire(struct cast *c, uint32_t number, const char *address, int64_t delay_ns)
{
    struct event *e = event_init(room, sizeof room, EVENT_LINK);
    struct interface_end ends[2] = {{.host = 1}, {.host = 2}};
    addr_parse(address, &ends[1].address);
    e->as.link.wire = number;
    e->as.link.delay_ns = delay_ns;
    event_put(e, sizeof room, &e->as.link.name, "lan", 3);
    event_put(e, sizeof room, &e->as.link.ends, ends, sizeof ends);
    cast_learn(c, e);
}

static void many_names_are_found(void **state)
{
    (void)state;
    struct cast c;
    char name[32];
    cast_init(&c);
    assert_int_equal(cast_find_host(&c, "client"), 0);
    for (uint32_t n = 1; n <= 5000; n++) {
        snprintf(name, sizeof name, "host%u", n);
        learn_host(&c, n, name);
        snprintf(name, sizeof name, "server/%u", n);
        learn_actor(&c, n, name, ENDED_NOT);
    }
    for (uint32_t n = 1; n <= 5000; n++) {
        assert_int_equal(cast_find_host(&c, cast_host(&c, n)), n);
        assert_int_equal(cast_find_actor(&c, cast_actor(&c, n)), n);
    }
    assert_string_equal(cast_host(&c, 77), "host77");
    assert_string_equal(cast_host(&c, 0), "");
    assert_string_equal(cast_host(&c, 5001), "");
    assert_string_equal(cast_host(&c, UINT32_MAX), "");
    assert_string_equal(cast_wire(&c, 1), "");
    assert_int_equal(cast_find_host(&c, ""), 0);
    assert_int_equal(cast_find_host(&c, "server/1"), 0);
    assert_int_equal(c.actors[4].role, ROLE_HANDLER);
    cast_fini(&c);
    cast_fini(NULL);
}

static void numbers_out_of_order_are_ignored(void **state)
{
    (void)state;
    struct cast c;
    cast_init(&c);
    learn_host(&c, 2, "b");
    learn_host(&c, 0, "z");
    learn_host(&c, UINT32_MAX, "m");
    learn_actor(&c, UINT32_MAX, "m", ENDED_NOT);
    learn_wire(&c, UINT32_MAX, "10.1.0.2", 0);
    learn_wire(&c, 0, "10.1.0.2", 0);
    assert_int_equal(c.host_count + c.actor_count + c.wire_count, 0);
    learn_host(&c, 1, "a");
    learn_host(&c, 1, "other");
    assert_string_equal(cast_host(&c, 1), "a");
    assert_int_equal(cast_find_host(&c, "other"), 0);
    cast_fini(&c);
}

static void an_end_adds_no_actor_and_the_newest_is_found(void **state)
{
    (void)state;
    struct cast c;
    cast_init(&c);
    learn_actor(&c, 1, "worker", ENDED_NOT);
    learn_actor(&c, 1, "worker", ENDED_NORMAL);
    assert_int_equal(c.actor_count, 1);
    learn_actor(&c, 2, "worker", ENDED_NOT);
    assert_int_equal(cast_find_actor(&c, "worker"), 2);
    assert_string_equal(cast_actor(&c, 1), "worker");
    cast_fini(&c);
}

static void a_wire_may_change(void **state)
{
    (void)state;
    struct cast c;
    struct addr old, fresh;
    cast_init(&c);
    addr_parse("10.1.0.2:80", &old);
    addr_parse("10.1.0.3", &fresh);
    learn_wire(&c, 1, "10.1.0.2", 5);
    assert_int_equal(cast_host_of(&c, &old), 2);
    assert_int_equal(cast_host_of(&c, &fresh), 0);
    assert_int_equal(cast_host_of(&c, &(struct addr){0}), 0); // the first end has none either
    learn_wire(&c, 1, "10.1.0.3", 6);
    assert_int_equal(c.wire_count, 1);
    assert_int_equal(c.wires[0].end_count, 2);
    assert_int_equal(c.wires[0].delay_ns, 6);
    assert_int_equal(cast_host_of(&c, &old), 0);
    assert_int_equal(cast_host_of(&c, &fresh), 2);
    assert_int_equal(cast_find_wire(&c, "lan"), 1);
    cast_fini(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_names_are_found),
        cmocka_unit_test(numbers_out_of_order_are_ignored),
        cmocka_unit_test(an_end_adds_no_actor_and_the_newest_is_found),
        cmocka_unit_test(a_wire_may_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
