// pcapng: blocks, interfaces, names, comments and their packets, read back by a small reader.
//
// With a file name as argument it writes the same capture there instead, to be opened by other
// tools.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build_frame.h"
#include "record/held.h"
#include "record/pcapng.h"

enum { SNAP = 96, CLIENT = 1, SERVER = 2, MS = 1000000 };

// A scene being told: the events go into the writer.
struct tale {
    struct pcapng *pcapng;
    struct buf file;
    uint64_t id;
    int64_t t;
};

static _Alignas(8) char room[EVENT_MAX];

static struct event *begin(struct tale *tale, enum event_type type)
{
    struct event *e = event_init(room, sizeof room, type);
    e->id = ++tale->id;
    e->t = tale->t += MS;
    return e;
}

static uint64_t tell(struct tale *tale)
{
    const struct event *e = (const void *)room;
    struct err err;
    if (event_check(e, e->len, &err) != 0)
        fail_msg("%s", err.text);
    pcapng_event(tale->pcapng, e, &tale->file);
    return e->id;
}

static void put(struct event *e, struct span *span, const char *text)
{
    event_put(e, sizeof room, span, text, strlen(text));
}

static void tell_host(struct tale *tale, uint32_t host, const char *name)
{
    struct event *e = begin(tale, EVENT_HOST);
    e->host = host;
    put(e, &e->as.host.name, name);
    tell(tale);
}

static void tell_actor(struct tale *tale, uint32_t actor, const char *name, uint32_t host)
{
    struct event *e = begin(tale, EVENT_ACTOR);
    e->actor = actor;
    e->host = host;
    put(e, &e->as.actor.name, name);
    tell(tale);
}

static struct interface_end end_of(uint32_t host, uint8_t family)
{
    struct interface_end end = {
        .host = host, .name = "eth0", .mac = {2, 0, 0, 0, 0, (uint8_t)host}};
    end.address.family = family;
    end.prefix = family == 4 ? 16 : 64;
    if (family == 4)
        memcpy(end.address.bytes, (uint8_t[]){10, 1, 0, (uint8_t)host}, 4);
    else
        memcpy(end.address.bytes, (uint8_t[16]){[0] = 0xfd, [15] = (uint8_t)host}, 16);
    return end;
}

static void tell_link(struct tale *tale, uint32_t wire, const char *name, uint8_t family,
                      bool again)
{
    struct event *e = begin(tale, EVENT_LINK);
    struct interface_end ends[2] = {end_of(CLIENT, family), end_of(SERVER, family)};
    if (family == 6)
        ends[0].name[3] = ends[1].name[3] = '1';
    e->as.link.wire = wire;
    e->as.link.mtu = 1500;
    e->as.link.again = again;
    put(e, &e->as.link.name, name);
    event_put(e, sizeof room, &e->as.link.ends, ends, sizeof ends);
    tell(tale);
}

static void tell_say(struct tale *tale, const char *text)
{
    struct event *e = begin(tale, EVENT_SAY);
    put(e, &e->as.say.text, text);
    tell(tale);
}

static void begin_tale(struct tale *tale, uint32_t snap)
{
    *tale = (struct tale){.pcapng = pcapng_new(snap)};
    struct event *e = begin(tale, EVENT_SCENE);
    e->t = tale->t = 0;
    put(e, &e->as.scene.title, "One message");
    put(e, &e->as.scene.about, "How many packets?");
    put(e, &e->as.scene.kernel, "Linux 6.18.0");
    put(e, &e->as.scene.started, "2024-05-01T10:00:00.5Z");
    tell(tale);
    tell_host(tale, CLIENT, "client");
    tell_host(tale, SERVER, "server");
    tell_link(tale, 1, "client-server", 4, false);
    tell_actor(tale, 1, "client", CLIENT);
    tell_actor(tale, 2, "server/1", SERVER);
}

