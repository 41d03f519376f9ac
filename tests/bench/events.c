// events: how fast events pass through the ring, and into JSON Lines, each next to bare bytes of the same size.
//
//   events ring PAIRS    writer and reader, MB/s: records made, checked and copied; then memcpy alone
//   events json PAIRS    MB/s: json_write and write(2) of 64 KiB; then fwrite of the same lines
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "event/cast.h"
#include "event/json.h"
#include "stage/log.h"

#define SEGMENTS 400000 // through the ring
#define LINES 100000
#define COPY_LEN (256 * 1024)
#define FLUSH_LEN (64 * 1024)

static const uint8_t payload[96] = "frame";
static _Alignas(8) char record[2 * EVENT_MAX];

// As a stream makes them: a segment, and its arrival.
static void fill_packet(struct event *e, uint32_t n)
{
    struct event_packet *p = &e->as.packet;
    uint64_t carries = n;
    p->wire = 1;
    p->from = 1;
    p->to = 2;
    p->protocols = PROTOCOL_ETH | PROTOCOL_IP | PROTOCOL_TCP;
    p->frame_len = 1514;
    p->len = 1448;
    p->from_address = (struct addr){.family = 4, .port = 8080, .bytes = {10, 1, 0, 1}};
    p->to_address = (struct addr){.family = 4, .port = 40000, .bytes = {10, 1, 0, 2}};
    p->conn = 1;
    p->ttl = 64;
    p->flags = TCP_ACK;
    p->seq = n * 1448;
    p->ack = 1;
    p->seq_raw = n * 1448 + 12345;
    p->ack_raw = 123456789;
    p->window = 64256;
    p->timestamps = 1;
    p->ts_value = n;
    p->ts_echo = n;
    event_put_plain(e, EVENT_MAX, &p->carries, &carries, sizeof carries);
    event_put_plain(e, EVENT_MAX, &p->frame, payload, sizeof payload);
}

static void fill_arrive(struct event *e, uint64_t packet)
{
    e->as.arrive.packet = packet;
    e->as.arrive.wire = 1;
    e->as.arrive.fate = FATE_DELIVERED;
}

static void log_segment(struct log *log, uint32_t n)
{
    struct event *e = log_begin(log, EVENT_PACKET, NULL, 1, n);
    fill_packet(e, n);
    uint64_t packet = log_commit(log, e);
    e = log_begin(log, EVENT_ARRIVE, NULL, 2, packet);
    fill_arrive(e, packet);
    log_commit(log, e);
}

// The same two records, in `room`, one behind the other; their length.
static uint32_t segment_records(char *room, uint32_t n)
{
    struct event *e = event_init(room, EVENT_MAX, EVENT_PACKET);
    e->id = 2 * n + 1;
    e->t = n * 1000;
    e->host = 1;
    e->cause = n;
    fill_packet(e, n);
    uint32_t len = e->len;
    e = event_init(room + len, EVENT_MAX, EVENT_ARRIVE);
    e->id = 2 * n + 2;
    e->t = n * 1000 + 500;
    e->host = 2;
    e->cause = 2 * n + 1;
    fill_arrive(e, 2 * n + 1);
    return len + e->len;
}

// Copies out what there is, as the spool does, and looks at it if that is asked for.
static void read_all(struct ring *ring, uint64_t bytes, bool check)
{
    char *copy = aligned_alloc(64, COPY_LEN);
    struct pollfd wait = {.fd = ring_fd(ring), .events = POLLIN};
    struct err err;
    ring_release(ring, 0);
    for (uint64_t got = 0; got < bytes;) {
        size_t len, whole = 0;
        const char *there = ring_peek(ring, &len);
        if (len == 0) {
            if (ring_sleep(ring) == 0)
                poll(&wait, 1, -1);
            continue;
        }
        len = len < COPY_LEN ? len : COPY_LEN;
        memcpy(copy, there, len);
        while (check && whole + 8 <= len) {
            const struct event *e = (const struct event *)(copy + whole);
            if (e->type == EVENT_PADDING) {
                bytes += e->len;
            } else if (e->len > len - whole) {
                break;
            } else if (event_check(e, len - whole, &err) != 0) {
                fprintf(stderr, "%s\n", err.text);
                kill(getppid(), SIGKILL);
                _exit(1);
            }
            whole += e->len;
        }
        whole = check ? whole : len;
        ring_release(ring, whole);
        got += whole;
    }
    _exit(0);
}

