// track: each note with its counterexample, incarnations, relative numbers, wraparound.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "packet/sent.h"
#include "packet/track.h"

enum { CLIENT, SERVER };

// Small names, so that a test reads like a ladder.
enum {
    S = TCP_SYN,
    A = TCP_ACK,
    F = TCP_FIN,
    R = TCP_RST,
    SA = TCP_SYN | TCP_ACK,
    FA = TCP_FIN | TCP_ACK,
    PA = TCP_PSH | TCP_ACK,
    RA = TCP_RST | TCP_ACK,
};

static struct track *tracker;
static uint64_t number;      // id of the last packet
static uint32_t isn[2];      // what `see` adds to its relative numbers
static struct frame special; // options for the next packet

static int start(void **state)
{
    (void)state;
    tracker = track_new();
    number = 0;
    isn[CLIENT] = 5000;
    isn[SERVER] = 0x7fffffff;
    special = (struct frame){.window_scale = -1};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    track_free(tracker);
    return 0;
}

// A packet by `sender` with numbers relative to isn[].
static struct track_verdict see(int sender, uint8_t flags, uint32_t seq, uint32_t ack,
                                uint32_t window, uint32_t len)
{
    struct frame f = special;
    struct addr ends[2] = {{.family = 4, .port = 40000, .bytes = {10, 1, 0, 2}},
                           {.family = 4, .port = 8080, .bytes = {10, 1, 0, 1}}};
    f.protocols = PROTOCOL_ETH | PROTOCOL_IP | PROTOCOL_TCP;
    f.from = ends[sender];
    f.to = ends[!sender];
    f.flags = flags;
    f.seq = isn[sender] + seq;
    f.ack = flags & TCP_ACK ? isn[!sender] + ack : 0;
    for (int i = 0; i < f.sack_count; i++) {
        f.sack[i][0] += isn[!sender];
        f.sack[i][1] += isn[!sender];
    }
    f.window = (uint16_t)window;
    f.payload_len = len;
    struct track_verdict v;
    track_packet(tracker, &f, ++number, &v);
    special = (struct frame){.window_scale = -1};
    return v;
}

// Three packets: 1, 2, 3.
static void open_connection(void)
{
    assert_int_equal(see(CLIENT, S, 0, 0, 1000, 0).note, NOTE_NONE);
    assert_int_equal(see(SERVER, SA, 0, 1, 1000, 0).note, NOTE_NONE);
    assert_int_equal(see(CLIENT, A, 1, 1, 1000, 0).note, NOTE_NONE);
}

#define assert_note(v, expected_note, expected_of)                                                 \
    do {                                                                                           \
        struct track_verdict seen_ = (v);                                                          \
        assert_int_equal(seen_.note, expected_note);                                               \
        assert_int_equal(seen_.of, expected_of);                                                   \
    } while (0)

static void counts_from_the_initial_numbers(void **state)
{
    (void)state;
    struct track_verdict v = see(CLIENT, S, 0, 0, 1000, 0);
    assert_true(v.fresh);
    assert_int_equal(v.direction, 0);
    assert_int_equal(v.seq, 0);
    assert_int_equal(v.ack, 0);
    struct track_stream *stream = v.stream;
    assert_int_equal(track_number(stream), 0);
    track_set_number(stream, 7);
    v = see(SERVER, SA, 0, 1, 1000, 0);
    assert_false(v.fresh);
    assert_ptr_equal(v.stream, stream);
    assert_int_equal(v.direction, 1);
    assert_int_equal(v.seq, 0);
    assert_int_equal(v.ack, 1);
    v = see(CLIENT, PA, 1, 1, 1000, 100);
    assert_int_equal(v.seq, 1);
    assert_int_equal(v.ack, 1);
    v = see(SERVER, A, 1, 101, 1000, 0);
    assert_int_equal(v.ack, 101);
    assert_int_equal(track_number(v.stream), 7);
}

