// Implementation of passage.h.
#include "stage/passage.h"

#include "packet/build.h"
#include "stage/entry.h"
#include "stage/stage.h"
#include "stage/station.h"
#include "stage/wire_rule.h"

struct passage {
    struct flight *flight;
    struct port *from, *to; // to NULL: to all others
    const char *astray;     // why nobody gets it; NULL: somebody does
    struct rule_verdict rules;
    struct direction_verdict chance;
};

static const char *astray(const struct port *from, const struct port *to)
{
    if (from->wire->port_count == 1)
        return "nobody else is at this wire";
    return to == from ? "its MAC address is on the side that it came from" : NULL;
}

static void judge(struct passage *p, const struct frame *frame, const struct packet_row *row)
{
    struct rules *rules = &p->from->wire->rules;
    struct rule_packet packet = {.row = row,
                                 .payload = (const char *)p->flight->bytes + frame->payload_off,
                                 .port = p->from->number};
    if (rules_none(rules))
        p->rules = (struct rule_verdict){0};
    else
        rules_judge(rules, &packet, &p->rules);
}

static void drop_by_rule(struct passage *p)
{
    const struct wire_rule *r = (const struct wire_rule *)p->rules.drop;
    p->flight->rule = r->id;
    flight_drop(p->flight, wire_rule_why(r));
}

static void drop_by_cut(struct passage *p)
{
    p->flight->rule = p->from->cut_event;
    flight_drop(p->flight, "cut");
}

// Tells the sender that the packet is larger than the path takes, as a router would.
static void tell_too_big(struct passage *p)
{
    uint8_t error[1024];
    const struct flight *f = p->flight;
    int len =
        build_too_big(f->bytes, f->len, p->from->direction.settings.path_mtu, error, sizeof error);
    if (len > 0 && p->to)
        entry_inject(p->to, error, (uint32_t)len, f->packet, ORIGIN_WIRE, NULL);
}

// Names of the settings that took it.
static void drop_by_chance(struct passage *p)
{
    static const char *const why[] = {[DIRECTION_LOST] = "loss",
                                      [DIRECTION_LOST_IN_BURST] = "loss in a burst",
                                      [DIRECTION_QUEUE_FULL] = "queue full",
                                      [DIRECTION_BLACK_HOLE] = "black hole: too large",
                                      [DIRECTION_TOO_BIG] = "larger than the path's MTU"};
    if (p->chance.fate != DIRECTION_TOO_BIG) {
        flight_drop(p->flight, why[p->chance.fate]);
        return;
    }
    flight_log_fate(p->flight, 0, FATE_DROPPED, why[p->chance.fate]);
    tell_too_big(p);
    flight_give(p->flight);
}

static void send(const struct passage *p, struct flight *f)
{
    int64_t due_ns = p->chance.due_ns + p->rules.delay_ns;
    if (p->rules.hold)
        wire_rule_hold((struct wire_rule *)p->rules.hold, f, p->from, p->to, due_ns);
    else if (p->to)
        flight_send(f, p->to, due_ns);
    else
        flight_send_to_all(f, p->from, due_ns);
}

// Which bit a rule turns round: another one of each packet, and the same in every run.
static uint64_t bit_of_rule(const struct passage *p)
{
    struct chance chance;
    const struct wire *w = p->from->wire;
    chance_init(&chance, w->stage->seed, w->number, p->from->number,
                STREAM_COUNT + (uint32_t)p->rules.corrupt->hits);
    return chance_bits(&chance);
}

static void corrupt(struct passage *p)
{
    struct flight *f = p->flight;
    direction_corrupt(f->bytes, f->len, p->rules.corrupt ? bit_of_rule(p) : p->chance.where);
    f->fate = FATE_CORRUPTED;
}

static uint64_t id_of(const struct rule *r)
{
    return r ? ((const struct wire_rule *)r)->id : 0;
}

static void go_on(struct passage *p)
{
    const struct rule_verdict *r = &p->rules;
    bool is_twice = p->chance.duplicated || r->duplicate;
    struct flight *f = p->flight, *second = is_twice ? flight_copy(f) : NULL;
    f->fate = FATE_DELIVERED;
    f->rule = id_of(r->corrupt ? r->corrupt : r->delay);
    if (p->chance.marked && direction_mark(f->bytes, f->len))
        f->why = "marked: congestion experienced";
    if (p->chance.corrupted || r->corrupt)
        corrupt(p);
    send(p, f);
    if (second) {
        second->fate = FATE_DUPLICATED;
        second->rule = id_of(r->duplicate);
        send(p, second);
    }
}

void passage_begin(struct flight *f, struct port *from, const struct frame *frame,
                   const struct packet_row *row, int64_t now_ns)
{
    station_learn(from, frame->src);
    f->rule = 0;
    f->copies = 0;
    f->why = NULL;
    if (row->note == NOTE_RETRANSMISSION && gate_absorbs(&from->wire->stage->gate, f)) {
        flight_log_fate(f, 0, FATE_ABSORBED, NULL);
        flight_give(f);
        return;
    }
    struct passage p; // the verdicts are filled whole
    p.flight = f;
    p.from = from;
    p.to = station_find(from, frame->dst);
    bool is_ip = frame->protocols & (PROTOCOL_IP | PROTOCOL_IPV6);
    p.astray = astray(from, p.to);
    judge(&p, frame, row);
    direction_push(&from->direction, now_ns, f->len, is_ip ? f->len - FRAME_ETH_LEN : 0, &p.chance);
    if (from->cut)
        drop_by_cut(&p);
    else if (p.rules.drop)
        drop_by_rule(&p);
    else if (p.astray)
        flight_drop(f, p.astray);
    else if (p.chance.fate != DIRECTION_PASSES)
        drop_by_chance(&p);
    else
        go_on(&p);
}
