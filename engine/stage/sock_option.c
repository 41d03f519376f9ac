// Implementation of sock.h: options, non-blocking mode.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "stage/call.h"
#include "stage/option.h"
#include "stage/stage.h"

static void put_option(struct event *e, const struct option *o, int64_t number, const char *word)
{
    char text[96];
    if (o->unit == OPTION_WORD)
        snprintf(text, sizeof text, "%s %s", o->name, word);
    else if (o->unit == OPTION_LINGER && number < 0)
        snprintf(text, sizeof text, "%s {off}", o->name);
    else if (o->unit == OPTION_LINGER)
        snprintf(text, sizeof text, "%s {on, %lld s}", o->name, (long long)number);
    else if (o->unit == OPTION_ERROR && strerrorname_np((int)number))
        snprintf(text, sizeof text, "%s %s", o->name, strerrorname_np((int)number));
    else
        snprintf(text, sizeof text, "%s %lld", o->name, (long long)number);
    event_put_text(e, EVENT_MAX, &e->as.call.option, text, strlen(text));
}

int sock_set_option(struct sock *s, const struct actor *a, const struct option *o, int64_t number,
                    const char *word)
{
    int result = option_set(s->fd, o, number, word), error = errno;
    struct event *e = call_begin(s, a, CALL_SETSOCKOPT, result, error);
    put_option(e, o, number, word);
    call_done(s, e, a, false); // TCP_NODELAY and TCP_CORK may let segments go
    errno = error;
    return result;
}

int sock_get_option(struct sock *s, const struct actor *a, const struct option *o, int64_t *number,
                    char *word)
{
    int result = option_get(s->fd, o, number, word), error = errno;
    struct event *e = call_begin(s, a, CALL_GETSOCKOPT, result, error);
    put_option(e, o, *number, word);
    call_done(s, e, a, false);
    errno = error;
    return result;
}

int sock_nonblocking(struct sock *s, const struct actor *a, bool on)
{
    const char *text = on ? "O_NONBLOCK on" : "O_NONBLOCK off";
    for (struct sock *each = NULL; (each = sock_next_double(s, each));)
        each->nonblocking = on; // the descriptor is in any case, see sock.h
    struct event *e = call_begin(s, a, CALL_FCNTL, 0, 0);
    event_put_text(e, EVENT_MAX, &e->as.call.option, text, strlen(text));
    call_done(s, e, a, false);
    return 0;
}
