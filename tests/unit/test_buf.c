// buf: bytes that grow at the end.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/buf.h"

static void grows(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 100000; i++)
        buf_byte(&b, (char)i);
    assert_int_equal(b.len, 100000);
    for (int i = 0; i < 100000; i++)
        if (b.ptr[i] != (char)i)
            fail_msg("at %d", i);
    buf_fini(&b);
    assert_null(b.ptr);
    buf_fini(&b);
    buf_fini(NULL);
}

static void puts_all_kinds(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_string_equal(buf_string(&b), "");
    buf_text(&b, "one ");
    buf_put(&b, "two\0", 4);
    buf_put(&b, NULL, 0);
    buf_fill(&b, '-', 3);
    buf_fill(&b, '+', 0);
    buf_printf(&b, " %d %s", 4, "five");
    memcpy(buf_room(&b, 4), "!end", 4);
    b.len++;
    assert_int_equal(b.len, 19);
    assert_memory_equal(buf_string(&b), "one two\0--- 4 five!", 20);
    assert_int_equal(b.len, 19);
    buf_fini(&b);
}

static void formats_what_has_no_room_yet(void **state)
{
    (void)state;
    struct buf b = {0};
    for (size_t len = 0; len < 3000; len += 13) {
        buf_reset(&b);
        buf_fill(&b, 'x', len);
        buf_printf(&b, "%0255d|", 7);
        assert_int_equal(b.len, len + 256);
        assert_memory_equal(buf_string(&b) + b.len - 3, "07|", 4);
    }
    buf_fini(&b);
}

static void drops_from_the_front(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_drop(&b, 0);
    buf_text(&b, "abcdef");
    buf_drop(&b, 0);
    buf_drop(&b, 2);
    assert_string_equal(buf_string(&b), "cdef");
    buf_drop(&b, 4);
    assert_int_equal(b.len, 0);
    buf_text(&b, "x");
    buf_reset(&b);
    assert_int_equal(b.len, 0);
    assert_true(b.cap > 0);
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows),
        cmocka_unit_test(puts_all_kinds),
        cmocka_unit_test(formats_what_has_no_room_yet),
        cmocka_unit_test(drops_from_the_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
