// Implementation of router.h.
#include "stage/router.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "event/addr.h"
#include "kernel/nft.h"
#include "stage/route.h"
#include "stage/stage.h"

// All of a router's rules stand in one table, named so that `nft list ruleset` explains itself.
static const char chains[] = "table inet wirescene {\n"
                             "  chain prerouting { type nat hook prerouting priority dstnat; }\n"
                             "  chain output { type nat hook output priority -100; }\n"
                             "  chain postrouting { type nat hook postrouting priority srcnat; }\n"
                             "  chain forward { type filter hook forward priority filter; }\n"
                             "}\n";

static void write_publish(struct buf *text, const struct host *router,
                          const struct router_rule *rule)
{
    // Not what the router sends to its own loopback: from there no answer finds back.
    static const char *const chain[] = {"prerouting", "output"};
    const struct port *to = route_nearest(router, rule->to);
    struct addr address = to->end.address, address6 = to->end.address6;
    char text4[ADDR_TEXT], text6[ADDR_TEXT];
    address.port = address6.port = rule->to_port;
    for (int i = 0; i < 2; i++) {
        buf_printf(text,
                   "add rule inet wirescene %s fib daddr type local ip daddr != 127.0.0.0/8 "
                   "meta l4proto { tcp, udp } th dport %u dnat ip to %s\n",
                   chain[i], rule->port, addr_text(&address, text4));
        if (address6.family && router->ipv6)
            buf_printf(text,
                       "add rule inet wirescene %s fib daddr type local ip6 daddr != ::1 "
                       "meta l4proto { tcp, udp } th dport %u dnat ip6 to %s\n",
                       chain[i], rule->port, addr_text(&address6, text6));
    }
}

static void write_rule(struct buf *text, const struct host *router, const struct router_rule *rule)
{
    switch (rule->kind) {
    case RULE_MASQUERADE:
        buf_printf(text, "add rule inet wirescene postrouting oifname \"%s\" masquerade\n",
                   rule->ports[0]->end.name);
        break;
    case RULE_PUBLISH:
        write_publish(text, router, rule);
        break;
    case RULE_FORBID:
        for (int i = 0; i < 2; i++)
            buf_printf(text, "add rule inet wirescene forward iifname \"%s\" oifname \"%s\" drop\n",
                       rule->ports[i]->end.name, rule->ports[!i]->end.name);
        break;
    default:
        break;
    }
}

static void log_rule(const struct host *router, const struct router_rule *rule,
                     const struct actor *by)
{
    char text[200];
    struct event *e = log_begin(&router->stage->log, EVENT_RULE, by, router->number, 0);
    const struct wire *wires[2] = {0};
    for (int i = 0; i < 2; i++)
        wires[i] = rule->ports[i] ? rule->ports[i]->wire : NULL;
    e->as.rule.action = rule->kind;
    if (rule->kind == RULE_PUBLISH)
        snprintf(text, sizeof text, "%u → %s:%u", rule->port, rule->to->name, rule->to_port);
    else if (rule->kind == RULE_FORBID)
        snprintf(text, sizeof text, "%s – %s", wires[0]->name, wires[1]->name);
    else
        snprintf(text, sizeof text, "%s", wires[0]->name);
    if (rule->kind == RULE_MASQUERADE)
        e->as.rule.wire = wires[0]->number;
    event_put_text(e, EVENT_MAX, &e->as.rule.text, text, strlen(text));
    log_commit(&router->stage->log, e);
}

// Makes the rules from `first` on.
static int apply(struct host *router, size_t first, struct err *err)
{
    struct buf text = {0};
    if (first == 0)
        buf_text(&text, chains);
    for (size_t i = first; i < router->rule_count; i++)
        write_rule(&text, router, &router->rules[i]);
    int failed = host_enter(router, err) != 0 || nft_run(buf_string(&text), err) != 0;
    buf_fini(&text);
    return failed ? -1 : 0;
}

static int add(struct host *router, const struct router_rule *rule, const struct actor *by,
               struct err *err)
{
    router->rules = mem_resize(router->rules, (router->rule_count + 1) * sizeof *router->rules);
    router->rules[router->rule_count++] = *rule;
    if (!router->stage->built || router->stage->loopback)
        return 0;
    if (apply(router, router->rule_count - 1, err) != 0)
        return -1;
    log_rule(router, rule, by);
    return 0;
}

int router_masquerade(struct host *router, const struct port *out, const struct actor *by,
                      struct err *err)
{
    return add(router, &(struct router_rule){.kind = RULE_MASQUERADE, .ports = {out}}, by, err);
}

int router_publish(struct host *router, uint16_t port, const struct host *to, uint16_t to_port,
                   const struct actor *by, struct err *err)
{
    const struct router_rule rule = {
        .kind = RULE_PUBLISH, .port = port, .to = to, .to_port = to_port};
    return add(router, &rule, by, err);
}

int router_forbid(struct host *router, const struct port *a, const struct port *b,
                  const struct actor *by, struct err *err)
{
    return add(router, &(struct router_rule){.kind = RULE_FORBID, .ports = {a, b}}, by, err);
}

int router_make(struct host *router, struct err *err)
{
    return router->rule_count ? apply(router, 0, err) : 0;
}

void router_tell(const struct host *router)
{
    for (size_t i = 0; i < router->rule_count && !router->stage->loopback; i++)
        log_rule(router, &router->rules[i], NULL);
}