static void tells_what_comes_next(void **state)
{
    (void)state;
    struct addr client = {.family = 4, .port = 40000, .bytes = {10, 1, 0, 2}},
                server = {.family = 4, .port = 8080, .bytes = {10, 1, 0, 1}};
    struct track_numbers n;
    assert_false(track_numbers(tracker, &client, &server, &n));
    open_connection();
    see(CLIENT, PA, 1, 1, 700, 100);
    assert_true(track_numbers(tracker, &client, &server, &n));
    assert_int_equal(n.base, isn[CLIENT]);
    assert_int_equal(n.peer_base, isn[SERVER]);
    assert_int_equal(n.next, isn[CLIENT] + 101);
    assert_int_equal(n.ack, isn[SERVER] + 1);
    assert_int_equal(n.window, 700);
    assert_int_equal(n.scale, 0);
    assert_true(track_numbers(tracker, &server, &client, &n));
    assert_int_equal(n.base, isn[SERVER]);
    assert_int_equal(n.next, isn[SERVER] + 1);
    assert_int_equal(n.ack, isn[CLIENT] + 1);
}

static void ignores_what_is_not_tcp(void **state)
{
    (void)state;
    struct frame f = {.protocols = PROTOCOL_ETH | PROTOCOL_IP | PROTOCOL_UDP};
    struct track_verdict v;
    track_packet(tracker, &f, 1, &v);
    assert_null(v.stream);
}

static void counts_from_one_when_the_start_was_missed(void **state)
{
    (void)state;
    struct track_verdict v = see(SERVER, PA, 500, 900, 1000, 10);
    assert_true(v.fresh);
    assert_int_equal(v.direction, 0);
    assert_int_equal(v.seq, 1);
    assert_int_equal(v.ack, 1);
    v = see(CLIENT, A, 900, 510, 1000, 0);
    assert_int_equal(v.direction, 1);
    assert_int_equal(v.seq, 1);
    assert_int_equal(v.ack, 11);
    assert_int_equal(v.note, NOTE_NONE);
}

static void counts_a_refusal_as_wireshark_does(void **state)
{
    (void)state;
    see(CLIENT, S, 0, 0, 1000, 0);
    isn[SERVER] = 0;
    struct track_verdict v = see(SERVER, RA, 0, 1, 0, 0);
    assert_int_equal(v.seq, 1);
    assert_int_equal(v.ack, 1);
    assert_int_equal(v.note, NOTE_NONE);
}

static void scales_windows_when_both_sides_offered_it(void **state)
{
    (void)state;
    special.window_scale = 7;
    assert_int_equal(see(CLIENT, S, 0, 0, 64240, 0).window, 64240);
    special.window_scale = 2;
    assert_int_equal(see(SERVER, SA, 0, 1, 65160, 0).window, 65160);
    assert_int_equal(see(CLIENT, A, 1, 1, 502, 0).window, 502 << 7);
    assert_int_equal(see(SERVER, A, 1, 1, 502, 0).window, 502 << 2);
}

static void does_not_scale_windows_when_one_side_did_not_offer_it(void **state)
{
    (void)state;
    special.window_scale = 7;
    see(CLIENT, S, 0, 0, 64240, 0);
    see(SERVER, SA, 0, 1, 65160, 0);
    assert_int_equal(see(CLIENT, A, 1, 1, 502, 0).window, 502);
}

static void takes_scales_beyond_14_as_14(void **state)
{
    (void)state;
    special.window_scale = 100;
    see(CLIENT, S, 0, 0, 64240, 0);
    special.window_scale = 0;
    see(SERVER, SA, 0, 1, 65160, 0);
    assert_int_equal(see(CLIENT, A, 1, 1, 1, 0).window, 1 << 14);
}

