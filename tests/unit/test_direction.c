// direction: what was asked for is what happens, over 100,000 packets; the same seed decides the
// same, whatever else is set.
//
// The seeds are fixed, so a test passes or fails for ever. The bounds are four standard deviations.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "build_frame.h"
#include "packet/direction.h"
#include "packet/frame.h"

#define PACKETS 100000
#define MS CLOCK_MS
#define US CLOCK_US

static struct direction direction;

static void begin(uint64_t seed, const struct direction_settings *settings)
{
    direction_fini(&direction);
    direction_init(&direction, seed, 1, 0);
    direction_set(&direction, settings);
}

static int stop(void **state)
{
    (void)state;
    direction_fini(&direction);
    return 0;
}

static struct direction_verdict push(int64_t now_ns, uint32_t len)
{
    struct direction_verdict v;
    direction_push(&direction, now_ns, len, len - FRAME_ETH_LEN, &v);
    return v;
}

// Whether so many of `n` are what a share of them would be.
static void assert_share(double count, double n, double share)
{
    double bound = 4 * sqrt(n * share * (1 - share));
    if (fabs(count - n * share) > bound)
        fail_msg("%.0f of %.0f, %.0f ± %.0f wanted", count, n, n * share, bound);
}

// How many of 100,000 packets, one each 10 µs, have what `what` looks at.
static double count(bool (*what)(const struct direction_verdict *v))
{
    double n = 0;
    for (int64_t i = 0; i < PACKETS; i++) {
        struct direction_verdict v = push(i * 10 * US, 1514);
        n += what(&v);
    }
    return n;
}

static bool is_lost(const struct direction_verdict *v)
{
    return v->fate == DIRECTION_LOST || v->fate == DIRECTION_LOST_IN_BURST;
}

static bool is_duplicated(const struct direction_verdict *v)
{
    return v->duplicated;
}

static bool is_corrupted(const struct direction_verdict *v)
{
    return v->corrupted;
}

static void delays_and_reorders_nothing(void **state)
{
    (void)state;
    begin(1, &(struct direction_settings){.delay_ns = 20 * MS});
    assert_true(direction.plain);
    assert_int_equal(push(5 * MS, 60).due_ns, 25 * MS);
    assert_int_equal(push(6 * MS, 60).due_ns, 26 * MS);
    direction_set(&direction, &(struct direction_settings){.delay_ns = 1 * MS});
    assert_int_equal(push(7 * MS, 60).due_ns, 26 * MS); // not before the one it follows
    assert_int_equal(push(30 * MS, 60).due_ns, 31 * MS);
}

static void loses_as_many_as_asked(void **state)
{
    (void)state;
    static const double shares[] = {0.001, 0.01, 0.3, 0.99};
    for (size_t i = 0; i < 4; i++) {
        begin(7 + i, &(struct direction_settings){.loss = shares[i]});
        assert_share(count(is_lost), PACKETS, shares[i]);
    }
    begin(7, &(struct direction_settings){.loss = 1});
    assert_true(count(is_lost) == PACKETS);
    begin(7, &(struct direction_settings){.loss = 0, .jitter_ns = 1});
    assert_true(count(is_lost) == 0);
}

static void loses_in_bursts(void **state)
{
    (void)state;
    double enter = 0.01, leave = 0.25;
    begin(3, &(struct direction_settings){
                 .burst_enter = enter, .burst_leave = leave, .burst_loss = 1});
    double lost = 0, bursts = 0;
    bool before = false;
    for (int64_t i = 0; i < PACKETS; i++) {
        bool now = push(i * US, 100).fate == DIRECTION_LOST_IN_BURST;
        lost += now;
        bursts += now && !before;
        before = now;
    }
    double share = enter / (enter + leave); // of the time in the bad state
    // Losses of one burst depend on each other: the variance grows with its length.
    double deviation = sqrt(PACKETS * share * (1 - share) * (2 - enter - leave) / (enter + leave));
    assert_true(fabs(lost - PACKETS * share) < 4 * deviation);
    double expected = PACKETS * (1 - share) * enter;
    assert_true(fabs(bursts - expected) < 4 * sqrt(expected));
    assert_true(fabs(lost / bursts - 1 / leave) < 4 * sqrt((1 - leave) / bursts) / leave);
}

