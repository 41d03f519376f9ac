// nft: rules of nf_tables(8) in the network namespace that this thread is in.
#pragma once

#include "base/err.h"
#include "kernel/obstacle.h"

// Runs commands in the language of nft(8), all of them or none. An error says what the kernel or
// the library objects to, and what helps if the kernel has no nf_tables.
int nft_run(const char *commands, struct err *err);

// Whether the kernel takes what routers need, which stays set; what stands in the way otherwise.
void nft_try(struct obstacle *o);
