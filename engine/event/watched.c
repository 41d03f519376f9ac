// Implementation of watched.h.
#include "event/watched.h"

#include <string.h>

#include "event/flags.h"

size_t watched_count(struct span span)
{
    return span.len / sizeof(struct watched);
}

void watched_put(struct buf *out, const struct event *e, struct span span, bool found, size_t from,
                 size_t most)
{
    size_t count = watched_count(span), end = from + most < count ? from + most : count;
    for (size_t i = from; i < end; i++) {
        struct watched w;
        char text[WATCH_TEXT];
        memcpy(&w, event_bytes(e, span) + i * sizeof w, sizeof w);
        buf_printf(out, "%s%d", i > from ? ", " : "", w.fd);
        if (w.what && (found || w.what != WATCH_READ))
            buf_printf(out, "\u00a0%s", flags_watch(w.what, text));
    }
}