static void duplicates_and_corrupts_as_many_as_asked(void **state)
{
    (void)state;
    struct direction_settings settings = {.duplicate = 0.02, .corrupt = 0.05};
    begin(11, &settings);
    assert_share(count(is_duplicated), PACKETS, 0.02);
    begin(11, &settings);
    assert_share(count(is_corrupted), PACKETS, 0.05);
}

// Packets that come seldom, so that none has to wait for the one it follows.
static void jitter_of(uint32_t distribution, double *mean, double *deviation, double *near)
{
    begin(5, &(struct direction_settings){
                 .delay_ns = 50 * MS, .jitter_ns = 10 * MS, .distribution = distribution});
    double sum = 0, squares = 0;
    *near = 0;
    for (int64_t i = 0; i < PACKETS; i++) {
        int64_t now_ns = i * CLOCK_S;
        double ms = (double)(push(now_ns, 100).due_ns - now_ns) / MS;
        sum += ms;
        squares += ms * ms;
        *near += fabs(ms - 50) < 10;
    }
    *mean = sum / PACKETS;
    *deviation = sqrt(squares / PACKETS - *mean * *mean);
}

static void jitter_is_uniform(void **state)
{
    (void)state;
    double mean, deviation, near;
    jitter_of(DISTRIBUTION_UNIFORM, &mean, &deviation, &near);
    assert_true(near == PACKETS);
    assert_true(fabs(mean - 50) < 4 * 10 / sqrt(3) / sqrt(PACKETS));
    assert_true(fabs(deviation - 10 / sqrt(3)) < 0.05);
}

static void jitter_is_normal(void **state)
{
    (void)state;
    double mean, deviation, near;
    jitter_of(DISTRIBUTION_NORMAL, &mean, &deviation, &near);
    assert_share(near, PACKETS, erf(M_SQRT1_2)); // within one standard deviation
    assert_true(fabs(mean - 50) < 4 * 10 / sqrt(PACKETS));
    assert_true(fabs(deviation - 10) < 4 * 10 / sqrt(2.0 * PACKETS));
}

static void jitter_reorders_nothing(void **state)
{
    (void)state;
    begin(5, &(struct direction_settings){.delay_ns = 5 * MS, .jitter_ns = 20 * MS});
    int64_t last_ns = 0;
    for (int64_t i = 0; i < PACKETS; i++) {
        int64_t due_ns = push(i * 100 * US, 100).due_ns;
        assert_true(due_ns >= last_ns && due_ns >= i * 100 * US);
        last_ns = due_ns;
    }
}

static void reorders_as_many_as_asked(void **state)
{
    (void)state;
    begin(9, &(struct direction_settings){.delay_ns = 20 * MS, .reorder = 0.05});
    static int64_t due_ns[PACKETS];
    double overtaken = 0;
    for (int64_t i = 0; i < PACKETS; i++)
        due_ns[i] = push(i * 100 * US, 100).due_ns;
    for (int64_t i = 0; i + 1 < PACKETS; i++)
        overtaken += due_ns[i] > due_ns[i + 1];
    // One that is followed by another late one is overtaken by later ones only.
    assert_share(overtaken, PACKETS, 0.05 * 0.95);
}

