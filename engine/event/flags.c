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

const char *flags_protocols(uint32_t protocols, char text[PROTOCOLS_TEXT])
{
    char *end = text;
    for (size_t i = 0; i < COUNT(protocol_names); i++)
        if (protocols & 1u << i) {
            if (end != text)
                *end++ = ':';
            end = stpcpy(end, protocol_names[i]);
        }
    *end = '\0';
    return text;
}

int flags_protocols_parse(const char *text, uint32_t *protocols)
{
    *protocols = 0;
    while (*text) {
        size_t len = strcspn(text, ":"), i = 0;
        while (i < COUNT(protocol_names) &&
               (strlen(protocol_names[i]) != len || memcmp(protocol_names[i], text, len) != 0))
            i++;
        if (i == COUNT(protocol_names))
            return -1;
        *protocols |= 1u << i;
        text += len;
        if (*text == ':' && *++text == '\0')
            return -1;
    }
    return 0;
}
