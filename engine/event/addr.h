// addr: addresses as text.
#pragma once

#include "event/event.h"

#define ADDR_TEXT 56 // longest text with its NUL

// "10.1.0.1:8080", "[fd00::1]:80"; without the port if that is 0; "" for family 0. Returns `text`.
const char *addr_text(const struct addr *a, char text[ADDR_TEXT]);

// IPv4 as sockets of IPv6 have it, ::ffff:10.1.0.1 (RFC 4291, 2.5.5.2), and back; others are left
// alone.
void addr_map(struct addr *a);
void addr_unmap(struct addr *a);

int addr_parse(const char *text, struct addr *a); // -1 if it is none
bool addr_equal(const struct addr *a, const struct addr *b, bool with_port);