static void keeps_to_the_rate(void **state)
{
    (void)state;
    begin(1,
          &(struct direction_settings){.delay_ns = 20 * MS, .rate = 100000000, .queue = 1 << 30});
    int64_t due_ns = 0;
    for (int64_t i = 0; i < PACKETS; i++)
        due_ns = push(0, 1250).due_ns; // 10,000 bits: 100 µs each
    assert_true(llabs(due_ns - (20 * MS + PACKETS * 100 * US)) < PACKETS); // rounded down, each
    // Slower than the rate: nobody waits.
    int64_t later_ns = 60 * CLOCK_S;
    for (int64_t i = 0; i < 100; i++) {
        assert_true(llabs(push(later_ns, 1250).due_ns - (later_ns + 20 * MS + 100 * US)) <= 1);
        later_ns += 101 * US;
    }
}

static void drops_the_tail_of_the_queue(void **state)
{
    (void)state;
    begin(1, &(struct direction_settings){.rate = 10000000, .queue = 20});
    for (int i = 0; i < 30; i++) // one is on its way, 20 wait
        assert_int_equal(push(0, 1250).fate == DIRECTION_QUEUE_FULL, i >= 21);
    assert_int_equal(push(1 * MS, 1250).fate, DIRECTION_PASSES); // its turn takes 1 ms
    assert_int_equal(push(1 * MS, 1250).fate, DIRECTION_QUEUE_FULL);
    assert_int_equal(push(60 * MS, 1250).due_ns, 61 * MS);

    begin(1, &(struct direction_settings){.rate = 10000000, .queue = 5000, .queue_is_bytes = true});
    for (int i = 0; i < 6; i++)
        assert_int_equal(push(0, 1250).fate == DIRECTION_QUEUE_FULL, i >= 5);
    assert_int_equal(push(0, 60).fate, DIRECTION_QUEUE_FULL);
    assert_int_equal(push(1 * MS, 60).fate, DIRECTION_PASSES);
}

static void marks_instead_of_dropping(void **state)
{
    (void)state;
    begin(1, &(struct direction_settings){.rate = 10000000, .queue = 20, .mark = 5});
    for (int i = 0; i < 21; i++) {
        struct direction_verdict v = push(0, 1250);
        assert_int_equal(v.fate, DIRECTION_PASSES);
        assert_int_equal(v.marked, i >= 6); // which finds five waiting
    }
}

static void large_packets_do_not_pass(void **state)
{
    (void)state;
    begin(1, &(struct direction_settings){.black_hole = 1400});
    assert_int_equal(push(0, FRAME_ETH_LEN + 1400).fate, DIRECTION_PASSES);
    assert_int_equal(push(0, FRAME_ETH_LEN + 1401).fate, DIRECTION_BLACK_HOLE);
    begin(1, &(struct direction_settings){.path_mtu = 1400});
    assert_int_equal(push(0, FRAME_ETH_LEN + 1400).fate, DIRECTION_PASSES);
    assert_int_equal(push(0, FRAME_ETH_LEN + 1401).fate, DIRECTION_TOO_BIG);
}

// The decisions of one kind for 100,000 packets, as text.
static char *decisions(uint64_t seed, const struct direction_settings *settings)
{
    char *text = mem_new(PACKETS + 1);
    begin(seed, settings);
    for (int64_t i = 0; i < PACKETS; i++) {
        struct direction_verdict v = push(i * US, 100);
        text[i] = (char)('0' + (v.fate == DIRECTION_LOST));
    }
    return text;
}

static void a_seed_decides(void **state)
{
    (void)state;
    struct direction_settings settings = {.loss = 0.1};
    char *first = decisions(42, &settings), *again = decisions(42, &settings),
         *other = decisions(43, &settings);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    free(again);
    free(other);
    // Whatever else is set changes nothing of what is lost.
    settings = (struct direction_settings){.loss = 0.1,
                                           .delay_ns = 1 * MS,
                                           .jitter_ns = 3 * MS,
                                           .distribution = DISTRIBUTION_NORMAL,
                                           .reorder = 0.2,
                                           .duplicate = 0.3,
                                           .corrupt = 0.4};
    char *more = decisions(42, &settings);
    assert_string_equal(first, more);
    free(more);
    free(first);
}

