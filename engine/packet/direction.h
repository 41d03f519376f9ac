// direction: one direction of a link: what it does to the packets that enter it, by measure and by
// chance.
//
// Pure: the time is handed in, and nothing is allocated for a packet. A packet passes, in this
// order: the size that the path takes, the queue and the rate, the losses, the delay. Each kind of
// chance draws once from a stream of its own for every packet that enters, whatever became of it:
// so a setting that is changed changes no decision of another kind.
//
// Delay and jitter reorder nothing by themselves: no packet arrives before the one it follows, but
// where `reorder` says so.
#pragma once

#include "packet/chance.h"

enum direction_distribution { DISTRIBUTION_UNIFORM, DISTRIBUTION_NORMAL, DISTRIBUTION_COUNT };

// Shares are probabilities from 0 to 1. 0 switches a setting off, so all zeros are a perfect link.
struct direction_settings {
    int64_t delay_ns;
    int64_t jitter_ns; // uniform: up to so much more or less; normal: the standard deviation
    double loss;
    // Losses in bursts (Gilbert 1960, Elliott 1963): a bad state that a packet enters and leaves
    // with these probabilities, and the share that is lost in it.
    double burst_enter, burst_leave, burst_loss;
    double reorder;        // this share arrives later than it would
    int64_t reorder_by_ns; // by so much; 0: DIRECTION_REORDER_BY_NS
    double duplicate, corrupt;
    int64_t rate;            // bits a second, of whole frames; 0: no limit
    int64_t queue;           // what may wait for the rate, in packets or bytes; 0: DIRECTION_QUEUE
    int64_t mark;            // a packet that finds so much waiting is marked (ECN)
    uint32_t queue_is_bytes; // mark too
    uint32_t distribution;   // of the jitter
    uint32_t path_mtu;       // larger IP packets are refused with an ICMP error; 0: none
    uint32_t black_hole;     // larger IP packets vanish; 0: none
};

#define DIRECTION_QUEUE 1000 // packets
#define DIRECTION_REORDER_BY_NS 1000000

enum direction_fate {
    DIRECTION_PASSES,
    DIRECTION_LOST,
    DIRECTION_LOST_IN_BURST,
    DIRECTION_QUEUE_FULL,
    DIRECTION_BLACK_HOLE,
    DIRECTION_TOO_BIG, // an ICMP error says so
};

struct direction_verdict {
    enum direction_fate fate;
    int64_t due_ns;  // when it arrives, or would have
    bool reordered;  // later than those behind it
    bool duplicated; // arrives twice
    bool marked;     // congestion was experienced
    bool corrupted;
    uint64_t where; // a random number, for which bit is wrong
};

enum direction_stream {
    STREAM_JITTER,
    STREAM_LOSS,
    STREAM_BURST,
    STREAM_BURST_LOSS,
    STREAM_REORDER,
    STREAM_DUPLICATE,
    STREAM_CORRUPT,
    STREAM_WHERE,
    STREAM_COUNT,
};

struct direction {
    struct direction_settings settings;
    bool plain; // nothing but delay
    bool bad;   // in a burst
    struct chance streams[STREAM_COUNT];
    int64_t last_due_ns;
    int64_t busy_ns; // when the last packet has left the queue and is on its way
    struct direction_waiting {
        int64_t start_ns; // when its turn comes
        uint32_t len;
    } * waiting; // (owned) a ring of those that had to wait
    uint32_t first, count, cap;
    int64_t waiting_bytes;
};

void direction_init(struct direction *d, uint64_t seed, uint32_t wire, uint32_t end);
void direction_fini(struct direction *d);

// What is on its way already stays as it is.
void direction_set(struct direction *d, const struct direction_settings *settings);

// A packet enters: `len` bytes of the whole frame, `ip_len` of the IP packet (0: it is none).
void direction_push(struct direction *d, int64_t now_ns, uint32_t len, uint32_t ip_len,
                    struct direction_verdict *v);

// Whether its IP packet may be marked, and does it: `frame` is of Ethernet. RFC 3168, 5.
bool direction_mark(uint8_t *frame, uint32_t len);

// Turns one bit behind the Ethernet header round; which, `where` says.
void direction_corrupt(uint8_t *frame, uint32_t len, uint64_t where);
