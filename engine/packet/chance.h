// chance: streams of random numbers that a seed decides.
//
// Each use has a stream of its own, so that what one draws changes nothing for the others. Source:
// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

// The stream that is known by these numbers.
void chance_init(struct chance *c, uint64_t seed, uint32_t wire, uint32_t end, uint32_t use);

uint64_t chance_bits(struct chance *c);
double chance_share(struct chance *c);                  // evenly from 0 up to, but not including, 1
double chance_normal(struct chance *c);                 // mean 0, standard deviation 1
bool chance_hits(struct chance *c, double probability); // draws in any case
