// build: what was built is read back as it was meant, and its checksums are right.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "packet/build.h"

enum { IP = PROTOCOL_ETH | PROTOCOL_IP, IPV6 = PROTOCOL_ETH | PROTOCOL_IPV6 };

static uint8_t out[2048];
static const char payload[] = "0123456789";

static struct frame values(uint32_t protocols)
{
    struct frame f = {.protocols = protocols,
                      .dst = {2, 0, 0, 0, 0, 1},
                      .src = {2, 0, 0, 0, 0, 2},
                      .ttl = 64,
                      .window_scale = -1,
                      .payload_len = sizeof payload - 1};
    f.from = (struct addr){.family = protocols & PROTOCOL_IPV6 ? 6 : 4, .bytes = {10, 1, 0, 2}};
    f.to = (struct addr){.family = protocols & PROTOCOL_IPV6 ? 6 : 4, .bytes = {10, 1, 0, 1}};
    if (protocols & (PROTOCOL_TCP | PROTOCOL_UDP)) {
        f.from.port = 40000;
        f.to.port = 8080;
    }
    return f;
}

// Builds it and reads it back.
static struct frame round_trip(const struct frame *f)
{
    struct frame back;
    int len = build_frame(f, payload, out, sizeof out);
    assert_true(len > 0);
    uint8_t *copy = malloc((size_t)len); // of the exact size, for the sanitizer
    memcpy(copy, out, (size_t)len);
    frame_parse(&back, copy, (uint32_t)len);
    assert_true(frame_checksums_ok(copy, (uint32_t)len));
    free(copy);
    assert_int_equal(back.protocols, f->protocols);
    assert_memory_equal(back.dst, f->dst, 6);
    assert_memory_equal(&back.from, &f->from, sizeof back.from);
    assert_memory_equal(&back.to, &f->to, sizeof back.to);
    assert_int_equal(back.ttl, f->ttl);
    assert_int_equal(back.payload_len, f->payload_len);
    assert_memory_equal(out + back.payload_off, payload, back.payload_len);
    return back;
}

static void tcp_over_both(void **state)
{
    (void)state;
    static const uint32_t below[] = {IP, IPV6};
    for (int i = 0; i < 2; i++) {
        struct frame f = values(below[i] | PROTOCOL_TCP);
        f.flags = TCP_PSH | TCP_ACK;
        f.seq = 0xfffffff0;
        f.ack = 77;
        f.window = 502;
        f.ecn = 2;
        struct frame back = round_trip(&f);
        assert_int_equal(back.flags, f.flags);
        assert_int_equal(back.seq, f.seq);
        assert_int_equal(back.ack, f.ack);
        assert_int_equal(back.window, f.window);
        assert_int_equal(back.ecn, f.ecn);
        assert_int_equal(back.mss, 0);
        assert_int_equal(back.window_scale, -1);
    }
}

// Every set of options.
static void options_of_tcp(void **state)
{
    (void)state;
    for (unsigned set = 0; set < 32; set++) {
        struct frame f = values(IP | PROTOCOL_TCP);
        f.flags = TCP_SYN;
        f.mss = set & 1 ? 1460 : 0;
        f.sack_permitted = set & 2;
        f.timestamps = set & 4;
        f.ts_value = f.timestamps ? 123456 : 0;
        f.ts_echo = f.timestamps ? 654321 : 0;
        f.window_scale = set & 8 ? 7 : -1;
        f.sack_count = set & 16 ? 4 : 0;
        for (uint32_t i = 0; i < f.sack_count; i++)
            f.sack[i][0] = 100 * i, f.sack[i][1] = 100 * i + 50;
        struct frame back = round_trip(&f);
        assert_int_equal(back.mss, f.mss);
        assert_int_equal(back.sack_permitted, f.sack_permitted);
        assert_int_equal(back.timestamps, f.timestamps);
        assert_int_equal(back.ts_value, f.ts_value);
        assert_int_equal(back.ts_echo, f.ts_echo);
        assert_int_equal(back.window_scale, f.window_scale);
        uint32_t fit = set == 16 ? 4 : set < 20 ? 3 : 2; // as many as forty bytes have room for
        assert_true(back.sack_count <= f.sack_count &&
                    (!f.sack_count || back.sack_count >= fit - 1));
        assert_memory_equal(back.sack, f.sack, back.sack_count * sizeof f.sack[0]);
    }
}

