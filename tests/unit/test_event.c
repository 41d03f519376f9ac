// event: what making a record does with texts, pairs and elements that have no room, and what it
// leaves behind.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "event/event.h"
#include "event/fields.h"

static _Alignas(8) char room[EVENT_MAX + 8];

static void sound(const struct event *e)
{
    struct err err;
    if (event_check(e, e->len, &err) != 0)
        fail_msg("%s", err.text);
}

static void begins_with_what_is_absent(void **state)
{
    (void)state;
    memset(room, 0xff, sizeof room);
    struct event *e = event_init(room, sizeof room, EVENT_CALL);
    sound(e);
    assert_int_equal(e->type, EVENT_CALL);
    assert_int_equal(e->len, event_shapes[EVENT_CALL].size);
    assert_int_equal(e->as.call.fd, EVENT_NONE);
    assert_int_equal(e->as.call.size, EVENT_NONE);
    assert_int_equal(e->as.call.backlog, EVENT_NONE);
    assert_int_equal(e->as.call.result, 0);
    assert_int_equal(event_init(room, sizeof room, EVENT_PACKET)->as.packet.window_scale,
                     EVENT_NONE);
    assert_null(event_init(room, event_shapes[EVENT_CALL].size - 1, EVENT_CALL));
}

static void bodies_end_where_records_may(void **state)
{
    (void)state;
    for (int type = EVENT_PADDING + 1; type < EVENT_TYPES; type++) {
        assert_int_equal(event_shapes[type].size % 8, 0);
        assert_string_equal(event_type_name((enum event_type)type), event_shapes[type].name);
    }
}

static void puts_behind_each_other_aligned(void **state)
{
    (void)state;
    struct event *e = event_init(room, sizeof room, EVENT_CALL);
    const uint64_t ids[] = {1, 2};
    event_put(e, sizeof room, &e->as.call.data, "abc", 3);
    event_put(e, sizeof room, &e->as.call.carries, ids, sizeof ids);
    event_put(e, sizeof room, &e->as.call.option, "", 0);
    sound(e);
    assert_int_equal(e->as.call.carries.off % 8, 0);
    assert_int_equal(e->len, event_shapes[EVENT_CALL].size + 8 + 16);
    assert_memory_equal(event_bytes(e, e->as.call.data), "abc\0\0\0\0", 8);
    assert_memory_equal(event_bytes(e, e->as.call.carries), ids, sizeof ids);
    assert_int_equal(e->as.call.option.len, 0);
}

// What a say event keeps of the text in a record that may have so many bytes of text.
static void keeps(const char *text, size_t len, size_t bytes, const char *expected)
{
    struct event *e = event_init(room, sizeof room, EVENT_SAY);
    event_put(e, e->len + bytes, &e->as.say.text, text, len);
    sound(e);
    assert_true(e->len <= event_shapes[EVENT_SAY].size + bytes);
    assert_int_equal(e->as.say.text.len, strlen(expected));
    assert_memory_equal(event_bytes(e, e->as.say.text), expected, strlen(expected));
}

static void cuts_text_between_letters(void **state)
{
    (void)state;
    keeps("12345678", 8, 8, "12345678");
    keeps("123456789", 9, 8, "12345678");
    keeps("12345678", 8, 15, "12345678");
    keeps("123456서버", 12, 8, "123456");
    keeps("12345서버", 11, 8, "12345서");
    keeps("🙂🙂🙂", 12, 8, "🙂🙂");
    keeps("123456🙂", 10, 8, "123456");
    keeps("text", 4, 7, "");
    keeps("text", 4, 0, "");
}

static void replaces_what_is_no_text(void **state)
{
    (void)state;
    keeps("a\xff\xf0", 3, 64, "a\ufffd\ufffd");
    keeps("\xec\x84z", 3, 64, "\ufffd\ufffdz");         // cut letter
    keeps("\xed\xa0\x80", 3, 64, "\ufffd\ufffd\ufffd"); // surrogate
    keeps("\xc0\x80", 2, 64, "\ufffd\ufffd");           // overlong NUL
    keeps("123456\xff", 7, 8, "123456");
    keeps("1234\xff\xff", 6, 8, "1234\ufffd");
}