static void notes_repeated_syns(void **state)
{
    (void)state;
    assert_false(see(CLIENT, S, 0, 0, 1000, 0).syn_repeated);
    struct track_verdict v = see(CLIENT, S, 0, 0, 1000, 0);
    assert_note(v, NOTE_RETRANSMISSION, 1);
    assert_true(v.syn_repeated);
    assert_false(v.fresh);
    assert_note(see(CLIENT, S, 0, 0, 1000, 0), NOTE_RETRANSMISSION, 2);
    assert_note(see(SERVER, SA, 0, 1, 1000, 0), NOTE_NONE, 0);
    v = see(SERVER, SA, 0, 1, 1000, 0);
    assert_note(v, NOTE_RETRANSMISSION, 4);
    assert_true(v.syn_repeated);
    assert_note(see(CLIENT, A, 1, 1, 1000, 0), NOTE_NONE, 0);
    // The acknowledgment got lost, the server asks again.
    assert_note(see(SERVER, SA, 0, 1, 1000, 0), NOTE_RETRANSMISSION, 5);
    assert_note(see(CLIENT, A, 1, 1, 1000, 0), NOTE_NONE, 0);
}

static void notes_repeated_data(void **state)
{
    (void)state;
    open_connection();
    assert_note(see(CLIENT, A, 1, 1, 1000, 100), NOTE_NONE, 0);    // 4
    assert_note(see(CLIENT, PA, 101, 1, 1000, 100), NOTE_NONE, 0); // 5
    assert_note(see(CLIENT, PA, 101, 1, 1000, 100), NOTE_RETRANSMISSION, 5);
    struct track_verdict v = see(CLIENT, PA, 101, 1, 1000, 100);
    assert_note(v, NOTE_RETRANSMISSION, 6);
    assert_false(v.syn_repeated);
    assert_note(see(CLIENT, A, 1, 1, 1000, 50), NOTE_RETRANSMISSION, 4);  // 8: the first half
    assert_note(see(CLIENT, A, 51, 1, 1000, 50), NOTE_RETRANSMISSION, 4); // 9: the other
    assert_note(see(CLIENT, A, 1, 1, 1000, 200), NOTE_RETRANSMISSION, 8); // 10: all in one
    assert_note(see(CLIENT, A, 101, 1, 1000, 100), NOTE_RETRANSMISSION, 10);
    assert_note(see(CLIENT, PA, 201, 1, 1000, 100), NOTE_NONE, 0);
}

static void notes_repetition_of_acknowledged_data(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, PA, 1, 1, 1000, 100); // 4
    see(SERVER, A, 1, 101, 1000, 0);  // lost further on
    assert_note(see(CLIENT, PA, 1, 1, 1000, 100), NOTE_RETRANSMISSION, 4);
    assert_note(see(SERVER, A, 1, 101, 1000, 0), NOTE_NONE, 0);
}

static void notes_repetition_of_what_is_long_forgotten(void **state)
{
    (void)state;
    open_connection();
    for (uint32_t i = 0; i < 2 * SENT_HISTORY; i++) {
        assert_note(see(CLIENT, PA, 1 + i * 10, 1, 1000, 10), NOTE_NONE, 0);
        assert_note(see(SERVER, A, 1, 11 + i * 10, 1000, 0), NOTE_NONE, 0);
    }
    assert_note(see(CLIENT, PA, 1, 1, 1000, 10), NOTE_RETRANSMISSION, 0);
    assert_note(see(CLIENT, PA, 1 + (2 * SENT_HISTORY - 1) * 10, 1, 1000, 10), NOTE_RETRANSMISSION,
                3 + 4 * SENT_HISTORY - 1);
}

static void notes_a_repeated_fin(void **state)
{
    (void)state;
    open_connection();
    assert_note(see(CLIENT, FA, 1, 1, 1000, 10), NOTE_NONE, 0);           // 4
    assert_note(see(CLIENT, FA, 11, 1, 1000, 0), NOTE_RETRANSMISSION, 4); // the FIN alone
    assert_note(see(SERVER, A, 1, 12, 1000, 0), NOTE_NONE, 0);
    assert_note(see(SERVER, FA, 1, 12, 1000, 0), NOTE_NONE, 0);
    assert_note(see(CLIENT, A, 12, 2, 1000, 0), NOTE_NONE, 0);
    assert_note(see(SERVER, FA, 1, 12, 1000, 0), NOTE_RETRANSMISSION, 7);
}