static uint64_t tell_send(struct tale *tale, uint32_t actor, int64_t size, uint32_t line)
{
    struct event *e = begin(tale, EVENT_CALL);
    e->as.call.call = CALL_SEND;
    e->as.call.size = e->as.call.result = size;
    e->actor = actor;
    e->host = actor;
    e->line = line;
    return tell(tale);
}

// A segment by `from` with its frame cut to SNAP bytes; the caller adds what is remarkable, and
// tells it.
static struct event *begin_segment(struct tale *tale, uint32_t from, uint8_t family, uint8_t flags,
                                   uint32_t seq, uint32_t ack, uint32_t len)
{
    static const char data[1400] = "GET / HTTP/1.0\r\n";
    struct built_tcp t = {.from_port = from == CLIENT ? 40000 : 8080,
                          .to_port = from == CLIENT ? 8080 : 40000,
                          .seq = seq,
                          .ack = ack,
                          .flags = flags,
                          .window = 64240,
                          .data = data,
                          .len = len};
    uint8_t to = from == CLIENT ? SERVER : CLIENT;
    struct built b = build_tcp(&t);
    if (family == 4)
        built_ip(&b, 6, (uint8_t)from, to, 0, NULL, 0);
    else
        built_ipv6(&b, 6, (uint8_t)from, to, 0, NULL, 0);
    built_eth(&b, family == 4 ? 0x0800 : 0x86dd, (uint8_t)from, to);
    struct event *e = begin(tale, EVENT_PACKET);
    e->host = from;
    e->as.packet.wire = family == 4 ? 1 : 2;
    e->as.packet.frame_len = b.len;
    e->as.packet.len = len;
    event_put(e, sizeof room, &e->as.packet.frame, b.bytes, b.len < SNAP ? b.len : SNAP);
    return e;
}

static void tell_arrive(struct tale *tale, uint64_t packet, uint32_t fate, const char *why)
{
    struct event *e = begin(tale, EVENT_ARRIVE);
    e->as.arrive.packet = packet;
    e->as.arrive.wire = 1;
    e->as.arrive.fate = fate;
    put(e, &e->as.arrive.why, why);
    tell(tale);
}

// Eight packets: a handshake that begins with a blocking call, a loss and its repair, IPv6, a last
// word.
static void tell_all(struct tale *tale)
{
    begin_tale(tale, SNAP);
    tell_say(tale, "\xEB\xA8\xBC\xEC\xA0\x80 SYN\xEC\x9D\xB4 \xEA\xB0\x84\xEB\x8B\xA4."); // Korean
    struct event *e = begin(tale, EVENT_BLOCKED);
    e->as.blocked.call = CALL_CONNECT;
    e->as.blocked.address = end_of(SERVER, 4).address;
    e->as.blocked.address.port = 8080;
    e->host = e->actor = CLIENT;
    e->line = 7;
    uint64_t connect = tell(tale);
    begin_segment(tale, CLIENT, 4, TCP_SYN, 1000, 0, 0)->cause = connect;
    uint64_t syn = tell(tale);
    tell_arrive(tale, syn, FATE_DELIVERED, "");
    begin_segment(tale, SERVER, 4, TCP_SYN | TCP_ACK, 7000, 1001, 0);
    uint64_t syn_ack = tell(tale);
    tell_arrive(tale, syn_ack, FATE_HELD, "");
    tell_arrive(tale, syn_ack, FATE_DELIVERED, "");
    begin_segment(tale, CLIENT, 4, TCP_ACK, 1001, 7001, 0);
    uint64_t ack = tell(tale);
    tell_say(tale, "Now the data.");
    uint64_t first = tell_send(tale, 1, 1400, 9), second = tell_send(tale, 1, 1400, 10);
    e = begin_segment(tale, CLIENT, 4, TCP_ACK, 1001, 7001, 1400);
    e->cause = first;
    event_put(e, sizeof room, &e->as.packet.carries, (uint64_t[]){first, second}, 16);
    uint64_t lost = tell(tale);
    tell_arrive(tale, lost, FATE_DROPPED, "rule: the first data");
    tell_arrive(tale, ack, FATE_DELIVERED, ""); // later than what followed it
    e = begin_segment(tale, CLIENT, 4, TCP_ACK, 1001, 7001, 1400);
    e->as.packet.note = NOTE_RETRANSMISSION;
    e->as.packet.kind = KIND_RTO;
    e->as.packet.of = lost;
    tell(tale);
    begin_segment(tale, SERVER, 4, TCP_ACK, 7001, 2401, 0);
    tell(tale);
    tell_link(tale, 2, "six", 6, false);
    tell_link(tale, 2, "six", 6, true); // described again
    begin_segment(tale, CLIENT, 6, TCP_SYN, 1, 0, 0);
    tell(tale);
    begin_segment(tale, SERVER, 6, TCP_RST | TCP_ACK, 0, 2, 0);
    tell_arrive(tale, tell(tale), FATE_DELIVERED, "");
    e = begin(tale, EVENT_EXPECT);
    put(e, &e->as.expect.text, "packets == 5");
    tell(tale);
    tell_say(tale, "That was all.");
}

