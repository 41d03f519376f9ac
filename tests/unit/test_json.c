// json: a record as a line and back is the same record, for every type; and some lines as they must
// read.
//
// --dump N prints N random events of each type as lines, --fields the table of fields; both for
// test_schema.py.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <errno.h>
#include <stdlib.h>

#include "event/json.h"
#include "random_event.h"

static struct random_scene scene;
static _Alignas(8) char room[EVENT_MAX];

static void scene_begin(uint64_t seed)
{
    cast_fini(&scene.cast);
    scene.seed = seed;
    scene.id = 0;
}

// Every type in turn, hosts and wires first: without them nothing else could speak of any.
static enum event_type type_of_round(int round, int i)
{
    static const enum event_type first[] = {EVENT_HOST, EVENT_HOST, EVENT_LINK, EVENT_ACTOR};
    return round == 0 && i < 4 ? first[i] : (enum event_type)(i % (EVENT_TYPES - 1) + 1);
}

static void record_line_record_is_the_identity(void **state)
{
    (void)state;
    struct cast cast;
    struct buf line = {0}, again = {0};
    struct err err;
    cast_init(&cast);
    scene_begin(20240607);
    for (int i = 0; i < 1500 * EVENT_TYPES; i++) {
        const struct event *e = random_event(&scene, type_of_round(i / EVENT_TYPES, i));
        if (event_check(e, sizeof scene.at, &err) != 0)
            fail_msg("%s", err.text);
        buf_reset(&line);
        json_write(&line, e, &scene.cast);
        if (json_read(line.ptr, line.len, room, sizeof room, &cast, &err) != 0)
            fail_msg("%s: %.*s", err.text, (int)line.len, line.ptr);
        const struct event *back = (const void *)room;
        buf_reset(&again);
        json_write(&again, back, &cast);
        if (again.len != line.len || memcmp(again.ptr, line.ptr, line.len) != 0)
            fail_msg("%.*s\n%.*s", (int)line.len, line.ptr, (int)again.len, again.ptr);
        assert_int_equal(back->len, e->len);
        assert_memory_equal(back, e, e->len);
    }
    buf_fini(&line);
    buf_fini(&again);
    cast_fini(&cast);
}

// A scene of a host, a wire and an actor.
static void cast_of_two(struct cast *cast)
{
    static const char *const lines[] = {
        "{\"id\":1,\"t\":0,\"type\":\"host\",\"host\":\"client\"}",
        "{\"id\":2,\"t\":0,\"type\":\"host\",\"host\":\"server\",\"sysctls\":{\"net.ipv4.tcp_"
        "syncookies\":\"0\"}}",
        "{\"id\":3,\"t\":0,\"type\":\"link\",\"link\":\"lan\",\"switch\":true,\"delay_ns\":1000000,"
        "\"mtu\":1500,"
        "\"ends\":[{\"host\":\"client\",\"name\":\"eth0\",\"mac\":\"02:00:00:00:01:01\","
        "\"address\":\"10.1.0.1/16\"},"
        "{\"host\":\"server\",\"name\":\"eth0\",\"mac\":\"02:00:00:00:02:01\",\"address\":\"fd00::"
        "2/64\"}]}",
        "{\"id\":4,\"t\":10,\"type\":\"actor\",\"host\":\"server\",\"actor\":\"server/"
        "1\",\"role\":\"handler\"}",
        "{\"id\":5,\"t\":11,\"type\":\"actor\",\"host\":\"server\",\"actor\":\"server/"
        "1\",\"role\":\"handler\","
        "\"ended\":\"normal\"}",
    };
    struct buf line = {0};
    struct err err;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (json_read(lines[i], strlen(lines[i]), room, sizeof room, cast, &err) != 0)
            fail_msg("%s", err.text);
        buf_reset(&line);
        json_write(&line, (const void *)room, cast);
        assert_string_equal(buf_string(&line), lines[i]);
    }
    buf_fini(&line);
    assert_int_equal(cast->host_count, 2);
    assert_int_equal(cast->wire_count, 1);
    assert_int_equal(cast->actor_count, 1);
}

static void writes_a_line(const struct event *e, const struct cast *cast, const char *expected)
{
    struct buf line = {0};
    struct err err;
    if (event_check(e, sizeof room, &err) != 0)
        fail_msg("%s", err.text);
    json_write(&line, e, cast);
    assert_string_equal(buf_string(&line), expected);
    buf_fini(&line);
}

