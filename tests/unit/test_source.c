// source: calls are found in code, and nowhere else.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "script/source.h"

static void finds(const char *text, size_t count, const uint32_t *expected)
{
    uint32_t lines[8];
    assert_int_equal(source_calls(text, strlen(text), "expect", lines, 8), count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(lines[i], expected[i]);
}

static void calls_of_all_forms(void **state)
{
    (void)state;
    finds("expect(1)\nexpect {}\nexpect \"x\"\n\nexpect [[y]] expect\t('z')", 5,
          (uint32_t[]){1, 2, 3, 5, 5});
}

static void other_names_are_no_calls(void **state)
{
    (void)state;
    finds("local expected = 1\nx.expect(1)\nx:expect(1)\nunexpect(1)\nlocal e = expect\n", 0, NULL);
}

static void comments_and_texts_hide(void **state)
{
    (void)state;
    finds("-- expect(1)\n--[[ expect(1)\nexpect(2) ]] expect(3)\n--[==[\n]] expect(4) ]==]\n", 1,
          (uint32_t[]){3});
    finds("local s = \"expect(1)\" .. 'expect(\\'2\\')' .. [[\nexpect(3)]] expect(4)", 1,
          (uint32_t[]){2});
    finds("local a = t[1] expect(a[2])\nlocal m = x - -y; expect(m)", 2, (uint32_t[]){1, 2});
}

static void unfinished_text_ends_the_scan(void **state)
{
    (void)state;
    finds("expect(1) --[[ expect(2)", 1, (uint32_t[]){1});
    finds("expect(1) \"expect(2)", 1, (uint32_t[]){1});
    finds("\\", 0, NULL);
    finds("", 0, NULL);
    finds("[", 0, NULL);
    finds("[=", 0, NULL);
}

static void put_name(void *arg, const char *name, size_t len)
{
    strncat(arg, name, len);
    strcat(arg, " ");
}

static void declares(const char *text, const char *expected)
{
    char names[400] = "";
    source_names(text, strlen(text), put_name, names);
    assert_string_equal(names, expected);
}

static void names_that_are_declared(void **state)
{
    (void)state;
    declares("local server, client = host \"server\", host 'client'", "server client ");
    declares("local a <const>, b <close> = 1, x local c print(d)", "a b c ");
    declares("for i = 1, n do for k, v in pairs(t) do end end", "i k v ");
    declares("local function f(x, ...) return x end function M.g.h:i(y) end", "f x y ");
    declares("spawn(\"name\", 3, function(i) call(z, function() end) end)", "i ");
    declares("-- local a\nlocal s = [[local b]] .. \"local c\"", "s ");
    declares("x = y\nlocal\nz\n=\n1", "z ");
    declares("local", "");
    declares("local function", "");
    declares("function(", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_all_forms),
        cmocka_unit_test(other_names_are_no_calls),
        cmocka_unit_test(comments_and_texts_hide),
        cmocka_unit_test(names_that_are_declared),
        cmocka_unit_test(unfinished_text_ends_the_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
