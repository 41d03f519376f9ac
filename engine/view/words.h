// words: how calls, packets, times and addresses are put in words, in the language of the view.
//
// Terms of sockets and TCP stay as the manual pages and RFCs have them; only what the view itself
// adds is translated.
#pragma once

#include "base/buf.h"
#include "event/cast.h"
#include "event/event.h"
#include "view/options.h"

struct words {
    bool korean, unicode;
    const struct cast *cast; // (borrowed)
    bool name_conns;         // several connections were seen: say "c2" with each
    bool brief;              // there may be no room for data: tell of HTTP what it is about
};

const char *words_pick(const struct words *w, const char *english, const char *korean);

// "0.31 ms", "40.1 ms", "200 ms", "1.02 s", "134 s". Here and in calls, blanks at which no line
// shall be broken are no-break blanks (U+00A0); paint.h shows them as blanks.
void words_duration(struct buf *out, int64_t ns);
// The left column, 8 columns at most and rising evenly: "  20.3 ms", "1.020 s".
void words_clock(struct buf *out, int64_t ns);
void words_number(struct buf *out, uint64_t n); // "351,864"
// "server:8080" if a host has it, ":8080" for any address, else the address.
void words_address(const struct words *w, struct buf *out, const struct addr *a);
void words_data(struct buf *out, const char *bytes, size_t len,
                bool more); // quoted, escaped as in C

// A call that returned: `must` says what it was and what came of it, `may` what is nice to have.
void words_call(const struct words *w, const struct event *e, struct buf *must, struct buf *may);
void words_blocked(const struct words *w, const struct event *e, struct buf *must, struct buf *may);
void words_busy(const struct words *w, const struct event *e, struct buf *out); // "computes 2 s"
bool words_call_failed(
    const struct event *e); // an error that is none of the usual answers of a non-blocking socket

// What matters about a packet, in parts, the most important with level 0.
struct words_part {
    char text[48], brief[16];
    int level;
};
#define WORDS_PARTS 10
struct words_packet {
    struct words_part parts[WORDS_PARTS];
    size_t count;
    bool stands_out; // SYN, FIN, RST, a repetition
};
void words_packet(const struct words *w, const struct event *e, struct words_packet *packet);

void words_packet_name(struct words_packet *packet,
                       const char *host); // one more part: which host of a shared lane

// Puts as many parts as `columns` have room for; false if not even the brief ones have (nothing is
// put then).
bool words_fit(const struct words_packet *packet, size_t columns, struct buf *out);

// A real program that began or ended.
void words_program(const struct words *w, const struct event *e, struct buf *out);
bool words_program_failed(const struct event *e);

// The first lines that it printed at once, and how many more there are. Returns the columns of the
// widest.
size_t words_output(const struct words *w, const struct event *e, struct buf *out);
void words_rule(const struct words *w, const struct event *e,
                struct buf *out); // what it does, with which packets; or that it has ended

const char *words_state(uint32_t state); // names_of_state, but "CLOSE" for NONE
void words_errno(struct buf *out, uint32_t number);