static void a_repeated_single_byte_is_no_keepalive(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, PA, 1, 1, 1000, 1); // 4
    assert_note(see(CLIENT, PA, 1, 1, 1000, 1), NOTE_RETRANSMISSION, 4);
    see(SERVER, A, 1, 2, 1000, 0);
    assert_note(see(CLIENT, PA, 1, 1, 1000, 1), NOTE_RETRANSMISSION, 5);
}

static void notes_what_fills_a_gap(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, A, 1, 1, 1000, 100);
    assert_note(see(CLIENT, A, 301, 1, 1000, 100), NOTE_NONE, 0);         // jumps ahead
    assert_note(see(CLIENT, A, 101, 1, 1000, 100), NOTE_OUT_OF_ORDER, 0); // 6
    assert_note(see(CLIENT, A, 201, 1, 1000, 100), NOTE_OUT_OF_ORDER, 0);
    assert_note(see(CLIENT, A, 101, 1, 1000, 100), NOTE_RETRANSMISSION, 6);
    assert_note(see(CLIENT, A, 401, 1, 1000, 100), NOTE_NONE, 0);
}

static void notes_keepalives(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, PA, 1, 1, 1000, 100);
    see(SERVER, A, 1, 101, 1000, 0);
    assert_note(see(CLIENT, A, 100, 1, 1000, 0), NOTE_KEEPALIVE, 0);
    assert_note(see(SERVER, A, 1, 101, 1000, 0), NOTE_NONE, 0);      // its answer
    assert_note(see(CLIENT, A, 100, 1, 1000, 1), NOTE_KEEPALIVE, 0); // older systems: with a byte
    assert_note(see(SERVER, A, 1, 101, 1000, 0), NOTE_NONE, 0);
    assert_note(see(SERVER, A, 0, 101, 1000, 0), NOTE_KEEPALIVE, 0); // from the other end
    assert_note(see(CLIENT, A, 101, 1, 1000, 0), NOTE_NONE, 0);
    assert_note(see(CLIENT, FA, 100, 1, 1000, 0), NOTE_RETRANSMISSION, 4);
    assert_note(see(CLIENT, PA, 101, 1, 1000, 1), NOTE_NONE, 0);
}

static void notes_zero_windows_and_probes(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, PA, 1, 1, 1000, 1000);
    assert_note(see(SERVER, A, 1, 1001, 0, 0), NOTE_ZERO_WINDOW, 0);
    assert_note(see(CLIENT, A, 1000, 1, 1000, 0), NOTE_WINDOW_PROBE, 0);
    assert_note(see(SERVER, A, 1, 1001, 0, 0), NOTE_ZERO_WINDOW, 0);
    assert_note(see(CLIENT, A, 1000, 1, 1000, 0), NOTE_WINDOW_PROBE, 0);
    assert_note(see(SERVER, A, 1, 1001, 600, 0), NOTE_WINDOW_UPDATE, 0);
    assert_note(see(CLIENT, PA, 1001, 1, 1000, 500), NOTE_NONE, 0);
    assert_note(see(SERVER, A, 1, 1501, 600, 0), NOTE_NONE, 0);
    assert_note(see(CLIENT, A, 1500, 1, 1000, 0), NOTE_KEEPALIVE, 0);
}

static void notes_probes_with_a_byte(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, PA, 1, 1, 1000, 1000);
    see(SERVER, A, 1, 1001, 0, 0);
    assert_note(see(CLIENT, A, 1001, 1, 1000, 1), NOTE_WINDOW_PROBE, 0);
    see(SERVER, A, 1, 1001, 0, 0); // not taken
    assert_note(see(CLIENT, A, 1001, 1, 1000, 1), NOTE_WINDOW_PROBE, 0);
    assert_note(see(SERVER, A, 1, 1002, 600, 0), NOTE_NONE, 0); // taken
    assert_note(see(CLIENT, PA, 1002, 1, 1000, 10), NOTE_NONE, 0);
    assert_note(see(SERVER, A, 1, 1012, 590, 0), NOTE_NONE, 0);
}

