// rules: which packets a rule acts on, and what several of them make of one packet.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "packet/rules.h"

static struct rules rules;

static int start(void **state)
{
    (void)state;
    rules_init(&rules);
    return 0;
}

// A packet of `len` bytes that came in by that port.
static struct rule_verdict judge(uint32_t port, uint32_t len)
{
    static const char payload[] = "0123456789";
    struct packet_row row = {.from = (uint16_t)port, .len = len, .protocols = PROTOCOL_TCP};
    struct rule_packet p = {&row, payload, port};
    struct rule_verdict v;
    rules_judge(&rules, &p, &v);
    return v;
}

static struct rule data_rule(enum rule_action action)
{
    return (struct rule){.action = action, .filter = {.asked = ASK_HAS_DATA, .has_data = true}};
}

static void set_nth(struct rule *r, uint64_t a, uint64_t b)
{
    r->nth = mem_new(2 * sizeof *r->nth);
    r->nth[0] = a;
    r->nth[1] = b;
    r->nth_count = b ? 2 : 1;
}

static void acts_on_what_its_filter_matches(void **state)
{
    (void)state;
    struct rule r = data_rule(RULE_DROP);
    assert_true(rules_none(&rules));
    assert_null(judge(1, 5).drop);
    rules_add(&rules, &r);
    assert_false(rules_none(&rules));
    assert_null(judge(1, 0).drop);
    assert_ptr_equal(judge(1, 5).drop, &r);
    assert_int_equal(r.seen, 1);
    assert_int_equal(r.hits, 1);
    rules_remove(&rules, &r);
    assert_true(rules_none(&rules));
    assert_null(judge(1, 5).drop);
    rules_remove(&rules, &r); // twice is no harm
    assert_int_equal(r.hits, 1);
}

static void counts_those_that_match(void **state)
{
    (void)state;
    struct rule r = data_rule(RULE_DROP);
    set_nth(&r, 2, 4);
    rules_add(&rules, &r);
    for (int n = 1; n <= 6; n++) {
        judge(1, 0); // does not match, so it does not count
        assert_int_equal(judge(1, 1).drop != NULL, n == 2 || n == 4);
    }
    assert_int_equal(r.hits, 2);
    rule_fini(&r);
}

static void counts_from_when_it_was_made(void **state)
{
    (void)state;
    struct rule r = data_rule(RULE_DROP);
    set_nth(&r, 1, 0);
    judge(1, 1);
    rules_add(&rules, &r);
    assert_non_null(judge(1, 1).drop);
    assert_null(judge(1, 1).drop);
    rule_fini(&r);
}

static void acts_at_most_so_often(void **state)
{
    (void)state;
    struct rule r = data_rule(RULE_DROP);
    r.count = 2;
    rules_add(&rules, &r);
    for (int n = 1; n <= 4; n++)
        assert_int_equal(judge(1, 1).drop != NULL, n <= 2);
    assert_int_equal(r.hits, 2);
}

static void knows_one_direction(void **state)
{
    (void)state;
    struct rule r = {.action = RULE_HOLD, .port = 2};
    rules_add(&rules, &r);
    assert_null(judge(1, 1).hold);
    assert_ptr_equal(judge(2, 1).hold, &r);
}

// "The third and the fifth" are the same packets whether one rule says so or two.
static void rules_do_not_hide_packets_from_each_other(void **state)
{
    (void)state;
    struct rule third = data_rule(RULE_DROP), fifth = data_rule(RULE_DROP);
    set_nth(&third, 3, 0);
    set_nth(&fifth, 5, 0);
    rules_add(&rules, &third);
    rules_add(&rules, &fifth);
    for (int n = 1; n <= 6; n++)
        assert_ptr_equal(judge(1, 1).drop, n == 3 ? &third : n == 5 ? &fifth : NULL);
    rule_fini(&third);
    rule_fini(&fifth);
}