static void writes_calls_and_packets(void **state)
{
    (void)state;
    struct cast cast;
    cast_init(&cast);
    cast_of_two(&cast);

    struct event *e = event_init(room, sizeof room, EVENT_CALL);
    e->id = 6, e->t = 123, e->host = 1, e->line = 7, e->source = 2, e->cause = 4, e->op = 5;
    e->as.call.call = CALL_SEND;
    e->as.call.fd = 3;
    e->as.call.sock = 1;
    e->as.call.size = 9;
    e->as.call.result = -1;
    e->as.call.error = ECONNRESET;
    event_put(e, sizeof room, &e->as.call.data, "GET \"\\\xff\r\n", 9);
    writes_a_line(
        e, &cast,
        "{\"id\":6,\"t\":123,\"type\":\"call\",\"host\":\"client\",\"line\":7,\"source\":2,"
        "\"cause\":4,\"op\":5,"
        "\"call\":\"send\",\"fd\":3,\"sock\":1,\"size\":9,\"result\":-1,\"errno\":\"ECONNRESET\","
        "\"data\":\"GET \\\"\\\\\\\\\\\\xff\\\\r\\\\n\"}");

    e = event_init(room, sizeof room, EVENT_PACKET);
    struct event_packet *p = &e->as.packet;
    e->id = 7, e->t = -1, e->actor = 1;
    p->wire = 1, p->from = 1, p->to = 2;
    p->protocols = PROTOCOL_ETH | PROTOCOL_IP | PROTOCOL_TCP;
    p->frame_len = 74;
    addr_parse("10.1.0.1:40000", &p->from_address);
    addr_parse("10.1.0.2:80", &p->to_address);
    p->flags = TCP_SYN | TCP_ACK;
    p->seq_raw = UINT32_MAX;
    p->window_scale = 7;
    p->note = NOTE_DUPLICATE_ACK;
    event_put(e, sizeof room, &p->sack, (uint64_t[]){1, 2, 3, 9007199254740991}, 32);
    event_put(e, sizeof room, &p->carries, (uint64_t[]){5, 6}, 16);
    event_put(e, sizeof room, &p->frame, "\x00\xff\xfe\x01", 4);
    writes_a_line(
        e, &cast,
        "{\"id\":7,\"t\":-1,\"type\":\"packet\",\"actor\":\"server/"
        "1\",\"link\":\"lan\",\"from\":\"client\","
        "\"to\":\"server\",\"protocols\":\"eth:ip:tcp\",\"frame_len\":74,\"from_address\":\"10.1.0."
        "1:40000\","
        "\"to_address\":\"10.1.0.2:80\",\"len\":0,\"flags\":\"SA\",\"seq\":0,\"ack\":0,"
        "\"seq_raw\":4294967295,\"ack_raw\":0,\"window\":0,\"window_scale\":7,"
        "\"sack\":[[1,2],[3,9007199254740991]],\"note\":\"duplicate ack\",\"carries\":[5,6],"
        "\"frame\":\"AP/+AQ==\"}");
    cast_fini(&cast);
}

static void escapes_text(void **state)
{
    (void)state;
    struct cast cast;
    cast_init(&cast);
    struct event *e = event_init(room, sizeof room, EVENT_SAY);
    static const char text[] = "\"\\\b\f\n\r\t\0\x1f\x7f 서버 \xc2\x9b \xc2\xa0/";
    event_put(e, sizeof room, &e->as.say.text, text, sizeof text - 1);
    writes_a_line(e, &cast,
                  "{\"id\":0,\"t\":0,\"type\":\"say\",\"text\":"
                  "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f 서버 "
                  "\\u009b \xc2\xa0/\"}");
    e = event_init(room, sizeof room, EVENT_CALL);
    e->as.call.error = 4000;
    writes_a_line(
        e, &cast,
        "{\"id\":0,\"t\":0,\"type\":\"call\",\"call\":\"none\",\"result\":0,\"errno\":4000}");
    cast_fini(&cast);
}

static int reads(const char *line, struct err *err)
{
    struct cast cast;
    cast_init(&cast);
    int status = json_read(line, strlen(line), room, sizeof room, &cast, err);
    cast_fini(&cast);
    return status;
}

static void ignores_what_it_does_not_know(void **state)
{
    (void)state;
    struct err err;
    const struct event *e = (const void *)room;
    assert_int_equal(reads("{\"type\":\"weather\",\"id\":1}", &err), 0);
    assert_int_equal(e->type, EVENT_PADDING);
    assert_int_equal(reads("{\"type\":\"padding\"}", &err), 0);
    assert_int_equal(e->type, EVENT_PADDING);
    assert_int_equal(
        reads(" {\"text\":\"x\",\"new\":[{}],\"type\":\"say\",\"t\":5,\"id\":1} \n", &err), 0);
    assert_int_equal(e->type, EVENT_SAY);
    assert_int_equal(e->t, 5);
}

