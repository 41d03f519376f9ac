// Records from a process that is not trusted: whatever event_check lets pass is written as sound
// JSON, and nothing is read beyond its end (AddressSanitizer watches).
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <jansson.h>
#include <stdlib.h>

#include "event/json.h"
#include "random_event.h"

static struct random_scene scene;

// Takes the record as the front does. Whether it was accepted.
static bool take(const void *bytes, size_t len, struct cast *cast)
{
    struct err err = {0};
    if (event_check(bytes, len, &err) != 0) {
        assert_true(err.text[0]);
        return false;
    }
    const struct event *e = bytes;
    struct buf line = {0};
    cast_learn(cast, e);
    json_write(&line, e, cast);
    json_error_t why;
    json_t *object = json_loadb(line.ptr, line.len, JSON_ALLOW_NUL, &why);
    if (!object)
        fail_msg("%s: %.*s", why.text, (int)line.len, line.ptr);
    json_decref(object);
    buf_fini(&line);
    return true;
}

// Mostly the header and the body, where a flipped bit means most.
static void spoil(char *bytes, size_t len)
{
    for (uint64_t n = random_below(&scene, 4); n > 0; n--) {
        size_t at = random_below(&scene, random_below(&scene, 4) && len > 300 ? 300 : len);
        if (random_below(&scene, 2))
            bytes[at] = (char)random_bits(&scene);
        else
            bytes[at] ^= (char)(1 << random_below(&scene, 8));
    }
}

static void spoiled_records_do_no_harm(void **state)
{
    (void)state;
    int accepted = 0, refused = 0;
    scene.seed = 815;
    struct cast cast;
    cast_init(&cast);
    for (int i = 0; i < 2000 * EVENT_TYPES; i++) {
        const struct event *e = random_event(&scene, (enum event_type)(i % (EVENT_TYPES - 1) + 1));
        size_t len = random_below(&scene, 8) ? e->len : random_below(&scene, e->len + 1);
        char *copy = malloc(len ? len : 1); // of just that size, so that a step too far is seen
        memcpy(copy, e, len);
        if (len)
            spoil(copy, len);
        if (take(copy, len, &cast))
            accepted++;
        else
            refused++;
        free(copy);
    }
    cast_fini(&cast);
    cast_fini(&scene.cast);
    assert_true(accepted > 1000 && refused > 1000);
}

static bool accepts(const void *e, size_t len)
{
    struct cast cast;
    cast_init(&cast);
    bool accepted = take(e, len, &cast);
    cast_fini(&cast);
    return accepted;
}

static void refuses_impossible_lengths(void **state)
{
    (void)state;
    static _Alignas(8) char room[EVENT_MAX + 64];
    struct event *e = event_init(room, sizeof room, EVENT_SAY);
    uint32_t len = e->len;
    assert_true(accepts(e, len));
    assert_true(accepts(e, sizeof room));
    assert_false(accepts(e, len - 1));
    assert_false(accepts(e, 8));
    assert_false(accepts(e, 0));
    static const uint32_t wrong[] = {0, 8, 56, 68, EVENT_MAX + 8, UINT32_MAX, UINT32_MAX - 7};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        e->len = wrong[i];
        assert_false(accepts(e, sizeof room));
    }
    e->len = EVENT_MAX;
    assert_true(accepts(e, sizeof room));
    e->type = EVENT_PADDING;
    assert_false(accepts(e, sizeof room));
    e->type = EVENT_TYPES;
    assert_false(accepts(e, sizeof room));
    assert_false(accepts(room + 4, sizeof room - 4));
}

static void refuses_spans_that_are_not_inside(void **state)
{
    (void)state;
    static _Alignas(8) char room[EVENT_MAX];
    struct event *e = event_init(room, sizeof room, EVENT_EXPECT);
    event_put(e, sizeof room, &e->as.expect.text, "12345678", 8);
    event_put_pair(e, sizeof room, &e->as.expect.values, "a", "b");
    assert_true(accepts(e, e->len));
    const uint32_t off = e->as.expect.text.off;
    const struct span wrong[] = {{0, 8},
                                 {off - 1, 8},
                                 {off, e->len},
                                 {e->len, 1},
                                 {e->len + 8, 0},
                                 {UINT32_MAX, 0},
                                 {UINT32_MAX, 8},
                                 {off, UINT32_MAX},
                                 {UINT32_MAX - 3, 8},
                                 {off, 13 /* with the 4 of the pair more than there is */}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        e->as.expect.text = wrong[i];
        assert_false(accepts(e, e->len));
    }
    e->as.expect.text = (struct span){e->len, 0};
    assert_true(accepts(e, e->len));
}

static void refuses_broken_pairs(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint32_t len;
        bool sound;
    } cases[] = {{"a\0b", 4, true},       {"\0", 2, true},
                 {"a\0b", 3, false},      {"a", 2, false},
                 {"a\0b\0c", 6, false},   {"a\0\xff", 4, false},
                 {"a\0b\0c\0d", 8, true}, {"\xea\xb0\0\x80", 5, false}};
    static _Alignas(8) char room[EVENT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event *e = event_init(room, sizeof room, EVENT_EXPECT);
        event_put(e, sizeof room, &e->as.expect.values, cases[i].bytes, cases[i].len);
        assert_int_equal(accepts(e, e->len), cases[i].sound);
    }
}

