// spin: calls that come again and again, counted by rounds.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <errno.h>
#include <string.h>

#include "stage/spin.h"

static _Alignas(8) char room[4096];

static const struct watched found[] = {{.fd = 5, .sock = 2, .what = WATCH_READ},
                                       {.fd = 6, .sock = 3, .what = WATCH_READ}};

static const struct spin_key recv_end = {
    .actor = 1, .line = 7, .call = CALL_RECV, .sock = 2, .size = 100};
static const struct spin_key wait_one = {.actor = 1,
                                         .line = 6,
                                         .call = CALL_EPOLL_WAIT,
                                         .fd = 4,
                                         .result = 1,
                                         .size = EVENT_NONE,
                                         .ready = found,
                                         .ready_count = 1};

static void remember(struct spin *s, const struct spin_key *k, int64_t t)
{
    struct event *e = event_init(room, sizeof room, EVENT_CALL);
    e->t = t;
    e->actor = k->actor;
    e->line = k->line;
    e->as.call.call = k->call;
    e->as.call.sock = k->sock;
    e->as.call.fd = k->sock ? 9 : k->fd;
    e->as.call.result = k->result;
    e->as.call.size = k->size;
    e->as.call.error = k->error;
    event_put(e, sizeof room, &e->as.call.ready, k->ready, k->ready_count * sizeof *k->ready);
    spin_remember(s, e);
}

static void assert_told(struct spin *s, enum call call, uint64_t count, int64_t last_ns)
{
    struct spin_call *c = spin_untold(s);
    assert_non_null(c);
    assert_int_equal(c->event.as.call.call, call);
    assert_int_equal(c->count, count);
    assert_int_equal(c->last_ns, last_ns);
    c->count = 0;
}

static void one_call(void **state)
{
    (void)state;
    struct spin s = {.count = 0};
    assert_false(spin_again(&s, &recv_end, 0));
    remember(&s, &recv_end, 1);
    assert_null(spin_untold(&s));
    for (int64_t t = 2; t < 12; t++)
        assert_true(spin_again(&s, &recv_end, t));
    assert_told(&s, CALL_RECV, 10, 11);
    assert_null(spin_untold(&s));
    assert_true(spin_again(&s, &recv_end, 12)); // telling does not end it
    assert_told(&s, CALL_RECV, 1, 12);
}

static void a_round(void **state)
{
    (void)state;
    struct spin s = {.count = 0};
    struct spin_key before = recv_end;
    before.result = -1;
    before.error = EAGAIN;
    remember(&s, &before, 1); // no part of it
    remember(&s, &wait_one, 2);
    remember(&s, &recv_end, 3);
    assert_true(spin_again(&s, &wait_one, 4));
    assert_true(spin_again(&s, &recv_end, 5));
    assert_true(spin_again(&s, &wait_one, 6));
    assert_false(spin_again(&s, &wait_one, 7)); // out of order
    assert_told(&s, CALL_RECV, 1, 5);
    assert_told(&s, CALL_EPOLL_WAIT, 2, 6);
    assert_null(spin_untold(&s));
    remember(&s, &wait_one, 7); // it was logged: all begins anew
    assert_false(spin_again(&s, &recv_end, 8));
    assert_true(spin_again(&s, &wait_one, 8));
}

static bool comes_again(const struct spin_key *first, const struct spin_key *then)
{
    struct spin s = {.count = 0};
    remember(&s, first, 1);
    return spin_again(&s, then, 2);
}

static void what_is_another(void **state)
{
    (void)state;
    const struct spin_key wanted[] = {recv_end, wait_one};
    for (size_t i = 0; i < 2; i++) {
        struct spin_key others[7];
        for (size_t k = 0; k < 7; k++)
            others[k] = wanted[i];
        others[0].actor++;
        others[1].line++;
        others[2].call = CALL_SELECT;
        others[3].sock++;
        others[4].result++;
        others[5].error = EAGAIN;
        others[6].size++;
        for (size_t k = 0; k < 7; k++)
            assert_false(comes_again(&wanted[i], &others[k]));
        assert_true(comes_again(&wanted[i], &wanted[i]));
    }
    struct spin_key others[] = {wait_one, wait_one, wait_one, wait_one};
    others[0].fd++;
    others[1].ready_count = 2;
    others[2].ready_count = 0;
    others[3].ready = found + 1;
    for (size_t k = 0; k < 4; k++)
        assert_false(comes_again(&wait_one, &others[k]));
}

static void something_else_ends_it(void **state)
{
    (void)state;
    struct spin s = {.count = 0};
    remember(&s, &recv_end, 1);
    struct spin_key bytes = recv_end;
    bytes.result = 5;
    remember(&s, &bytes, 2); // a call that does not spin
    assert_false(spin_again(&s, &recv_end, 3));
    assert_false(spin_again(&s, &bytes, 3));
    remember(&s, &recv_end, 1);
    spin_remember(&s, event_init(room, sizeof room, EVENT_SAY));
    assert_false(spin_again(&s, &recv_end, 3));
}

static void a_round_has_its_length(void **state)
{
    (void)state;
    struct spin s = {.count = 0};
    struct spin_key k = recv_end;
    for (uint32_t sock = 1; sock <= SPIN_CALLS + 1; sock++) {
        k.sock = sock;
        remember(&s, &k, sock);
    }
    k.sock = 1; // too long ago
    assert_false(spin_again(&s, &k, 9));
    k.sock = 2;
    assert_true(spin_again(&s, &k, 9));
}

static void a_long_record_does_not_spin(void **state)
{
    (void)state;
    struct watched many[EVENT_WATCHED] = {{.fd = 5, .what = WATCH_READ}};
    struct spin s = {.count = 0};
    struct spin_key k = wait_one;
    k.ready = many;
    k.ready_count = EVENT_WATCHED;
    remember(&s, &k, 1);
    assert_false(spin_again(&s, &k, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_call),
        cmocka_unit_test(a_round),
        cmocka_unit_test(what_is_another),
        cmocka_unit_test(something_else_ends_it),
        cmocka_unit_test(a_round_has_its_length),
        cmocka_unit_test(a_long_record_does_not_spin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