static void a_reset_has_no_zero_window(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, PA, 1, 1, 1000, 100);
    assert_note(see(SERVER, R, 1, 0, 0, 0), NOTE_NONE, 0);
    assert_note(see(CLIENT, PA, 1, 1, 1000, 100), NOTE_RETRANSMISSION, 4);
}

static void notes_window_updates(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, PA, 1, 1, 1000, 100);
    assert_note(see(SERVER, A, 1, 101, 900, 0), NOTE_NONE, 0); // acknowledges as well
    assert_note(see(SERVER, A, 1, 101, 1000, 0), NOTE_WINDOW_UPDATE, 0);
    assert_note(see(SERVER, A, 1, 101, 1000, 0), NOTE_NONE, 0);   // says nothing new
    assert_note(see(SERVER, PA, 1, 101, 1100, 10), NOTE_NONE, 0); // has data
    see(CLIENT, PA, 101, 11, 1000, 100);
    assert_note(see(SERVER, A, 11, 101, 1200, 0), NOTE_WINDOW_UPDATE,
                0); // though data is on its way
}

static void the_scale_alone_is_no_window_update(void **state)
{
    (void)state;
    special.window_scale = 7;
    see(CLIENT, S, 0, 0, 64240, 0);
    special.window_scale = 7;
    see(SERVER, SA, 0, 1, 65160, 0);
    see(CLIENT, A, 1, 1, 502, 0);
    see(CLIENT, A, 0, 1, 502, 0); // keepalive
    assert_note(see(SERVER, A, 1, 1, 510, 0), NOTE_NONE, 0);
}

static void notes_duplicate_acks(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, A, 1, 1, 1000, 100);
    see(SERVER, A, 1, 101, 1000, 0);   // 5
    see(CLIENT, A, 101, 1, 1000, 100); // lost
    for (uint32_t i = 2; i < 5; i++) {
        see(CLIENT, A, 1 + 100 * i, 1, 1000, 100);
        assert_note(see(SERVER, A, 1, 101, 1000, 0), NOTE_DUPLICATE_ACK, 5);
    }
    assert_note(see(CLIENT, A, 101, 1, 1000, 100), NOTE_RETRANSMISSION, 6);
    assert_note(see(SERVER, A, 1, 501, 1000, 0), NOTE_NONE, 0);
    assert_note(see(SERVER, A, 1, 501, 1000, 0), NOTE_NONE, 0); // nothing is outstanding
}

static void only_pure_acks_are_duplicates(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, A, 1, 1, 1000, 100);
    assert_note(see(SERVER, PA, 1, 1, 1000, 10), NOTE_NONE, 0);
    assert_note(see(SERVER, FA, 11, 1, 1000, 0), NOTE_NONE, 0);
    assert_note(see(SERVER, A, 12, 1, 0, 0), NOTE_ZERO_WINDOW, 0);
}

static void the_answer_to_the_syn_counts_for_duplicates(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, A, 1, 1, 1000, 100); // lost
    see(CLIENT, A, 101, 1, 1000, 100);
    assert_note(see(SERVER, A, 1, 1, 990, 0), NOTE_DUPLICATE_ACK, 2);
}

static void an_ack_that_reports_a_hole_may_change_its_window(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, A, 1, 1, 1000, 100);
    see(SERVER, A, 1, 101, 1000, 0); // 5
    see(CLIENT, A, 101, 1, 1000, 100);
    see(CLIENT, A, 201, 1, 1000, 100);
    special.sack_count = 1;
    special.sack[0][0] = 201;
    special.sack[0][1] = 301;
    struct track_verdict v = see(SERVER, A, 1, 101, 1200, 0);
    assert_note(v, NOTE_DUPLICATE_ACK, 5);
    assert_int_equal(v.sack[0], 201);
    assert_int_equal(v.sack[1], 301);
    // A block below the acknowledgment reports a repetition (RFC 2883), not a hole.
    special.sack_count = 1;
    special.sack[0][0] = 1;
    special.sack[0][1] = 101;
    assert_note(see(SERVER, A, 1, 101, 1400, 0), NOTE_WINDOW_UPDATE, 0);
}