static void udp_icmp_and_others(void **state)
{
    (void)state;
    struct frame f = values(IP | PROTOCOL_UDP);
    round_trip(&f);
    f = values(IPV6 | PROTOCOL_UDP);
    round_trip(&f);
    f = values(IP | PROTOCOL_ICMP);
    f.icmp_type = 8;
    f.icmp_rest = 7 << 16 | 1;
    assert_int_equal(round_trip(&f).icmp_rest, f.icmp_rest);
    f = values(IPV6 | PROTOCOL_ICMPV6);
    f.icmp_type = 128;
    assert_int_equal(round_trip(&f).icmp_type, 128);
    f = values(IP);
    f.ip_protocol = 132;
    assert_int_equal(round_trip(&f).ip_protocol, 132);
}

static void fragments(void **state)
{
    (void)state;
    struct frame f = values(IP);
    f.ip_protocol = 17;
    f.fragment_offset = 1480;
    f.more_fragments = true;
    f.ip_id = 0x1234;
    struct frame back = round_trip(&f);
    assert_int_equal(back.fragment_offset, 1480);
    assert_true(back.more_fragments);
    assert_int_equal(back.ip_id, 0x1234);
    f = values(IP | PROTOCOL_UDP);
    f.dont_fragment = true;
    assert_true(round_trip(&f).dont_fragment);
}

static void arp(void **state)
{
    (void)state;
    struct frame f = values(PROTOCOL_ETH | PROTOCOL_ARP), back;
    f.arp_operation = 1;
    f.payload_len = 0;
    assert_int_equal(build_frame(&f, NULL, out, sizeof out), FRAME_ARP_LEN);
    frame_parse(&back, out, FRAME_ARP_LEN);
    assert_int_equal(back.protocols, f.protocols);
    assert_int_equal(back.arp_operation, 1);
    assert_memory_equal(&back.from, &f.from, sizeof back.from);
    assert_memory_equal(&back.to, &f.to, sizeof back.to);
}

static void no_room(void **state)
{
    (void)state;
    struct frame f = values(IP | PROTOCOL_UDP);
    assert_int_equal(build_frame(&f, payload, out, BUILD_HEADERS_MAX), -1);
    f.payload_len = 65530;
    static uint8_t large[70000], bytes[65530];
    assert_int_equal(build_frame(&f, bytes, large, sizeof large), -1);
}

static void an_error_quotes_what_it_is_about(void **state)
{
    (void)state;
    static const uint32_t below[] = {IP, IPV6};
    for (int i = 0; i < 2; i++) {
        struct frame f = values(below[i] | PROTOCOL_TCP), back;
        uint8_t error[1024];
        f.dont_fragment = true;
        f.flags = TCP_ACK;
        int len = build_frame(&f, payload, out, sizeof out);
        int error_len = build_too_big(out, (uint32_t)len, 1280, error, sizeof error);
        assert_true(error_len > 0);
        assert_true(frame_checksums_ok(error, (uint32_t)error_len));
        frame_parse(&back, error, (uint32_t)error_len);
        assert_int_equal(back.icmp_type, i ? 2 : 3);
        assert_int_equal(back.icmp_code, i ? 0 : 4);
        assert_int_equal(back.icmp_rest, 1280);
        assert_memory_equal(back.to.bytes, f.from.bytes, 16);
        assert_memory_equal(back.dst, f.src, 6);
        assert_memory_equal(&back.about_from, &f.from, sizeof f.from);
        assert_memory_equal(&back.about_to, &f.to, sizeof f.to);
    }
    struct frame f = values(IP | PROTOCOL_UDP); // may be cut into fragments
    int len = build_frame(&f, payload, out, sizeof out);
    uint8_t error[1024];
    assert_int_equal(build_too_big(out, (uint32_t)len, 1280, error, sizeof error), -1);
}

static void checksums_can_be_wrong(void **state)
{
    (void)state;
    static const uint32_t kinds[] = {IP | PROTOCOL_TCP, IP | PROTOCOL_UDP, IP | PROTOCOL_ICMP,
                                     IPV6 | PROTOCOL_TCP, IP};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct frame f = values(kinds[i]);
        f.ip_protocol = 132;
        int len = build_frame(&f, payload, out, sizeof out);
        assert_true(frame_checksums_ok(out, (uint32_t)len));
        build_spoil(out, (uint32_t)len);
        assert_false(frame_checksums_ok(out, (uint32_t)len));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_over_both),
        cmocka_unit_test(options_of_tcp),
        cmocka_unit_test(udp_icmp_and_others),
        cmocka_unit_test(fragments),
        cmocka_unit_test(arp),
        cmocka_unit_test(no_room),
        cmocka_unit_test(an_error_quotes_what_it_is_about),
        cmocka_unit_test(checksums_can_be_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