static void several_act_on_one_packet(void **state)
{
    (void)state;
    struct rule slow = {.action = RULE_DELAY, .by_ns = 30},
                slower = {.action = RULE_DELAY, .by_ns = 12}, first = {.action = RULE_DROP},
                second = {.action = RULE_DROP};
    rules_add(&rules, &slow);
    rules_add(&rules, &first);
    rules_add(&rules, &second);
    rules_add(&rules, &slower);
    struct rule_verdict v = judge(1, 1);
    assert_ptr_equal(v.drop, &first);
    assert_ptr_equal(v.delay, &slow);
    assert_int_equal(v.delay_ns, 42);
    assert_null(v.hold);
    assert_int_equal(second.hits, 1);
}

static void compares_bytes(void **state)
{
    (void)state;
    struct rule r = {.action = RULE_DROP,
                     .filter = {.asked = ASK_DATA, .data = "0123", .data_len = 4}};
    rules_add(&rules, &r);
    assert_null(judge(1, 3).drop);
    assert_non_null(judge(1, 4).drop);
    assert_null(judge(1, 5).drop);
    struct packet_row row = {.len = 4};
    assert_false(filter_match(&r.filter, &row, NULL)); // not kept
    assert_false(filter_match(&r.filter, &row, "0124"));
}

static struct rule other; // added by the function below

static bool asked(void *arg, struct rule *r, const struct rule_packet *p, struct rule_act *act)
{
    struct rules *all = arg;
    if (r->action == RULE_ON_PACKET)
        *act = (struct rule_act){p->row->len == 9 ? RULE_DELAY : RULE_CORRUPT, 11};
    assert_int_equal(all->judging, 1);
    if (p->row->len == 7)
        rules_remove(all, r);
    if (p->row->len == 8)
        rules_add(all, &other);
    return p->row->len % 2;
}

static void functions_have_a_say(void **state)
{
    (void)state;
    struct rule r = {.action = RULE_DROP, .asks = true};
    other = (struct rule){.action = RULE_HOLD};
    rules.ask = asked;
    rules.ask_arg = &rules;
    rules_add(&rules, &r);
    assert_null(judge(1, 4).drop);
    assert_non_null(judge(1, 5).drop);
    assert_int_equal(r.seen, 1);   // what it says no to does not match
    assert_null(judge(1, 8).hold); // made while the packet was judged: not for this one
    assert_ptr_equal(judge(1, 4).hold, &other);
    assert_null(judge(1, 7).drop); // it ended in the middle
    assert_ptr_equal(TAILQ_FIRST(&rules.all), &other);
    assert_int_equal(r.hits, 1);
}

static void functions_say_what_is_done(void **state)
{
    (void)state;
    struct rule r = {.action = RULE_ON_PACKET, .asks = true};
    rules.ask = asked;
    rules.ask_arg = &rules;
    rules_add(&rules, &r);
    struct rule_verdict v = judge(1, 9);
    assert_ptr_equal(v.delay, &r);
    assert_int_equal(v.delay_ns, 11);
    assert_null(v.corrupt);
    v = judge(1, 3);
    assert_ptr_equal(v.corrupt, &r);
    assert_null(v.delay);
    assert_int_equal(v.delay_ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(acts_on_what_its_filter_matches, start),
        cmocka_unit_test_setup(counts_those_that_match, start),
        cmocka_unit_test_setup(counts_from_when_it_was_made, start),
        cmocka_unit_test_setup(acts_at_most_so_often, start),
        cmocka_unit_test_setup(knows_one_direction, start),
        cmocka_unit_test_setup(rules_do_not_hide_packets_from_each_other, start),
        cmocka_unit_test_setup(several_act_on_one_packet, start),
        cmocka_unit_test_setup(compares_bytes, start),
        cmocka_unit_test_setup(functions_have_a_say, start),
        cmocka_unit_test_setup(functions_say_what_is_done, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
