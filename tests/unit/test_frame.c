// frame: every layer, broken and cut frames, options, checksums, the ARP reply.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>

#include "build_frame.h"
#include "packet/frame.h"

enum { ETH_IP = PROTOCOL_ETH | PROTOCOL_IP, ETH_IPV6 = PROTOCOL_ETH | PROTOCOL_IPV6 };

static const struct built_tcp plain = {.from_port = 40000,
                                       .to_port = 8080,
                                       .seq = 0xfffffff0,
                                       .ack = 77,
                                       .flags = TCP_PSH | TCP_ACK,
                                       .window = 502,
                                       .data = "hello",
                                       .len = 5};

static struct built tcp_frame(const struct built_tcp *t)
{
    struct built b = build_tcp(t);
    built_ip(&b, 6, 1, 2, 0, NULL, 0);
    built_eth(&b, 0x0800, 1, 2);
    return b;
}

static struct frame parsed(const struct built *b)
{
    // A copy of the exact size, so that the sanitizer sees a read beyond it.
    uint8_t *copy = malloc(b->len ? b->len : 1);
    struct frame f;
    memcpy(copy, b->bytes, b->len);
    frame_parse(&f, copy, b->len);
    frame_checksums_ok(copy, b->len);
    free(copy);
    return f;
}

static void reads_tcp_over_ipv4(void **state)
{
    (void)state;
    struct built b = tcp_frame(&plain);
    struct frame f = parsed(&b);
    assert_int_equal(f.protocols, ETH_IP | PROTOCOL_TCP);
    assert_int_equal(f.len, b.len);
    assert_int_equal(f.dst[5], 2);
    assert_int_equal(f.src[5], 1);
    assert_int_equal(f.from.family, 4);
    assert_memory_equal(f.from.bytes, "\x0a\x01\x00\x01", 4);
    assert_memory_equal(f.to.bytes, "\x0a\x01\x00\x02", 4);
    assert_int_equal(f.from.port, 40000);
    assert_int_equal(f.to.port, 8080);
    assert_int_equal(f.ttl, 64);
    assert_int_equal(f.seq, 0xfffffff0);
    assert_int_equal(f.ack, 77);
    assert_int_equal(f.flags, TCP_PSH | TCP_ACK);
    assert_int_equal(f.window, 502);
    assert_int_equal(f.payload_len, 5);
    assert_memory_equal(b.bytes + f.payload_off, "hello", 5);
    assert_int_equal(f.window_scale, -1);
    assert_true(frame_checksums_ok(b.bytes, b.len));
}

static void ignores_the_padding_of_short_frames(void **state)
{
    (void)state;
    struct built_tcp t = plain;
    t.len = 0;
    struct built b = tcp_frame(&t);
    built_put(&b, "\xff\xff\xff\xff\xff\xff", 6); // to 60 bytes
    assert_int_equal(parsed(&b).payload_len, 0);
    assert_int_equal(parsed(&b).protocols, ETH_IP | PROTOCOL_TCP);
    assert_true(frame_checksums_ok(b.bytes, b.len));
}

static void reads_the_options_of_a_syn(void **state)
{
    (void)state;
    struct built_tcp t = plain;
    t.flags = TCP_SYN;
    t.options = "\x02\x04\x05\xb4"                         // mss 1460
                "\x04\x02"                                 // SACK permitted
                "\x08\x0a\x00\x00\x00\x07\x00\x00\x00\x09" // timestamps
                "\x01"                                     // padding
                "\x03\x03\x07";                            // window scale
    t.options_len = 20;
    struct built b = tcp_frame(&t);
    struct frame f = parsed(&b);
    assert_int_equal(f.mss, 1460);
    assert_true(f.sack_permitted);
    assert_true(f.timestamps);
    assert_int_equal(f.ts_value, 7);
    assert_int_equal(f.ts_echo, 9);
    assert_int_equal(f.window_scale, 7);
    assert_int_equal(f.payload_len, 5);
}