static void a_new_syn_starts_a_new_stream(void **state)
{
    (void)state;
    open_connection();
    struct track_verdict old = see(CLIENT, FA, 1, 1, 1000, 0);
    track_set_number(old.stream, 1);
    see(SERVER, FA, 1, 2, 1000, 0);
    see(CLIENT, A, 2, 2, 1000, 0);
    isn[CLIENT] += 100000;
    isn[SERVER] += 70000;
    struct track_verdict v = see(CLIENT, S, 0, 0, 1000, 0);
    assert_true(v.fresh);
    assert_ptr_not_equal(v.stream, old.stream);
    assert_int_equal(track_number(v.stream), 0);
    assert_int_equal(track_number(old.stream), 1);
    assert_int_equal(v.seq, 0);
    assert_false(v.syn_repeated);
    v = see(SERVER, SA, 0, 1, 1000, 0);
    assert_false(v.fresh);
    assert_int_equal(v.seq, 0);
    assert_int_equal(v.ack, 1);
    assert_note(v, NOTE_NONE, 0);
}

static void the_other_end_may_start_the_next_stream(void **state)
{
    (void)state;
    open_connection();
    see(SERVER, R, 1, 0, 0, 0);
    isn[SERVER] += 70000;
    struct track_verdict v = see(SERVER, S, 0, 0, 1000, 0);
    assert_true(v.fresh);
    assert_int_equal(v.direction, 0);
    assert_int_equal(see(CLIENT, SA, 0, 1, 1000, 0).direction, 1);
}

static void a_syn_repeated_after_a_challenge_is_the_same_stream(void **state)
{
    (void)state;
    open_connection();
    see(CLIENT, R, 1, 0, 0, 0);
    isn[CLIENT] += 100000;
    assert_true(see(CLIENT, S, 0, 0, 1000, 0).fresh);
    see(SERVER, A, 1, 0u - 99999u, 1000, 0); // of the old connection
    see(CLIENT, R, 0u - 99999u, 0, 0, 0);
    struct track_verdict v = see(CLIENT, S, 0, 0, 1000, 0);
    assert_false(v.fresh);
    assert_note(v, NOTE_RETRANSMISSION, 5);
    isn[SERVER] += 900000;
    v = see(SERVER, SA, 0, 1, 1000, 0);
    assert_false(v.fresh);
    assert_int_equal(v.seq, 0);
    assert_note(v, NOTE_NONE, 0);
    assert_note(see(CLIENT, PA, 1, 1, 1000, 5), NOTE_NONE, 0);
    assert_note(see(SERVER, A, 1, 6, 1000, 0), NOTE_NONE, 0);
}

static void both_ends_may_open_at_once(void **state)
{
    (void)state;
    struct track_verdict first = see(CLIENT, S, 0, 0, 1000, 0);
    struct track_verdict v = see(SERVER, S, 0, 0, 1000, 0);
    assert_ptr_equal(v.stream, first.stream);
    assert_int_equal(v.direction, 1);
    assert_int_equal(v.seq, 0);
    assert_note(see(CLIENT, SA, 0, 1, 1000, 0), NOTE_NONE, 0);
    assert_note(see(SERVER, SA, 0, 1, 1000, 0), NOTE_NONE, 0);
    assert_note(see(CLIENT, SA, 0, 1, 1000, 0), NOTE_RETRANSMISSION, 3);
    assert_note(see(CLIENT, PA, 1, 1, 1000, 5), NOTE_NONE, 0);
    assert_note(see(SERVER, A, 1, 6, 1000, 0), NOTE_NONE, 0);
}

