// Implementation of chance.h.
#include "packet/chance.h"

#include <math.h>

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t chance_bits(struct chance *c)
{
    c->state += UINT64_C(0x9e3779b97f4a7c15); // the golden ratio
    return mix(c->state);
}

void chance_init(struct chance *c, uint64_t seed, uint32_t wire, uint32_t end, uint32_t use)
{
    c->state = mix(seed);
    c->state = mix(chance_bits(c) ^ ((uint64_t)wire << 32 | end));
    c->state = mix(chance_bits(c) ^ use);
}

double chance_share(struct chance *c)
{
    return (double)(chance_bits(c) >> 11) * 0x1p-53;
}

double chance_normal(struct chance *c)
{
    double radius = sqrt(-2 * log(1 - chance_share(c))); // Box and Muller, one of the pair
    return radius * cos(2 * M_PI * chance_share(c));
}

bool chance_hits(struct chance *c, double probability)
{
    return chance_share(c) < probability;
}
