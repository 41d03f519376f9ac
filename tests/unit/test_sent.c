// sent: ranges against a map of bytes, bounds.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "packet/sent.h"

// The table of ranges against a map of single bytes.
static void agrees_with_a_map_of_bytes(void **state)
{
    (void)state;
    enum { BYTES = 3000 };
    static uint64_t carried[BYTES];
    memset(carried, 0, sizeof(carried));
    struct sent s = {0};
    const uint32_t base = 0xffffff00; // wraps around
    uint32_t acked = 0;
    srand(5);
    for (uint64_t id = 1; id < 4000; id++) {
        uint32_t from = acked + (uint32_t)rand() % 300, to = from + 1 + (uint32_t)rand() % 40;
        if (to > BYTES)
            break;
        sent_put(&s, base + from, base + to, id);
        for (uint32_t i = from; i < to; i++)
            carried[i] = id;
        if (id % 8 == 0)
            sent_pass(&s, base + (acked += (uint32_t)rand() % 20));
        for (uint32_t i = 0; i < BYTES; i++) {
            uint64_t found = 0;
            bool known = sent_find(&s, base + i, &found);
            if (known || i >= acked)
                assert_int_equal(found, carried[i]);
        }
        for (size_t i = 0; i < s.count; i++) {
            const struct sent_range *r = &s.ranges[s.head + i];
            assert_true((i < s.passed) == ((int32_t)(r->end - base - acked) <= 0) || s.passed == 0);
        }
    }
    assert_true(s.passed <= SENT_HISTORY);
    assert_true(acked > 1000);
    sent_fini(&s);
}

static void keeps_what_is_outstanding_bounded(void **state)
{
    (void)state;
    struct sent s = {0};
    uint64_t id = 0;
    for (uint32_t i = 0; i < 3 * SENT_MAX; i++)
        sent_put(&s, i, i + 1, i);
    assert_true(s.count <= SENT_MAX);
    assert_true(s.cap <= 4 * SENT_MAX);
    assert_false(sent_find(&s, 0, &id));
    assert_true(sent_find(&s, 3 * SENT_MAX - 5, &id));
    assert_int_equal(id, 3 * SENT_MAX - 5);
    sent_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_map_of_bytes),
        cmocka_unit_test(keeps_what_is_outstanding_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