// MB a second from one process to another.
static double through_ring(bool events)
{
    struct err err;
    struct ring *ring = ring_new(&err);
    struct log log;
    log_init(&log, ring, 96);
    log.open = true;
    log.zero_ns = clock_now();
    uint32_t len = segment_records(record, 1);
    for (uint32_t at = 0; at + len <= RING_LEN; at += len) { // its memory is there before the clock runs
        memset(ring_reserve(ring, len), 0, len);
        ring_commit(ring, len);
    }
    uint64_t bytes = (uint64_t)SEGMENTS * len;
    pid_t reader = fork();
    if (reader == 0)
        read_all(ring, bytes, events);
    int64_t began = clock_now();
    for (uint32_t n = 0; n < SEGMENTS; n++) {
        if (events) {
            log_segment(&log, n);
        } else {
            memcpy(ring_reserve(ring, len), record, len);
            ring_commit(ring, len);
        }
    }
    waitpid(reader, NULL, 0);
    double seconds = (double)(clock_now() - began) / 1e9;
    ring_free(ring);
    return (double)bytes / seconds / 1e6;
}

static void write_out(int fd, struct buf *b)
{
    if (write(fd, b->ptr, b->len) != (ssize_t)b->len)
        abort();
    buf_reset(b);
}

// All lines, as sink.c writes a recording.
static void write_events(int fd, const struct cast *cast)
{
    struct buf out = {0};
    for (uint32_t n = 0; n < LINES / 2; n++) {
        segment_records(record, n);
        const struct event *packet = (const void *)record, *arrive = (const void *)(record + packet->len);
        json_write(&out, packet, cast);
        buf_byte(&out, '\n');
        json_write(&out, arrive, cast);
        buf_byte(&out, '\n');
        if (out.len >= FLUSH_LEN)
            write_out(fd, &out);
    }
    write_out(fd, &out);
    buf_fini(&out);
}

// A scene with the names that the lines need.
static void learn(struct cast *cast)
{
    static const char *const hosts[] = {"server", "client"};
    for (uint32_t i = 0; i < 2; i++) {
        struct event *e = event_init(record, EVENT_MAX, EVENT_HOST);
        e->host = i + 1;
        event_put_text(e, EVENT_MAX, &e->as.host.name, hosts[i], strlen(hosts[i]));
        cast_learn(cast, e);
    }
    struct event *e = event_init(record, EVENT_MAX, EVENT_LINK);
    e->as.link.wire = 1;
    event_put_text(e, EVENT_MAX, &e->as.link.name, "client-server", 13);
    cast_learn(cast, e);
}

// MB a second, of the events and of the same lines with fwrite.
static void json_pair(double pair[2])
{
    const char *folder = getenv("TMPDIR");
    struct cast cast;
    cast_init(&cast);
    learn(&cast);
    int fd = open(folder ? folder : "/tmp", O_TMPFILE | O_RDWR, 0600);
    write_events(fd, &cast); // the file's pages are there before the clock runs
    off_t len = lseek(fd, 0, SEEK_CUR);
    char *lines = malloc((size_t)len);
    if (fd < 0 || !lines || pread(fd, lines, (size_t)len, 0) != len)
        abort();
    lseek(fd, 0, SEEK_SET);
    int64_t began = clock_now();
    write_events(fd, &cast);
    int64_t middle = clock_now();
    lseek(fd, 0, SEEK_SET);
    FILE *file = fdopen(fd, "w");
    setvbuf(file, NULL, _IOFBF, FLUSH_LEN);
    for (const char *at = lines, *end; at < lines + len; at = end) {
        end = (const char *)memchr(at, '\n', (size_t)(lines + len - at)) + 1;
        fwrite(at, 1, (size_t)(end - at), file);
    }
    fclose(file);
    int64_t end = clock_now();
    pair[0] = (double)len * 1e3 / (double)(middle - began);
    pair[1] = (double)len * 1e3 / (double)(end - middle);
    free(lines);
    cast_fini(&cast);
}

int main(int argc, char **argv)
{
    bool json = argc == 3 && strcmp(argv[1], "json") == 0;
    if (argc != 3 || (!json && strcmp(argv[1], "ring") != 0)) {
        fprintf(stderr, "usage: events ring|json PAIRS\n");
        return 2;
    }
    for (int i = atoi(argv[2]); i > 0; i--) {
        double pair[2];
        if (json) {
            json_pair(pair);
        } else {
            pair[0] = through_ring(true);
            pair[1] = through_ring(false);
        }
        printf("%.1f %.1f\n", pair[0], pair[1]);
        fflush(stdout);
    }
    return 0;
}
