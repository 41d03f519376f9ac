// preview: bytes as text that can be shown, and back.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "event/preview.h"

static void shows(const char *bytes, size_t len, const char *expected)
{
    struct buf text = {0}, back = {0};
    preview_text(&text, bytes, len);
    assert_string_equal(buf_string(&text), expected);
    assert_int_equal(preview_parse(&back, text.ptr, text.len), 0);
    assert_int_equal(back.len, len);
    if (len)
        assert_memory_equal(back.ptr, bytes, len);
    buf_fini(&text);
    buf_fini(&back);
}

static void examples(void **state)
{
    (void)state;
    shows("", 0, "");
    shows("GET / HTTP/1.0\r\n\r\n", 18, "GET / HTTP/1.0\\r\\n\\r\\n");
    shows("a\\x41", 5, "a\\\\x41");
    shows("안녕 🙂", 11, "안녕 🙂");
    shows("안\xeb\x85", 5, "안\\xeb\\x85"); // a letter that was cut
    shows("\0\x1b[31m\x7f\t", 8, "\\x00\\x1b[31m\\x7f\\t");
    shows("\xc2\x9b", 2, "\\xc2\\x9b");          // a control of the second kind
    shows("\xe2\x80\xae", 3, "\\xe2\\x80\\xae"); // would turn the rest of the line round
}

static void any_bytes_come_back(void **state)
{
    (void)state;
    srand(3);
    for (int i = 0; i < 20000; i++) {
        char bytes[64];
        size_t len = (size_t)rand() % sizeof bytes;
        for (size_t k = 0; k < len; k++)
            bytes[k] = (char)(rand() % 3 ? rand() : "\\xn\xea\xb0\x80"[rand() % 6]);
        struct buf text = {0}, back = {0};
        preview_text(&text, bytes, len);
        assert_int_equal(preview_parse(&back, text.ptr, text.len), 0);
        assert_int_equal(back.len, len);
        if (len)
            assert_memory_equal(back.ptr, bytes, len);
        buf_fini(&text);
        buf_fini(&back);
    }
}

static void wrong_escapes(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\\",    "\\x",   "\\x0", "\\xg0",
                                        "\\x0g", "\\xAB", "\\q",  "a\\\\\\"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct buf back = {0};
        assert_int_equal(preview_parse(&back, wrong[i], strlen(wrong[i])), -1);
        buf_fini(&back);
    }
    struct buf back = {0};
    assert_int_equal(preview_parse(&back, "\\\0", 2), -1);
    buf_fini(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
        cmocka_unit_test(any_bytes_come_back),
        cmocka_unit_test(wrong_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
