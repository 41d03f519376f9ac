// wire_rule: the rules of a wire on the stage: made, told, ended, and the packets that they hold.
//
// What a rule thinks of a packet is packet/rules.h. Rules belong to their wire and live as long as
// it does.
#pragma once

#include "packet/rules.h"
#include "stage/actor.h"
#include "stage/wire.h"

struct flap;
struct flight;

struct wire_rule {
    struct rule rule; // first: rules give it back by address
    struct wire *wire;
    struct wire_rule *next;     // (owned) of all of its wire
    struct actor by;            // who made it, and where
    uint64_t id;                // of its event; 0: the network does not stand yet
    char *text;                 // (owned) which packets, in the scene's words; "": all
    char *data;                 // (owned) what the filter compares payloads with
    struct flight *held, *last; // (owned) in order
    struct flap *flap;          // (owned) NULL: it does not flap
    int ask;                    // for who answers `rules.ask`
};

// A rule that is not in force yet: the caller fills `rule` and calls wire_rule_start().
struct wire_rule *wire_rule_new(struct wire *w, const struct port *from, enum rule_action action,
                                const char *text);
void wire_rule_start(struct wire_rule *r, const struct actor *by);

const char *wire_rule_why(const struct wire_rule *r); // for what it drops or holds

// It acts no more; the packets that it held go on, in order. Nothing if it has ended.
void wire_rule_end(struct wire_rule *r, const struct actor *by);

void wire_rules_free(struct wire *w);

// The network stands now: tells what was made before.
void wire_rules_tell(struct wire *w);

// Keeps the frame until the rule ends. It goes to `to` then (NULL: to all but `from`), not before
// `due_ns`.
void wire_rule_hold(struct wire_rule *r, struct flight *f, struct port *from, struct port *to,
                    int64_t due_ns);

// Packets that `from` sends (NULL: all) vanish; or do so no more. Nothing if it is so already.
void wire_cut(struct wire *w, struct port *from, const struct actor *by);
void wire_mend(struct wire *w, struct port *from, const struct actor *by);