static void refuses_broken_texts(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint32_t len;
        bool sound;
    } cases[] = {{"a\0b", 4, true}, {"\0", 1, true},       {"a\0b", 3, false},
                 {"a", 2, true},    {"a\0\xff", 4, false}, {"\xea\xb0\0\x80", 5, false}};
    static _Alignas(8) char room[EVENT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event *e = event_init(room, sizeof room, EVENT_PARAM);
        event_put(e, sizeof room, &e->as.param.choices, cases[i].bytes, cases[i].len);
        assert_int_equal(accepts(e, e->len), cases[i].sound);
    }
}

static void refuses_values_out_of_range(void **state)
{
    (void)state;
    static _Alignas(8) char room[EVENT_MAX];
    static const struct {
        enum event_type type;
        size_t offset;
        uint32_t last; // that is allowed
    } words[] = {
        {EVENT_CALL, offsetof(struct event, as.call.call), CALL_COUNT - 1},
        {EVENT_CALL, offsetof(struct event, as.call.how), 3},
        {EVENT_CUE, offsetof(struct event, as.cue.presented), 1},
        {EVENT_PACKET, offsetof(struct event, as.packet.protocols), 255},
        {EVENT_PACKET, offsetof(struct event, as.packet.flags), 255},
        {EVENT_PACKET, offsetof(struct event, as.packet.note), NOTE_COUNT - 1},
        {EVENT_PACKET, offsetof(struct event, as.packet.kind), KIND_COUNT - 1},
        {EVENT_PACKET, offsetof(struct event, as.packet.origin), ORIGIN_COUNT - 1},
        {EVENT_ARRIVE, offsetof(struct event, as.arrive.fate), FATE_COUNT - 1},
        {EVENT_STATE, offsetof(struct event, as.state.to), STATE_COUNT - 1},
        {EVENT_STATE, offsetof(struct event, as.state.timer), TIMER_COUNT - 1},
        {EVENT_PROGRAM, offsetof(struct event, as.program.ended), 1},
        {EVENT_OUTPUT, offsetof(struct event, as.output.stream), OUTPUT_COUNT - 1},
        {EVENT_END, offsetof(struct event, as.end.reason), REASON_COUNT - 1},
        {EVENT_LATE, offsetof(struct event, as.late.what), LATE_COUNT - 1},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct event *e = event_init(room, sizeof room, words[i].type);
        uint32_t *word = (uint32_t *)(void *)(room + words[i].offset);
        *word = words[i].last;
        assert_true(accepts(e, e->len));
        *word = words[i].last + 1;
        assert_false(accepts(e, e->len));
        *word = UINT32_MAX;
        assert_false(accepts(e, e->len));
    }
    struct event *e = event_init(room, sizeof room, EVENT_LATE);
    e->cause = EVENT_NUMBER_MAX;
    assert_true(accepts(e, e->len));
    e->cause++;
    assert_false(accepts(e, e->len));
}

static void refuses_broken_names_ends_and_addresses(void **state)
{
    (void)state;
    static _Alignas(8) char room[EVENT_MAX];
    struct event *e = event_init(room, sizeof room, EVENT_HOST);
    assert_false(accepts(e, e->len)); // has no name
    event_put(e, sizeof room, &e->as.host.name, "a\0b", 3);
    assert_false(accepts(e, e->len));

    e = event_init(room, sizeof room, EVENT_LINK);
    event_put(e, sizeof room, &e->as.link.name, "lan", 3);
    struct interface_end end = {.name = "eth0", .address = {.family = 4}, .prefix = 32};
    event_put(e, sizeof room, &e->as.link.ends, &end, sizeof end);
    assert_true(accepts(e, e->len));
    struct interface_end *put = (void *)(room + e->as.link.ends.off);
    put->prefix = 33;
    assert_false(accepts(e, e->len));
    put->prefix = 0;
    put->address.family = 5;
    assert_false(accepts(e, e->len));
    put->address.family = 6;
    memset(put->name, 'x', sizeof put->name);
    assert_false(accepts(e, e->len));
    memcpy(put->name, "\xff", 2);
    assert_false(accepts(e, e->len));
    memcpy(put->name, "a", 2);
    assert_true(accepts(e, e->len));
    e->as.link.ends.len -= 8;
    assert_false(accepts(e, e->len));

    e = event_init(room, sizeof room, EVENT_BLOCKED);
    e->as.blocked.address.family = 1;
    assert_false(accepts(e, e->len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spoiled_records_do_no_harm),
        cmocka_unit_test(refuses_impossible_lengths),
        cmocka_unit_test(refuses_spans_that_are_not_inside),
        cmocka_unit_test(refuses_broken_pairs),
        cmocka_unit_test(refuses_broken_texts),
        cmocka_unit_test(refuses_values_out_of_range),
        cmocka_unit_test(refuses_broken_names_ends_and_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
