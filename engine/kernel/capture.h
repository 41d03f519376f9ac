// capture: what is received on an interface, by packet(7), for those without a wire (loopback).
//
// The kernel puts copies of the frames into a ring in shared memory. Owned by whoever opened it.
#pragma once

#include <stdint.h>

#include "base/err.h"

#define CAPTURE_FRAME_MAX 65550 // the largest packet of IP, with an Ethernet header

struct capture;

// Of the network namespace that this thread is in; NULL with `err`.
struct capture *capture_open(const char *interface, struct err *err);
void capture_close(struct capture *c);

int capture_fd(const struct capture *c); // readable when there is a frame

// The next frame, and how long it is; valid until the next call. NULL: there is none.
const uint8_t *capture_next(struct capture *c, uint32_t *len);

// Frames that found no room since this was asked last.
uint32_t capture_lost(const struct capture *c);
