// heap: order by time, ties in order of arrival, removal from anywhere.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>

#include "base/heap.h"

static void gives_entries_in_order_of_time(void **state)
{
    (void)state;
    struct heap h = {0};
    struct heap_entry entries[1000] = {0};
    srand(7);
    for (int i = 0; i < 1000; i++)
        heap_push(&h, &entries[i], rand() % 100);
    for (int i = 0; i < 1000; i += 3)
        heap_remove(&h, &entries[i]);
    size_t left = h.count;
    assert_int_equal(left, 666);
    const struct heap_entry *last = NULL;
    for (struct heap_entry *e; (e = heap_first(&h)); left--) {
        if (last)
            assert_true(last->due_ns < e->due_ns ||
                        (last->due_ns == e->due_ns && last->serial < e->serial));
        last = e;
        heap_remove(&h, e);
        assert_int_equal(e->place, 0);
    }
    assert_int_equal(left, 0);
    heap_fini(&h);
}

static void removing_what_is_in_no_heap_does_nothing(void **state)
{
    (void)state;
    struct heap h = {0};
    struct heap_entry a = {0}, b = {0};
    heap_push(&h, &a, 5);
    heap_remove(&h, &b);
    heap_remove(&h, &a);
    heap_remove(&h, &a);
    assert_null(heap_first(&h));
    heap_fini(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_entries_in_order_of_time),
        cmocka_unit_test(removing_what_is_in_no_heap_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
