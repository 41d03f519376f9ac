// Implementation of flags.h.
#include "event/flags.h"

#include <string.h>

// ACK comes last: it is on nearly every segment, and says the least.
static const struct {
    char letter;
    uint8_t bit;
} letters[] = {{'S', TCP_SYN}, {'F', TCP_FIN}, {'R', TCP_RST}, {'P', TCP_PSH},
               {'U', TCP_URG}, {'E', TCP_ECE}, {'C', TCP_CWR}, {'A', TCP_ACK}};

static const char *const protocol_names[] = {"eth",  "arp",    "ip",  "ipv6",
                                             "icmp", "icmpv6", "tcp", "udp"};

static const char *const watch_names[] = {"read", "write", "hangup", "error", "edge", "oneshot"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *flags_text(uint32_t flags, char text[FLAGS_TEXT])
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT(letters); i++)
        if (flags & letters[i].bit)
            text[n++] = letters[i].letter;
    text[n] = '\0';
    return text;
}

int flags_parse(const char *text, uint32_t *flags)
{
    *flags = 0;
    for (; *text; text++) {
        size_t i = 0;
        while (i < COUNT(letters) && letters[i].letter != *text)
            i++;
        if (i == COUNT(letters))
            return -1;
        *flags |= letters[i].bit;
    }
    return 0;
}

// The names of the bits that are set, joined by a sign.
static char *put_names(uint32_t set, const char *const *names, size_t count, char sign, char *text)
{
    char *end = text;
    for (size_t i = 0; i < count; i++)
        if (set & 1u << i) {
            if (end != text)
                *end++ = sign;
            end = stpcpy(end, names[i]);
        }
    *end = '\0';
    return text;
}

static int parse_names(const char *text, const char *const *names, size_t count, char sign,
                       uint32_t *set)
{
    const char stop[] = {sign, '\0'};
    *set = 0;
    while (*text) {
        size_t len = strcspn(text, stop), i = 0;
        while (i < count && (strlen(names[i]) != len || memcmp(names[i], text, len) != 0))
            i++;
        if (i == count)
            return -1;
        *set |= 1u << i;
        text += len;
        if (*text == sign && *++text == '\0')
            return -1;
    }
    return 0;
}

const char *flags_protocols(uint32_t protocols, char text[PROTOCOLS_TEXT])
{
    return put_names(protocols, protocol_names, COUNT(protocol_names), ':', text);
}

int flags_protocols_parse(const char *text, uint32_t *protocols)
{
    return parse_names(text, protocol_names, COUNT(protocol_names), ':', protocols);
}

const char *flags_watch(uint32_t watch, char text[WATCH_TEXT])
{
    return put_names(watch, watch_names, COUNT(watch_names), '+', text);
}

int flags_watch_parse(const char *text, uint32_t *watch)
{
    return parse_names(text, watch_names, COUNT(watch_names), '+', watch);
}