static void numbers_may_wrap_around(void **state)
{
    (void)state;
    isn[CLIENT] = 0xffffff80;
    isn[SERVER] = 0xffffffff;
    open_connection();
    struct track_verdict v;
    for (uint32_t i = 0; i < 5; i++) {
        v = see(CLIENT, A, 1 + 100 * i, 1, 1000, 100); // 4 to 8
        assert_note(v, NOTE_NONE, 0);
        assert_int_equal(v.seq, 1 + 100 * i);
    }
    for (uint32_t i = 0; i < 5; i++)
        assert_note(see(CLIENT, A, 1 + 100 * i, 1, 1000, 100), NOTE_RETRANSMISSION, 4 + i);
    v = see(SERVER, A, 1, 101, 1000, 0); // 14
    assert_int_equal(v.ack, 101);
    assert_note(see(SERVER, A, 1, 101, 1000, 0), NOTE_DUPLICATE_ACK, 14);
    see(SERVER, A, 1, 501, 1000, 0);
    assert_note(see(CLIENT, A, 51, 1, 1000, 100), NOTE_RETRANSMISSION, 9);
    assert_note(see(CLIENT, A, 500, 1, 1000, 0), NOTE_KEEPALIVE, 0);
    assert_note(see(CLIENT, A, 601, 1, 1000, 100), NOTE_NONE, 0);
    assert_note(see(CLIENT, A, 501, 1, 1000, 100), NOTE_OUT_OF_ORDER, 0);
}

static void survives_random_segments(void **state)
{
    (void)state;
    srand(3);
    for (int i = 0; i < 300000; i++) {
        uint8_t flags = rand() % 50 ? TCP_ACK | (rand() % 30 ? 0 : TCP_FIN) : (uint8_t)rand();
        uint32_t wild = rand() % 100 ? 0 : (uint32_t)rand() * 2u;
        special.window_scale = (int8_t)(rand() % 16 - 1);
        special.sack_count = (uint8_t)(rand() % (FRAME_SACK_MAX + 1));
        struct track_verdict v = see(
            rand() % 2, flags, (uint32_t)rand() % 5000 + (uint32_t)i + wild,
            (uint32_t)rand() % 5000 + (uint32_t)i, (uint32_t)rand() % 3, (uint32_t)rand() % 1500);
        assert_true(v.note < NOTE_COUNT);
        assert_true(v.of < number);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_from_the_initial_numbers),
        TEST(tells_what_comes_next),
        TEST(ignores_what_is_not_tcp),
        TEST(counts_from_one_when_the_start_was_missed),
        TEST(counts_a_refusal_as_wireshark_does),
        TEST(scales_windows_when_both_sides_offered_it),
        TEST(does_not_scale_windows_when_one_side_did_not_offer_it),
        TEST(takes_scales_beyond_14_as_14),
        TEST(notes_repeated_syns),
        TEST(notes_repeated_data),
        TEST(notes_repetition_of_acknowledged_data),
        TEST(notes_repetition_of_what_is_long_forgotten),
        TEST(notes_a_repeated_fin),
        TEST(a_repeated_single_byte_is_no_keepalive),
        TEST(notes_what_fills_a_gap),
        TEST(notes_keepalives),
        TEST(notes_zero_windows_and_probes),
        TEST(notes_probes_with_a_byte),
        TEST(a_reset_has_no_zero_window),
        TEST(notes_window_updates),
        TEST(the_scale_alone_is_no_window_update),
        TEST(notes_duplicate_acks),
        TEST(only_pure_acks_are_duplicates),
        TEST(the_answer_to_the_syn_counts_for_duplicates),
        TEST(an_ack_that_reports_a_hole_may_change_its_window),
        TEST(a_new_syn_starts_a_new_stream),
        TEST(the_other_end_may_start_the_next_stream),
        TEST(a_syn_repeated_after_a_challenge_is_the_same_stream),
        TEST(both_ends_may_open_at_once),
        TEST(numbers_may_wrap_around),
        TEST(survives_random_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