static void reads_sack_blocks(void **state)
{
    (void)state;
    struct built_tcp t = plain;
    t.options = "\x01\x01\x05\x12"
                "\x00\x00\x10\x00\x00\x00\x20\x00"
                "\xff\xff\xff\x00\x00\x00\x00\x10";
    t.options_len = 20;
    struct built b = tcp_frame(&t);
    struct frame f = parsed(&b);
    assert_int_equal(f.sack_count, 2);
    assert_int_equal(f.sack[0][0], 0x1000);
    assert_int_equal(f.sack[0][1], 0x2000);
    assert_int_equal(f.sack[1][0], 0xffffff00);
    assert_int_equal(f.sack[1][1], 0x10);
}

static void stops_at_an_option_with_a_bad_length(void **state)
{
    (void)state;
    const char *bad[] = {
        "\x02\x00\x05\xb4\x03\x03\x07\x00", // length 0 would never end
        "\x02\x01\x05\xb4\x03\x03\x07\x00", // shorter than its own header
        "\x02\x09\x05\xb4\x03\x03\x07\x00", // beyond the header
        "\x01\x01\x01\x01\x01\x01\x01\x02", // cut behind its kind
        "\x00\x03\x03\x07\x00\x00\x00\x00", // behind the end of the list
        "\x02\x03\x05\x03\x04\x07\x00\x00", // mss and scale with lengths of others
        "\x05\x08\x00\x00\x00\x00\x00\x00", // SACK with half a block
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct built_tcp t = plain;
        t.options = bad[i];
        t.options_len = 8;
        struct built b = tcp_frame(&t);
        struct frame f = parsed(&b);
        assert_int_equal(f.protocols, ETH_IP | PROTOCOL_TCP);
        assert_int_equal(f.mss, 0);
        assert_int_equal(f.window_scale, -1);
        assert_int_equal(f.sack_count, 0);
        assert_int_equal(f.payload_len, 5);
    }
}

static void leaves_out_a_broken_tcp_header(void **state)
{
    (void)state;
    struct built b = tcp_frame(&plain);
    b.bytes[46] = 0x40; // four words
    assert_int_equal(parsed(&b).protocols, ETH_IP);
    b.bytes[46] = 0xf0; // more than there is
    assert_int_equal(parsed(&b).protocols, ETH_IP);
    assert_int_equal(parsed(&b).from.port, 0);
}

static void leaves_out_a_broken_ip_header(void **state)
{
    (void)state;
    static const struct {
        int at;
        uint8_t value;
    } broken[] = {{14, 0x55}, {14, 0x44}, {14, 0x4f}, {16, 0x01}, {17, 0x10}};
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        struct built b = tcp_frame(&plain);
        b.bytes[broken[i].at] = broken[i].value;
        struct frame f = parsed(&b);
        if (broken[i].value == 0x4f) // options take what was TCP
            assert_false(f.protocols & PROTOCOL_TCP);
        else
            assert_int_equal(f.protocols, PROTOCOL_ETH);
    }
}

static void reads_ipv4_with_options(void **state)
{
    (void)state;
    struct built b = build_udp(53, 1234, "abc", 3);
    built_ip(&b, 17, 1, 2, 0, "\x94\x04\x00\x00", 4); // router alert
    built_eth(&b, 0x0800, 1, 2);
    struct frame f = parsed(&b);
    assert_int_equal(f.protocols, ETH_IP | PROTOCOL_UDP);
    assert_int_equal(f.from.port, 53);
    assert_int_equal(f.payload_off, 14 + 24 + 8);
    assert_int_equal(f.payload_len, 3);
    assert_true(frame_checksums_ok(b.bytes, b.len));
}

