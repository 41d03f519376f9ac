// rules: what a scene has asked of the packets that enter a wire: drop these, hold those.
//
// Pure: packets are handed in as rows, nothing is allocated for one, and no packet is touched here:
// the verdict says what is to be done with it.
//
// Every rule looks at every packet, in the order in which the rules were made, also at one that
// another rule has dropped already: so a new rule changes nothing for the others, and "the third
// and the fifth" are the same packets whether one rule says so or two.
#pragma once

#include <sys/queue.h>

#include "packet/filter.h"

struct rule {
    TAILQ_ENTRY(rule) link;
    enum rule_action action;
    struct filter filter;
    uint32_t port; // number of the port whose packets are meant; 0: of all
    uint64_t *nth; // (owned) which of those that match, counted from 1; NULL: all
    size_t nth_count;
    uint64_t count; // acts at most so often; 0: always
    int64_t by_ns;  // RULE_DELAY: by so much
    bool asks;      // a function of the scene has a say, see rules.ask
    uint64_t seen;  // that matched since it was made
    uint64_t hits;  // on which it acted
    bool over;      // removed
};

struct rule_packet {
    const struct packet_row *row;
    const char *payload; // row->len bytes
    uint32_t port;       // that it came in by
};

// What a rule does with a packet: its action, unless a function says otherwise.
struct rule_act {
    enum rule_action action;
    int64_t by_ns; // RULE_DELAY
};

struct rule_verdict {
    struct rule *drop, *hold, *delay, *duplicate, *corrupt; // the first that says so; NULL: none
    int64_t delay_ns;                                       // of all of them
};

// The table. Rules live as long as it does: a verdict may name one that was removed meanwhile.
struct rules {
    TAILQ_HEAD(rules_list, rule) all; // (borrowed) in the order they were made
    unsigned judging;                 // under way: `ask` may add and remove rules
    // Whether the rule acts on a packet that its filter matches, and how; for rules with `asks`.
    bool (*ask)(void *arg, struct rule *r, const struct rule_packet *p, struct rule_act *act);
    void *ask_arg;
};

void rules_init(struct rules *rules);
bool rules_none(const struct rules *rules); // the usual case

void rules_add(struct rules *rules, struct rule *r);
void rules_remove(struct rules *rules, struct rule *r); // nothing if it was removed

void rule_fini(struct rule *r);

void rules_judge(struct rules *rules, const struct rule_packet *p, struct rule_verdict *v);