// What the reader finds: interfaces and names as lines of text, packets with their comments joined
// by '|'.
struct found {
    char interfaces[8][128];
    char names[8][64];
    char section[256];
    size_t interface_count, name_count, packet_count;
    struct {
        uint32_t interface, captured, whole, flags;
        uint64_t ns, id;
        char comments[512];
    } packets[16];
};

static uint32_t u32(const char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint16_t u16(const char *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

// The next option, or the next record of a block of names; false at the end.
static bool next_option(const char **at, const char *end, uint16_t *code, const char **value,
                        uint16_t *len)
{
    if (*at == end)
        return false;
    *code = u16(*at);
    *len = u16(*at + 2);
    *value = *at + 4;
    *at = *value + ((*len + 3) & ~3);
    assert_true(*at <= end);
    if (*code == 0) {
        assert_int_equal(*len, 0);
        assert_ptr_equal(*at, end);
        return false;
    }
    return true;
}

static void join(char *text, size_t size, const char *value, uint16_t len)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%.*s", used ? "|" : "", len, value);
}

static void find_packet(struct found *found, const char *at, const char *end)
{
    size_t n = found->packet_count++;
    uint16_t code, len;
    const char *value;
    found->packets[n].interface = u32(at);
    assert_true(u32(at) < found->interface_count);
    found->packets[n].ns = (uint64_t)u32(at + 4) << 32 | u32(at + 8);
    uint32_t captured = found->packets[n].captured = u32(at + 12);
    found->packets[n].whole = u32(at + 16);
    at += 20 + ((captured + 3) & ~3u);
    while (next_option(&at, end, &code, &value, &len)) {
        if (code == 1)
            join(found->packets[n].comments, sizeof found->packets[n].comments, value, len);
        else if (code == 2)
            found->packets[n].flags = u32(value);
        else if (code == 5)
            memcpy(&found->packets[n].id, value, 8);
    }
}

static void find_block(struct found *found, uint32_t type, const char *at, const char *end)
{
    uint16_t code, len;
    const char *value;
    switch (type) {
    case 0x0a0d0d0a:
        assert_int_equal(u32(at), 0x1a2b3c4d);
        assert_int_equal(u32(at + 4), 1);
        for (at += 16; next_option(&at, end, &code, &value, &len);)
            join(found->section, sizeof found->section, value, len);
        break;
    case 1:
        assert_int_equal(u16(at), 1);
        for (at += 8; next_option(&at, end, &code, &value, &len);) {
            if (code == 2)
                join(found->interfaces[found->interface_count], 128, value, len);
            if (code == 9)
                assert_int_equal(*value, 9);
        }
        found->interface_count++;
        break;
    case 4:
        while (next_option(&at, end, &code, &value, &len)) {
            assert_true(code == 1 || code == 2);
            snprintf(found->names[found->name_count++], 64, "%d %s",
                     (uint8_t)value[code == 1 ? 3 : 15], value + (code == 1 ? 4 : 16));
        }
        break;
    case 6:
        find_packet(found, at, end);
        break;
    default:
        fail_msg("block of unknown type %u", type);
    }
}

static struct found *read_back(const struct buf *file)
{
    struct found *found = calloc(1, sizeof *found);
    for (size_t at = 0; at < file->len;) {
        uint32_t len = u32(file->ptr + at + 4);
        assert_int_equal(len % 4, 0);
        assert_true(len >= 12 && len <= file->len - at);
        assert_int_equal(u32(file->ptr + at + len - 4), len);
        find_block(found, u32(file->ptr + at), file->ptr + at + 8, file->ptr + at + len - 4);
        at += len;
    }
    return found;
}

static struct found *end_tale(struct tale *tale)
{
    pcapng_end(tale->pcapng, &tale->file);
    pcapng_free(tale->pcapng);
    struct found *found = read_back(&tale->file);
    buf_fini(&tale->file);
    return found;
}

static void tells_the_story_in_comments(void **state)
{
    (void)state;
    struct tale tale;
    tell_all(&tale);
    struct found *f = end_tale(&tale);
    static const char *const comments[] = {
        "\xEB\xA8\xBC\xEC\xA0\x80 SYN\xEC\x9D\xB4 \xEA\xB0\x84\xEB\x8B\xA4."
        "|connect(server:8080), which waits, by client, line 7",
        "held",
        "",
        "Now the data.|send(1400) = 1400 by client, line 9"
        "|bytes of send(1400) = 1400 by client, line 10|dropped: rule: the first data",
        "retransmission of frame 4 (rto)",
        "",
        "",
        "check failed: packets == 5|That was all.",
    };
    assert_int_equal(f->packet_count, sizeof comments / sizeof *comments);
    for (size_t i = 0; i < f->packet_count; i++) {
        assert_string_equal(f->packets[i].comments, comments[i]);
        assert_int_equal(f->packets[i].flags, 2);
        if (i)
            assert_true(f->packets[i].id > f->packets[i - 1].id &&
                        f->packets[i].ns > f->packets[i - 1].ns);
    }
    free(f);
}

static void describes_interfaces_and_hosts(void **state)
{
    (void)state;
    struct tale tale;
    tell_all(&tale);
    struct found *f = end_tale(&tale);
    assert_non_null(strstr(f->section, "One message\nHow many packets?|Linux 6.18.0|wirescene "));
    assert_int_equal(f->interface_count, 4);
    assert_string_equal(f->interfaces[0], "client-server/client:eth0");
    assert_string_equal(f->interfaces[1], "client-server/server:eth0");
    assert_string_equal(f->interfaces[3], "six/server:eth1");
    assert_int_equal(f->name_count, 4);
    assert_string_equal(f->names[0], "1 client");
    assert_string_equal(f->names[3], "2 server");
    static const uint32_t interfaces[] = {0, 1, 0, 0, 0, 1, 2, 3};
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(f->packets[i].interface, interfaces[i]);
    free(f);
}

static void keeps_time_and_lengths(void **state)
{
    (void)state;
    struct tale tale;
    tell_all(&tale);
    struct found *f = end_tale(&tale);
    // 2024-05-01T10:00:00.5Z; the first packet is the eighth event after the scene.
    assert_int_equal(f->packets[0].ns, 1714557600500000000 + 8 * MS);
    assert_int_equal(f->packets[0].captured, 54);
    assert_int_equal(f->packets[0].whole, 54);
    assert_int_equal(f->packets[3].captured, SNAP);
    assert_int_equal(f->packets[3].whole, 1454);
    free(f);
}

static void cuts_frames_to_its_own_snap_length(void **state)
{
    (void)state;
    struct tale tale;
    begin_tale(&tale, 60);
    begin_segment(&tale, CLIENT, 4, TCP_ACK, 1, 1, 100);
    tell(&tale);
    struct found *f = end_tale(&tale);
    assert_int_equal(f->packets[0].captured, 60);
    assert_int_equal(f->packets[0].whole, 154);
    free(f);
}

static void keeps_the_last_packet_back_and_those_whose_fate_is_open(void **state)
{
    (void)state;
    struct tale tale;
    begin_tale(&tale, SNAP);
    begin_segment(&tale, CLIENT, 4, TCP_SYN, 1, 0, 0);
    uint64_t first = tell(&tale);
    size_t before = tale.file.len;
    tell_arrive(&tale, first, FATE_DELIVERED, "");
    assert_int_equal(tale.file.len, before); // it is the last
    begin_segment(&tale, CLIENT, 4, TCP_SYN, 1, 0, 0);
    tell(&tale);
    assert_true(tale.file.len > before);
    before = tale.file.len;
    begin_segment(&tale, CLIENT, 4, TCP_SYN, 1, 0, 0);
    tell_arrive(&tale, tell(&tale), FATE_DELIVERED, "");
    assert_int_equal(tale.file.len, before); // the second is on its way
    for (size_t i = 0; i < HELD_MAX + 10; i++) {
        begin_segment(&tale, CLIENT, 4, TCP_SYN, 1, 0, 0);
        tell(&tale);
    }
    assert_true(tale.file.len > before); // but not for ever
    pcapng_end(tale.pcapng, &tale.file);
    pcapng_free(tale.pcapng);
    buf_fini(&tale.file);
}

static void names_only_some_of_many_calls(void **state)
{
    (void)state;
    struct tale tale;
    uint64_t ids[20];
    begin_tale(&tale, SNAP);
    for (int i = 0; i < 20; i++)
        ids[i] = tell_send(&tale, 2, 1, 3);
    struct event *e = begin_segment(&tale, SERVER, 4, TCP_ACK, 1, 1, 20);
    event_put(e, sizeof room, &e->as.packet.carries, ids, sizeof ids);
    tell(&tale);
    struct found *f = end_tale(&tale);
    assert_non_null(strstr(f->packets[0].comments, "bytes of send(1) = 1 by server/1, line 3|"));
    assert_non_null(strstr(f->packets[0].comments, "|bytes of 12 more calls"));
    free(f);
}

static void is_a_file_even_without_a_scene(void **state)
{
    (void)state;
    struct tale tale = {.pcapng = pcapng_new(0)};
    begin_segment(&tale, CLIENT, 4, TCP_SYN, 1, 0, 0); // on a wire that nobody described
    tell(&tale);
    struct found *f = end_tale(&tale);
    assert_int_equal(f->packet_count, 1);
    assert_string_equal(f->interfaces[0], "/:?");
    free(f);
    tale = (struct tale){.pcapng = pcapng_new(0)};
    f = end_tale(&tale);
    assert_int_equal(f->packet_count, 0);
    assert_non_null(strstr(f->section, "wirescene"));
    free(f);
    pcapng_free(NULL);
}

static int write_file(const char *name)
{
    struct tale tale;
    tell_all(&tale);
    pcapng_end(tale.pcapng, &tale.file);
    pcapng_free(tale.pcapng);
    FILE *file = fopen(name, "wb");
    bool ok = file && fwrite(tale.file.ptr, 1, tale.file.len, file) == tale.file.len;
    buf_fini(&tale.file);
    return file && fclose(file) == 0 && ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return write_file(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_story_in_comments),
        cmocka_unit_test(describes_interfaces_and_hosts),
        cmocka_unit_test(keeps_time_and_lengths),
        cmocka_unit_test(cuts_frames_to_its_own_snap_length),
        cmocka_unit_test(keeps_the_last_packet_back_and_those_whose_fate_is_open),
        cmocka_unit_test(names_only_some_of_many_calls),
        cmocka_unit_test(is_a_file_even_without_a_scene),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
