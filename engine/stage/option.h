// option: the options of sockets, by their kernel's and a short name. See socket(7), tcp(7), ip(7).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_unit {
    OPTION_FLAG, // 0 or 1
    OPTION_NUMBER,
    OPTION_BYTES,
    OPTION_SECONDS,
    OPTION_MS,
    OPTION_TIME,   // struct timeval: ns
    OPTION_LINGER, // struct linger: -1 off, else seconds
    OPTION_ERROR,  // an errno
    OPTION_WORD,   // text
};

struct option {
    const char *name;  // "TCP_NODELAY"
    const char *brief; // "nodelay"
    int level, number;
    enum option_unit unit;
    bool read_only;
};

extern const struct option options[]; // ended by a NULL name

const struct option *option_find(const char *name); // either name; NULL: there is none

#define OPTION_TEXT 32 // longest value of OPTION_WORD with its NUL

// The value: `word` for OPTION_WORD, `number` for all others. -1 with errno.
int option_set(int fd, const struct option *o, int64_t number, const char *word);
int option_get(int fd, const struct option *o, int64_t *number, char word[OPTION_TEXT]);