static void reads_only_the_first_of_fragments(void **state)
{
    (void)state;
    struct built b = build_udp(53, 1234, "abc", 3);
    built_16(b.bytes + 4, 2000); // of the whole datagram
    built_ip(&b, 17, 1, 2, 0x2000, NULL, 0);
    built_16(b.bytes + 4, 1729);
    built_eth(&b, 0x0800, 1, 2);
    struct frame f = parsed(&b);
    assert_true(f.more_fragments);
    assert_int_equal(f.fragment_offset, 0);
    assert_int_equal(f.fragment_id, 1729);
    assert_int_equal(f.protocols, ETH_IP | PROTOCOL_UDP);
    assert_int_equal(f.payload_len, 3);

    b = build_udp(53, 1234, "abc", 3);
    built_ip(&b, 17, 1, 2, 0x0003, NULL, 0);
    built_eth(&b, 0x0800, 1, 2);
    f = parsed(&b);
    assert_false(f.more_fragments);
    assert_int_equal(f.fragment_offset, 24);
    assert_int_equal(f.protocols, ETH_IP);
    assert_int_equal(f.from.port, 0);
    assert_int_equal(f.payload_len, 11);
    assert_int_equal(frame_transport(&f), PROTOCOL_UDP);
}

static void leaves_out_udp_of_wrong_length(void **state)
{
    (void)state;
    for (int len = 0; len < 40; len++) {
        struct built b = build_udp(53, 1234, "abcdefgh", 8);
        built_16(b.bytes + 4, (uint32_t)len);
        built_ip(&b, 17, 1, 2, 0, NULL, 0);
        built_eth(&b, 0x0800, 1, 2);
        struct frame f = parsed(&b);
        assert_int_equal(f.protocols, len >= 8 && len <= 16 ? ETH_IP | PROTOCOL_UDP : ETH_IP);
        if (f.protocols & PROTOCOL_UDP)
            assert_int_equal(f.payload_len, len - 8);
    }
}

static void walks_the_extension_headers_of_ipv6(void **state)
{
    (void)state;
    static const uint8_t extensions[] = {
        43, 0, 1, 4, 0, 0, 0, 0,                         // hop-by-hop
        60, 0, 4, 0, 0, 0, 0, 0,                         // routing, arrived
        44, 1, 1, 4, 0, 0, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0, // destination, 16 bytes
        51, 0, 0, 0, 0, 0, 0, 9,                         // fragment, the only one
        6,  1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2,             // authentication
    };
    struct built b = build_tcp(&plain);
    built_ipv6(&b, 6, 1, 2, 0, extensions, sizeof(extensions));
    built_eth(&b, 0x86dd, 1, 2);
    struct frame f = parsed(&b);
    assert_int_equal(f.protocols, ETH_IPV6 | PROTOCOL_TCP);
    assert_int_equal(f.ip_protocol, 6);
    assert_int_equal(f.from.family, 6);
    assert_int_equal(f.from.bytes[0], 0xfd);
    assert_int_equal(f.from.bytes[15], 1);
    assert_int_equal(f.to.port, 8080);
    assert_int_equal(f.payload_len, 5);
    assert_int_equal(f.ttl, 64);
    assert_true(frame_checksums_ok(b.bytes, b.len));
    b.bytes[b.len - 1] ^= 1;
    assert_false(frame_checksums_ok(b.bytes, b.len));
}

static void stops_at_later_fragments_of_ipv6(void **state)
{
    (void)state;
    struct built b = build_udp(53, 1234, "abc", 3);
    built_ipv6(&b, 17, 1, 2, 44, "\x11\x00\x00\x19\x00\x00\x00\x07", 8); // offset 24, more to come
    built_eth(&b, 0x86dd, 1, 2);
    struct frame f = parsed(&b);
    assert_int_equal(f.protocols, ETH_IPV6);
    assert_int_equal(f.fragment_offset, 24);
    assert_true(f.more_fragments);
    assert_int_equal(f.ip_protocol, 17);
    assert_int_equal(f.payload_len, 11);
}

static void stops_at_extension_headers_that_are_cut(void **state)
{
    (void)state;
    struct built b = build_tcp(&plain);
    built_ipv6(&b, 6, 1, 2, 60, "\x06\xff\x01\x04\x00\x00\x00\x00", 8);
    built_eth(&b, 0x86dd, 1, 2);
    assert_int_equal(parsed(&b).protocols, ETH_IPV6);
}