static void directions_and_links_differ(void **state)
{
    (void)state;
    struct chance a, b, c, d;
    chance_init(&a, 1, 1, 0, STREAM_LOSS);
    chance_init(&b, 1, 1, 1, STREAM_LOSS);
    chance_init(&c, 1, 2, 0, STREAM_LOSS);
    chance_init(&d, 1, 1, 0, STREAM_JITTER);
    uint64_t first = chance_bits(&a);
    assert_true(first != chance_bits(&b) && first != chance_bits(&c) && first != chance_bits(&d));
}

static void marks_only_who_takes_part(void **state)
{
    (void)state;
    struct built b = build_udp(1, 2, "x", 1);
    built_ip(&b, 17, 1, 2, 0, NULL, 0);
    built_eth(&b, 0x0800, 1, 2);
    assert_false(direction_mark(b.bytes, b.len));
    b.bytes[FRAME_ETH_LEN + 1] |= 2; // ECT(0); the sum of the header counts it in the low byte
    b.bytes[FRAME_ETH_LEN + 11] -= 2;
    struct frame f;
    frame_parse(&f, b.bytes, b.len);
    assert_int_equal(f.ecn, 2);
    assert_true(frame_checksums_ok(b.bytes, b.len));
    assert_true(direction_mark(b.bytes, b.len));
    frame_parse(&f, b.bytes, b.len);
    assert_int_equal(f.ecn, 3);
    assert_true(frame_checksums_ok(b.bytes, b.len));

    struct built six = build_udp(1, 2, "x", 1);
    built_ipv6(&six, 17, 1, 2, 0, NULL, 0);
    built_eth(&six, 0x86dd, 1, 2);
    assert_false(direction_mark(six.bytes, six.len));
    six.bytes[FRAME_ETH_LEN + 1] |= 0x10;
    assert_true(direction_mark(six.bytes, six.len));
    frame_parse(&f, six.bytes, six.len);
    assert_int_equal(f.ecn, 3);
    assert_false(direction_mark(b.bytes, 20));
}

static void corrupts_one_bit_behind_the_ethernet_header(void **state)
{
    (void)state;
    for (uint64_t where = 0; where < 1000; where++) {
        uint8_t frame[64] = {0};
        uint32_t bits = 0;
        direction_corrupt(frame, sizeof frame, where * 7919);
        for (size_t i = 0; i < sizeof frame; i++)
            for (uint8_t byte = frame[i]; byte; byte &= (uint8_t)(byte - 1)) {
                bits++;
                assert_true(i >= FRAME_ETH_LEN);
            }
        assert_int_equal(bits, 1);
    }
    uint8_t cut[FRAME_ETH_LEN] = {0};
    direction_corrupt(cut, sizeof cut, 5); // nothing to corrupt
    assert_int_equal(cut[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(delays_and_reorders_nothing, stop),
        cmocka_unit_test_teardown(loses_as_many_as_asked, stop),
        cmocka_unit_test_teardown(loses_in_bursts, stop),
        cmocka_unit_test_teardown(duplicates_and_corrupts_as_many_as_asked, stop),
        cmocka_unit_test_teardown(jitter_is_uniform, stop),
        cmocka_unit_test_teardown(jitter_is_normal, stop),
        cmocka_unit_test_teardown(jitter_reorders_nothing, stop),
        cmocka_unit_test_teardown(reorders_as_many_as_asked, stop),
        cmocka_unit_test_teardown(keeps_to_the_rate, stop),
        cmocka_unit_test_teardown(drops_the_tail_of_the_queue, stop),
        cmocka_unit_test_teardown(marks_instead_of_dropping, stop),
        cmocka_unit_test_teardown(large_packets_do_not_pass, stop),
        cmocka_unit_test_teardown(a_seed_decides, stop),
        cmocka_unit_test(directions_and_links_differ),
        cmocka_unit_test(marks_only_who_takes_part),
        cmocka_unit_test(corrupts_one_bit_behind_the_ethernet_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
