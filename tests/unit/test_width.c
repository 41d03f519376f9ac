// width: columns of text in a terminal, and where it may be cut.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/width.h"

static size_t columns(const char *text)
{
    return width_of(text, strlen(text));
}

static void columns_of_texts(void **state)
{
    (void)state;
    assert_int_equal(columns(""), 0);
    assert_int_equal(columns("client"), 6);
    assert_int_equal(columns("서버"), 4);
    assert_int_equal(columns("서버 1"), 6);
    assert_int_equal(columns("e\u0301"), 1); // combining acute
    assert_int_equal(columns("🙂"), 2);
    assert_int_equal(columns("─▶│●"), 4);
    assert_int_equal(columns("\xff\xfe"), 2);
    assert_int_equal(columns("\xec\x84"), 2); // a letter that was cut
}

static void letters(void **state)
{
    (void)state;
    size_t n;
    assert_int_equal(width_letter("a", 1, &n), 1);
    assert_int_equal(n, 1);
    assert_int_equal(width_letter("서버", 6, &n), 3);
    assert_int_equal(n, 2);
    assert_int_equal(width_letter("\xff"
                                  "a",
                                  2, &n),
                     1);
    assert_int_equal(n, 1);
}

static void cuts(const char *text, size_t most, size_t bytes, size_t used)
{
    size_t found;
    assert_int_equal(width_cut(text, strlen(text), most, &found), bytes);
    assert_int_equal(found, used);
    assert_int_equal(width_cut(text, strlen(text), most, NULL), bytes);
}

static void cuts_between_letters(void **state)
{
    (void)state;
    cuts("client", 3, 3, 3);
    cuts("client", 0, 0, 0);
    cuts("client", 99, 6, 6);
    cuts("서버", 4, 6, 4);
    cuts("서버", 3, 3, 2);
    cuts("서버", 1, 0, 0);
    cuts("ae\u0301x", 2, 4, 2); // keeps the accent with its letter
    cuts("ae\u0301x", 1, 1, 1);
    cuts("", 5, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_texts),
        cmocka_unit_test(letters),
        cmocka_unit_test(cuts_between_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