static void reads_icmp_echo(void **state)
{
    (void)state;
    struct built b = build_icmp(8, 0, "ping", 4);
    built_ip(&b, 1, 1, 2, 0, NULL, 0);
    built_eth(&b, 0x0800, 1, 2);
    struct frame f = parsed(&b);
    assert_int_equal(f.protocols, ETH_IP | PROTOCOL_ICMP);
    assert_int_equal(f.icmp_type, 8);
    assert_int_equal(f.message, MESSAGE_ECHO_REQUEST);
    assert_int_equal(frame_transport(&f), PROTOCOL_ICMP);
    assert_int_equal(f.payload_len, 4);
    assert_int_equal(f.about_from.family, 0);
    assert_true(frame_checksums_ok(b.bytes, b.len));
    b.bytes[b.len - 1] ^= 1;
    assert_false(frame_checksums_ok(b.bytes, b.len));
}

static void reads_what_icmp_errors_quote(void **state)
{
    (void)state;
    struct built quoted = build_tcp(&plain);
    built_ip(&quoted, 6, 1, 2, 0, NULL, 0);
    for (uint32_t kept = 0; kept <= quoted.len; kept++) {
        struct built b = build_icmp(3, 3, quoted.bytes, kept);
        built_ip(&b, 1, 2, 1, 0, NULL, 0);
        built_eth(&b, 0x0800, 2, 1);
        struct frame f = parsed(&b);
        assert_int_equal(f.protocols, ETH_IP | PROTOCOL_ICMP);
        assert_int_equal(f.icmp_code, 3);
        assert_int_equal(f.message, MESSAGE_PORT_UNREACHABLE);
        assert_int_equal(f.about_from.family, kept >= 20 ? 4 : 0);
        assert_int_equal(f.about_protocols, kept >= 20 ? PROTOCOL_IP | PROTOCOL_TCP : 0);
        assert_int_equal(f.about_from.port, kept >= 24 ? 40000 : 0);
        assert_int_equal(f.about_to.port, kept >= 24 ? 8080 : 0);
    }
    quoted = build_udp(7, 9, "x", 1);
    built_ipv6(&quoted, 17, 1, 2, 60, "\x11\x00\x01\x04\x00\x00\x00\x00", 8);
    struct built b = build_icmp(1, 4, quoted.bytes, quoted.len);
    built_ipv6(&b, 58, 2, 1, 0, NULL, 0);
    built_eth(&b, 0x86dd, 2, 1);
    struct frame f = parsed(&b);
    assert_int_equal(f.protocols, ETH_IPV6 | PROTOCOL_ICMPV6);
    assert_int_equal(f.about_from.family, 6);
    assert_int_equal(f.about_from.port, 7);
    assert_int_equal(f.about_to.bytes[15], 2);
    assert_int_equal(f.message, MESSAGE_PORT_UNREACHABLE);
    assert_int_equal(f.about_protocols, PROTOCOL_IPV6 | PROTOCOL_UDP);
    assert_true(frame_checksums_ok(b.bytes, b.len));
}

static void tells_what_icmp_says(void **state)
{
    (void)state;
    static const struct {
        bool ipv6;
        uint8_t type, code;
        enum message message;
    } says[] = {
        {false, 0, 0, MESSAGE_ECHO_REPLY},
        {false, 3, 0, MESSAGE_NET_UNREACHABLE},
        {false, 3, 1, MESSAGE_HOST_UNREACHABLE},
        {false, 3, 2, MESSAGE_PROTOCOL_UNREACHABLE},
        {false, 3, 4, MESSAGE_FRAGMENTATION_NEEDED},
        {false, 3, 13, MESSAGE_UNREACHABLE},
        {false, 5, 1, MESSAGE_REDIRECT},
        {false, 11, 0, MESSAGE_TIME_EXCEEDED},
        {false, 13, 0, MESSAGE_OTHER},
        {true, 1, 0, MESSAGE_NET_UNREACHABLE},
        {true, 1, 1, MESSAGE_UNREACHABLE},
        {true, 1, 3, MESSAGE_HOST_UNREACHABLE},
        {true, 1, 6, MESSAGE_UNREACHABLE},
        {true, 2, 0, MESSAGE_FRAGMENTATION_NEEDED},
        {true, 3, 0, MESSAGE_TIME_EXCEEDED},
        {true, 128, 0, MESSAGE_ECHO_REQUEST},
        {true, 129, 0, MESSAGE_ECHO_REPLY},
        {true, 135, 0, MESSAGE_NEIGHBOUR_SOLICITATION},
        {true, 136, 0, MESSAGE_NEIGHBOUR_ADVERTISEMENT},
        {true, 134, 0, MESSAGE_OTHER},
    };
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        assert_int_equal(frame_message_of(says[i].ipv6, says[i].type, says[i].code),
                         says[i].message);
}

