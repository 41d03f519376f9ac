// Implementation of addr.h.
#include "event/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// By hand: every packet of a recording writes two of them.
static char *decimal(char *to, unsigned n)
{
    char digits[5];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + n % 10);
    while (n /= 10);
    while (count)
        *to++ = digits[--count];
    return to;
}

const char *addr_text(const struct addr *a, char text[ADDR_TEXT])
{
    char *end = text;
    if (a->family == 4) {
        for (int i = 0; i < 4; i++) {
            end = decimal(end, a->bytes[i]);
            *end++ = '.';
        }
        end--;
    } else if (a->family == 6) {
        if (a->port)
            *end++ = '[';
        inet_ntop(AF_INET6, a->bytes, end, INET6_ADDRSTRLEN);
        end += strlen(end);
        if (a->port)
            *end++ = ']';
    }
    if (a->port && end != text) {
        *end++ = ':';
        end = decimal(end, a->port);
    }
    *end = '\0';
    return text;
}

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

void addr_map(struct addr *a)
{
    if (a->family != 4)
        return;
    a->family = 6;
    memcpy(a->bytes + 12, a->bytes, 4);
    memcpy(a->bytes, mapped, sizeof mapped);
}

void addr_unmap(struct addr *a)
{
    if (a->family != 6 || memcmp(a->bytes, mapped, sizeof mapped) != 0)
        return;
    a->family = 4;
    memcpy(a->bytes, a->bytes + 12, 4);
    memset(a->bytes + 4, 0, 12);
}

// Digits up to the end of the text, at most 65535.
static int parse_port(const char *text, uint16_t *port)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits])
        return -1;
    long n = strtol(text, NULL, 10);
    if (n > UINT16_MAX)
        return -1;
    *port = (uint16_t)n;
    return 0;
}

int addr_parse(const char *text, struct addr *a)
{
    char host[INET6_ADDRSTRLEN];
    const char *end, *port = NULL;
    struct addr found = {0};
    if (*text == '[') {
        text++;
        end = strchr(text, ']');
        if (!end || (end[1] && end[1] != ':'))
            return -1;
        port = end[1] ? end + 2 : NULL;
        found.family = 6;
    } else {
        const char *colon = strchr(text, ':');
        bool v4 = !colon || !strchr(colon + 1, ':');
        end = v4 && colon ? colon : text + strlen(text);
        port = v4 && colon ? colon + 1 : NULL;
        found.family = v4 ? 4 : 6;
    }
    if ((size_t)(end - text) >= sizeof host)
        return -1;
    memcpy(host, text, (size_t)(end - text));
    host[end - text] = '\0';
    if (inet_pton(found.family == 4 ? AF_INET : AF_INET6, host, found.bytes) != 1)
        return -1;
    if (port && parse_port(port, &found.port) != 0)
        return -1;
    *a = found;
    return 0;
}

bool addr_equal(const struct addr *a, const struct addr *b, bool with_port)
{
    size_t len = a->family == 4 ? 4 : a->family == 6 ? 16 : 0;
    return a->family == b->family && memcmp(a->bytes, b->bytes, len) == 0 &&
           (!with_port || a->port == b->port);
}
