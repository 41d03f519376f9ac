// crew: who acts on which host, and who of them waits in a call just now.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crew_member {
    uint32_t host, actor; // actor 0: a real program, of which nobody knows whether it waits
};

struct crew {
    struct crew_member *members; // (owned) each actor once a host
    size_t count, cap;
    bool *waits;        // (owned) by actor
    size_t actor_count; // in `waits`
};

void crew_fini(struct crew *c);
void crew_acts(struct crew *c, uint32_t host, uint32_t actor,
               bool waits); // made a call there, or waits in one
void crew_ended(struct crew *c, uint32_t actor);
void crew_program(struct crew *c, uint32_t host, bool ended); // a real program began or ended there
bool crew_asleep(const struct crew *c, uint32_t host); // somebody acts there, and all of them wait
