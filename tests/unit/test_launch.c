// launch: what a program is started with, there and back, and foreign bytes that claim to be that.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "event/control.h"
#include "event/launch.h"

// With bytes behind it that belong to nobody, so that the sanitizer sees who reads too far.
static int reads(struct launch *l, const void *bytes, size_t len)
{
    struct err err;
    char *copy = malloc(len + 1);
    memcpy(copy, bytes, len);
    copy[len] = '\0';
    int failed = launch_read(l, copy, len, &err);
    free(copy);
    return failed;
}

static void there_and_back(void **state)
{
    (void)state;
    const struct launch given = {.path = "/usr/bin/curl",
                                 .host = 7,
                                 .arg_count = 3,
                                 .args = {"curl", "", "http://서버/"},
                                 .file_count = 2,
                                 .files = {{"a.conf", "x\0y", 3}, {"", "", 0}}};
    struct launch got;
    struct err err;
    struct buf bytes = {0};
    launch_write(&given, &bytes);
    buf_byte(&bytes, '\0');
    assert_int_equal(launch_read(&got, bytes.ptr, bytes.len - 1, &err), 0);
    assert_string_equal(got.path, given.path);
    assert_int_equal(got.host, 7);
    assert_int_equal(got.arg_count, 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(got.args[i], given.args[i]);
    assert_null(got.args[3]);
    assert_int_equal(got.file_count, 2);
    assert_string_equal(got.files[0].name, "a.conf");
    assert_int_equal(got.files[0].len, 3);
    assert_memory_equal(got.files[0].text, "x\0y", 4);
    assert_string_equal(got.files[1].name, "");
    assert_int_equal(got.files[1].len, 0);
    buf_fini(&bytes);
}

static void as_much_as_fits(void **state)
{
    (void)state;
    struct launch given = {.path = "", .arg_count = LAUNCH_ARGS_MAX}, got;
    struct buf bytes = {0};
    for (int i = 0; i < LAUNCH_ARGS_MAX; i++)
        given.args[i] = "x";
    launch_write(&given, &bytes);
    assert_int_equal(reads(&got, bytes.ptr, bytes.len), 0);
    ((uint32_t *)(void *)bytes.ptr)[1]++; // one more than there may be
    assert_int_equal(reads(&got, bytes.ptr, bytes.len), -1);
    buf_fini(&bytes);
}

static void refuses_ways_out_of_the_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"/etc/passwd", "..", ".", "a/b", "../x"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct launch given = {.path = "", .arg_count = 1, .args = {"x"}, .file_count = 1}, got;
        struct buf bytes = {0};
        given.files[0] = (struct launch_file){names[i], "text", 4};
        launch_write(&given, &bytes);
        assert_int_equal(reads(&got, bytes.ptr, bytes.len), -1);
        buf_fini(&bytes);
    }
}

// Each byte changed, and each length short of the whole.
static void survives_damage(void **state)
{
    (void)state;
    const struct launch given = {.path = "p",
                                 .arg_count = 2,
                                 .args = {"a", "b"},
                                 .file_count = 1,
                                 .files = {{"f", "text", 4}}};
    struct launch got;
    struct buf bytes = {0};
    launch_write(&given, &bytes);
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(reads(&got, bytes.ptr, len), -1);
    for (size_t i = 0; i < bytes.len; i++)
        for (int value = 0; value < 256; value += 17) {
            char was = bytes.ptr[i];
            bytes.ptr[i] = (char)value;
            reads(&got, bytes.ptr, bytes.len); // whatever it says, it reads nothing else
            bytes.ptr[i] = was;
        }
    buf_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(as_much_as_fits),
        cmocka_unit_test(refuses_ways_out_of_the_folder),
        cmocka_unit_test(survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
