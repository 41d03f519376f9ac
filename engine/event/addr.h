// addr: addresses as text.
#pragma once

#include "event/event.h"

#define ADDR_TEXT 56 // longest text with its NUL

// "10.1.0.1:8080", "[fd00::1]:80"; without the port if that is 0; "" for family 0. Returns `text`.
const char *addr_text(const struct addr *a, char text[ADDR_TEXT]);

int addr_parse(const char *text, struct addr *a); // -1 if it is none
bool addr_equal(const struct addr *a, const struct addr *b, bool with_port);