static void does_not_look_into_other_ethertypes(void **state)
{
    (void)state;
    struct built b = tcp_frame(&plain);
    memmove(b.bytes + 16, b.bytes + 12, b.len - 12);
    memcpy(b.bytes + 12, "\x81\x00\x00\x05", 4); // 802.1Q
    b.len += 4;
    struct frame f = parsed(&b);
    assert_int_equal(f.protocols, PROTOCOL_ETH);
    assert_int_equal(f.ethertype, 0x8100);
    assert_int_equal(f.payload_len, b.len - 14);
    struct built lldp = {.len = 10};
    built_eth(&lldp, 0x88cc, 1, 2);
    assert_int_equal(parsed(&lldp).protocols, PROTOCOL_ETH);
    struct built llc = {.len = 46};
    built_eth(&llc, 10, 1, 2); // a length
    assert_int_equal(parsed(&llc).payload_len, 10);
}

static void checksums_find_a_changed_byte(void **state)
{
    (void)state;
    for (uint32_t at = 14; at < 59; at++) {
        struct built b = tcp_frame(&plain);
        b.bytes[at] ^= 0x10;
        struct frame f = parsed(&b);
        if (f.protocols & PROTOCOL_TCP && !f.more_fragments)
            assert_false(frame_checksums_ok(b.bytes, b.len));
    }
}

static void udp_may_go_without_a_checksum_over_ipv4_only(void **state)
{
    (void)state;
    struct built b = build_udp(1, 2, "abc", 3);
    built_ip(&b, 17, 1, 2, 0, NULL, 0);
    built_eth(&b, 0x0800, 1, 2);
    assert_true(frame_checksums_ok(b.bytes, b.len));
    built_16(b.bytes + 40, 0);
    assert_true(frame_checksums_ok(b.bytes, b.len));
    b = build_udp(1, 2, "abc", 3);
    built_ipv6(&b, 17, 1, 2, 0, NULL, 0);
    built_eth(&b, 0x86dd, 1, 2);
    assert_true(frame_checksums_ok(b.bytes, b.len));
    built_16(b.bytes + 60, 0);
    assert_false(frame_checksums_ok(b.bytes, b.len));
}

static void answers_arp(void **state)
{
    (void)state;
    static const uint8_t request[FRAME_ARP_LEN] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,  0, 0, 0, 1, 1, 8, 6, // Ethernet
        0,    1,    8,    0,    6,    4,    0,  1,                   // request
        2,    0,    0,    0,    1,    1,    10, 1, 0, 1,             // from
        0,    0,    0,    0,    0,    0,    10, 1, 0, 2,             // who has
    };
    static const uint8_t expected[FRAME_ARP_LEN] = {
        2, 0, 0, 0, 1, 1, 2,  0, 0, 0, 2, 1, 8, 6, // back to the sender
        0, 1, 8, 0, 6, 4, 0,  2,                   // reply
        2, 0, 0, 0, 2, 1, 10, 1, 0, 2,             // I have it
        2, 0, 0, 0, 1, 1, 10, 1, 0, 1,             // to the one that asked
    };
    struct frame f;
    frame_parse(&f, request, sizeof(request));
    assert_int_equal(f.protocols, PROTOCOL_ETH | PROTOCOL_ARP);
    assert_int_equal(f.arp_operation, 1);
    assert_memory_equal(f.from.bytes, "\x0a\x01\x00\x01", 4);
    assert_memory_equal(f.to.bytes, "\x0a\x01\x00\x02", 4);
    uint8_t reply[FRAME_ARP_LEN];
    frame_arp_reply(&f, (const uint8_t[6]){2, 0, 0, 0, 2, 1}, reply);
    assert_memory_equal(reply, expected, sizeof(expected));
    frame_parse(&f, reply, sizeof(reply));
    assert_int_equal(f.arp_operation, 2);
}