static void refuses_wrong_lines(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "{",
        "[]",
        "17",
        "{\"id\":1,\"t\":0}",
        "{\"id\":1,\"t\":0,\"type\":7}",
        "{\"id\":1,\"t\":0,\"type\":\"say\"}",
        "{\"t\":0,\"type\":\"say\",\"text\":\"\"}",
        "{\"id\":-1,\"t\":0,\"type\":\"say\",\"text\":\"\"}",
        "{\"id\":9007199254740992,\"t\":0,\"type\":\"say\",\"text\":\"\"}",
        "{\"id\":1,\"t\":0.5,\"type\":\"say\",\"text\":\"\"}",
        "{\"id\":1,\"t\":0,\"type\":\"say\",\"text\":null}",
        "{\"id\":1,\"t\":0,\"type\":\"say\",\"text\":\"\xff\"}",
        "{\"id\":1,\"t\":0,\"type\":\"say\",\"text\":\"\\ud800\"}",
        "{\"id\":1,\"t\":0,\"type\":\"say\",\"text\":\"\",\"line\":4294967296}",
        "{\"id\":1,\"t\":0,\"type\":\"say\",\"text\":\"\",\"source\":65536}",
        "{\"id\":1,\"t\":0,\"type\":\"say\",\"text\":\"\",\"host\":\"nobody\"}",
        "{\"id\":1,\"t\":0,\"type\":\"host\"}",
        "{\"id\":1,\"t\":0,\"type\":\"host\",\"host\":\"\"}",
        "{\"id\":1,\"t\":0,\"type\":\"host\",\"host\":\"a\\u0000\"}",
        "{\"id\":1,\"t\":0,\"type\":\"host\",\"host\":\"a\",\"sysctls\":[]}",
        "{\"id\":1,\"t\":0,\"type\":\"host\",\"host\":\"a\",\"sysctls\":{\"a\":1}}",
        "{\"id\":1,\"t\":0,\"type\":\"cue\",\"text\":\"\",\"presented\":1}",
        "{\"id\":1,\"t\":0,\"type\":\"call\",\"call\":\"fork\",\"result\":0}",
        "{\"id\":1,\"t\":0,\"type\":\"call\",\"call\":\"send\",\"result\":0,\"errno\":\"ENONE\"}",
        "{\"id\":1,\"t\":0,\"type\":\"call\",\"call\":\"send\",\"result\":0,\"data\":\"\\\\x4\"}",
        "{\"id\":1,\"t\":0,\"type\":\"call\",\"call\":\"send\",\"result\":0,\"address\":\"here\"}",
        "{\"id\":1,\"t\":0,\"type\":\"call\",\"call\":\"send\",\"result\":0,\"carries\":[-1]}",
        "{\"id\":1,\"t\":0,\"type\":\"call\",\"call\":\"send\",\"result\":0,\"carries\":[[1,2]]}",
        "{\"id\":1,\"t\":0,\"type\":\"link\",\"link\":\"l\",\"delay_ns\":0,\"mtu\":9,\"ends\":[{}]"
        "}",
        "{\"id\":1,\"t\":0,\"type\":\"packet\",\"link\":\"\",\"protocols\":\"eth:tcp\",\"frame_"
        "len\":0,\"len\":0}",
        "{\"id\":1,\"t\":0,\"type\":\"packet\",\"link\":\"\",\"protocols\":\"eth\",\"frame_len\":0,"
        "\"len\":0,"
        "\"frame\":\"AAA\"}",
        "{\"id\":1,\"t\":0,\"type\":\"packet\",\"link\":\"\",\"protocols\":\"eth\",\"frame_len\":0,"
        "\"len\":0,"
        "\"frame\":\"A===\"}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err err = {0};
        if (reads(wrong[i], &err) == 0)
            fail_msg("was read: %s", wrong[i]);
        assert_true(err.text[0]);
    }
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    struct buf line = {0};
    struct err err;
    buf_text(&line, "{\"id\":1,\"t\":0,\"type\":\"say\",\"text\":\"");
    buf_fill(&line, 'x', EVENT_MAX);
    buf_text(&line, "\"}");
    assert_int_equal(reads(buf_string(&line), &err), -1);
    assert_string_equal(err.text, "say event: \"text\" is too long");
    buf_fini(&line);
}

static void dump(int count)
{
    struct buf line = {0};
    scene_begin(7);
    for (int i = 0; i < count * EVENT_TYPES; i++) {
        buf_reset(&line);
        json_write(&line, random_event(&scene, type_of_round(i / EVENT_TYPES, i)), &scene.cast);
        puts(buf_string(&line));
    }
    buf_fini(&line);
}

static void dump_fields(const char *type, const struct field *f)
{
    for (; f->name; f++) {
        printf("{\"type\":\"%s\",\"field\":\"%s\",\"when\":%u,\"names\":[", type, f->name, f->when);
        for (size_t i = 0; f->names && f->names[i]; i++)
            printf("%s\"%s\"", i ? "," : "", f->names[i]);
        puts("]}");
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--dump") == 0) {
        dump(atoi(argv[2]));
        cast_fini(&scene.cast);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--fields") == 0) {
        dump_fields("", event_header_fields);
        for (int type = EVENT_PADDING + 1; type < EVENT_TYPES; type++)
            dump_fields(event_shapes[type].name, event_shapes[type].fields);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_line_record_is_the_identity),
        cmocka_unit_test(writes_calls_and_packets),
        cmocka_unit_test(escapes_text),
        cmocka_unit_test(ignores_what_it_does_not_know),
        cmocka_unit_test(refuses_wrong_lines),
        cmocka_unit_test(refuses_what_is_too_long),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cast_fini(&scene.cast);
    return failed;
}