static void a_record_never_grows_beyond_the_most(void **state)
{
    (void)state;
    static const char long_text[EVENT_MAX + 100];
    struct event *e = event_init(room, sizeof room, EVENT_SAY);
    event_put(e, SIZE_MAX, &e->as.say.text, long_text, sizeof long_text);
    assert_int_equal(e->len, EVENT_MAX);
    sound(e);
    event_put(e, SIZE_MAX, &e->as.say.text, "x", 1);
    assert_int_equal(e->as.say.text.len, 0);
    assert_int_equal(e->len, EVENT_MAX);
    sound(e);
}

static void cuts_lists_between_elements(void **state)
{
    (void)state;
    struct event *e = event_init(room, sizeof room, EVENT_PACKET);
    event_put(e, e->len + 40, &e->as.packet.sack, (uint64_t[6]){1, 2, 3, 4, 5, 6}, 48);
    assert_int_equal(e->as.packet.sack.len, 32);
    sound(e);
    e = event_init(room, sizeof room, EVENT_LINK);
    event_put(e, sizeof room, &e->as.link.name, "lan", 3);
    event_put(e, e->len + 2 * sizeof(struct interface_end) + 10, &e->as.link.ends,
              (struct interface_end[3]){0}, 3 * sizeof(struct interface_end));
    assert_int_equal(e->as.link.ends.len, 2 * sizeof(struct interface_end));
    sound(e);
}

static void pairs_come_back_in_order(void **state)
{
    (void)state;
    static const char *const put[][2] = {
        {"a", "1"}, {"", ""}, {"이름", "값"}, {"bad", "\xff"}, {"last", "x y"}};
    struct event *e = event_init(room, sizeof room, EVENT_EXPECT);
    event_put(e, sizeof room, &e->as.expect.text, "x", 1);
    for (size_t i = 0; i < 5; i++)
        event_put_pair(e, sizeof room, &e->as.expect.values, put[i][0], put[i][1]);
    sound(e);
    const char *name, *value;
    size_t at = 0;
    for (size_t i = 0; i < 5; i++) {
        assert_true(event_pair(e, e->as.expect.values, &at, &name, &value));
        assert_string_equal(name, put[i][0]);
        assert_string_equal(value, i == 3 ? "\ufffd" : put[i][1]);
    }
    assert_false(event_pair(e, e->as.expect.values, &at, &name, &value));
    at = 0;
    assert_false(event_pair(e, (struct span){0}, &at, &name, &value));
}

static void pairs_without_room_are_left_out(void **state)
{
    (void)state;
    struct event *e = event_init(room, sizeof room, EVENT_EXPECT);
    const size_t most = e->len + 16;
    event_put_pair(e, most, &e->as.expect.values, "name", "value"); // 11 bytes
    event_put_pair(e, most, &e->as.expect.values, "names", "value");
    assert_int_equal(e->as.expect.values.len, 11);
    event_put_pair(e, most, &e->as.expect.values, "ab", "서"); // one byte left for the value
    sound(e);
    const char *name, *value;
    size_t at = 11;
    assert_true(event_pair(e, e->as.expect.values, &at, &name, &value));
    assert_string_equal(name, "ab");
    assert_string_equal(value, "");
    assert_true(e->len <= most);
}

static void items_stand_behind_each_other(void **state)
{
    (void)state;
    struct event *e = event_init(room, sizeof room, EVENT_PARAM);
    event_put(e, sizeof room, &e->as.param.name, "x", 1);
    const size_t most = e->len + 16;
    event_put_item(e, most, &e->as.param.choices, "one");
    event_put_item(e, most, &e->as.param.choices, "\xff");
    event_put_item(e, most, &e->as.param.choices, "eighteen letters");
    sound(e);
    const char *bytes = event_bytes(e, e->as.param.choices);
    assert_string_equal(bytes, "one");
    assert_string_equal(bytes + 4, "\ufffd");
    assert_string_equal(bytes + 8, "eightee"); // as far as there was room
    event_put_item(e, most, &e->as.param.choices, "none");
    assert_int_equal(e->as.param.choices.len, 16);
    sound(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_with_what_is_absent),
        cmocka_unit_test(bodies_end_where_records_may),
        cmocka_unit_test(puts_behind_each_other_aligned),
        cmocka_unit_test(cuts_text_between_letters),
        cmocka_unit_test(replaces_what_is_no_text),
        cmocka_unit_test(a_record_never_grows_beyond_the_most),
        cmocka_unit_test(cuts_lists_between_elements),
        cmocka_unit_test(pairs_come_back_in_order),
        cmocka_unit_test(pairs_without_room_are_left_out),
        cmocka_unit_test(items_stand_behind_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