// Reads frames cut at every length, and with random bytes in them; the sanitizers find what goes
// wrong.
static void survives_cut_and_random_frames(void **state)
{
    (void)state;
    static const uint8_t extensions[] = {60, 0, 4, 1, 0, 0, 0, 0, 44, 0, 1, 4,
                                         0,  0, 0, 0, 6, 0, 0, 0, 0,  0, 0, 9};
    struct built quoted = build_tcp(&plain), b[4];
    struct built_tcp t = plain;
    t.options = "\x02\x04\x05\xb4\x05\x0a\x00\x00\x00\x01\x00\x00\x00\x02\x01\x03\x03\x07\x01\x00";
    t.options_len = 20;
    b[0] = tcp_frame(&t);
    b[1] = build_tcp(&t);
    built_ipv6(&b[1], 6, 1, 2, 43, extensions, sizeof(extensions));
    built_eth(&b[1], 0x86dd, 1, 2);
    built_ip(&quoted, 6, 1, 2, 0, NULL, 0);
    b[2] = build_icmp(11, 0, quoted.bytes, quoted.len);
    built_ip(&b[2], 1, 1, 2, 0, "\x94\x04\x00\x00", 4);
    built_eth(&b[2], 0x0800, 1, 2);
    b[3] = build_udp(1, 2, "data", 4);
    built_ip(&b[3], 17, 1, 2, 0, NULL, 0);
    built_eth(&b[3], 0x0800, 1, 2);
    srand(11);
    for (int i = 0; i < 4; i++) {
        for (uint32_t len = 0; len < b[i].len; len++) {
            struct built cut = b[i];
            cut.len = len;
            struct frame f = parsed(&cut);
            assert_true(f.payload_off + f.payload_len <= len);
            // The IP header's length still counts what is missing: so nothing behind Ethernet is
            // believed.
            assert_int_equal(f.protocols, len < 14 ? 0 : PROTOCOL_ETH);
        }
        for (int times = 0; times < 20000; times++) {
            struct built random = b[i];
            for (int n = rand() % 4; n >= 0; n--)
                random.bytes[12 + rand() % (int)(random.len - 12)] = (uint8_t)rand();
            if (rand() % 4 == 0)
                random.len = (uint32_t)rand() % random.len;
            struct frame f = parsed(&random);
            assert_true(f.payload_off + f.payload_len <= random.len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_tcp_over_ipv4),
        cmocka_unit_test(ignores_the_padding_of_short_frames),
        cmocka_unit_test(reads_the_options_of_a_syn),
        cmocka_unit_test(reads_sack_blocks),
        cmocka_unit_test(stops_at_an_option_with_a_bad_length),
        cmocka_unit_test(leaves_out_a_broken_tcp_header),
        cmocka_unit_test(leaves_out_a_broken_ip_header),
        cmocka_unit_test(reads_ipv4_with_options),
        cmocka_unit_test(reads_only_the_first_of_fragments),
        cmocka_unit_test(leaves_out_udp_of_wrong_length),
        cmocka_unit_test(walks_the_extension_headers_of_ipv6),
        cmocka_unit_test(stops_at_later_fragments_of_ipv6),
        cmocka_unit_test(stops_at_extension_headers_that_are_cut),
        cmocka_unit_test(reads_icmp_echo),
        cmocka_unit_test(reads_what_icmp_errors_quote),
        cmocka_unit_test(tells_what_icmp_says),
        cmocka_unit_test(does_not_look_into_other_ethertypes),
        cmocka_unit_test(checksums_find_a_changed_byte),
        cmocka_unit_test(udp_may_go_without_a_checksum_over_ipv4_only),
        cmocka_unit_test(answers_arp),
        cmocka_unit_test(survives_cut_and_random_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
