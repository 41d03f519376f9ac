// flags: the sets of bits in events as text.
#pragma once

#include "event/event.h"

#define FLAGS_TEXT 9      // longest text of TCP flags with its NUL
#define PROTOCOLS_TEXT 48 // longest text of protocols with its NUL
#define WATCH_TEXT 48     // longest text of WATCH_… with its NUL

// TCP flags by their letters, in the order S F R P U E C A: "S", "SA", "PA", "FPA". "" for none.
// Returns `text`.
const char *flags_text(uint32_t flags, char text[FLAGS_TEXT]);
int flags_parse(const char *text, uint32_t *flags); // letters in any order; -1 if one is none

// PROTOCOL_… from the outside in: "eth:ip:tcp". "" for none. Returns `text`.
const char *flags_protocols(uint32_t protocols, char text[PROTOCOLS_TEXT]);
int flags_protocols_parse(const char *text, uint32_t *protocols); // -1 if one is unknown

// WATCH_… as scripts have them: "read", "write", "read+hangup". "" for none. Returns `text`.
const char *flags_watch(uint32_t watch, char text[WATCH_TEXT]);
int flags_watch_parse(const char *text, uint32_t *watch); // -1 if one is unknown
