// Implementation of sock.h: options, non-blocking mode.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
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
    else if (o->unit == OPTION_TIME)
        snprintf(text, sizeof text, "%s {%lld s, %lld us}", o->name, (long long)(number / CLOCK_S),
                 (long long)(number % CLOCK_S / CLOCK_US));
    else if (o->unit == OPTION_ERROR && strerrorname_np((int)number))
        snprintf(text, sizeof text, "%s %s", o->name, strerrorname_np((int)number));
    else
        snprintf(text, sizeof text, "%s %lld", o->name, (long long)number);
    event_put_text(e, EVENT_MAX, &e->as.call.option, text, strlen(text));
}

// What the stage does itself, since its descriptors never block; as the kernel has it now.
static void learn_option(struct sock *s, const struct option *o)
{
    int64_t value = 0;
    if (o->level != SOL_SOCKET ||
        (o->number != SO_RCVTIMEO && o->number != SO_SNDTIMEO && o->number != SO_LINGER) ||
        option_get(s->fd, o, &value, NULL) != 0)
        return;
    for (struct sock *each = NULL; (each = sock_next_double(s, each));) {
        if (o->number == SO_RCVTIMEO)
            each->options.rcvtimeo_ns = value;
        else if (o->number == SO_SNDTIMEO)
            each->options.sndtimeo_ns = value;
        else
            each->options.linger_s = value;
    }
}

int sock_set_option(struct sock *s, const struct actor *a, const struct option *o, int64_t number,
                    const char *word)
{
    int result = option_set(s->fd, o, number, word), error = errno;
    if (result == 0)
        learn_option(s, o);
    struct event *e = call_begin(s, a, CALL_SETSOCKOPT, result, error);
    put_option(e, o, number, word);
    call_done(s, e, a, false); // TCP_NODELAY and TCP_CORK may let segments go
    errno = error;
    return result;
}

int64_t sock_limit_ns(const struct sock *s, enum call call)
{
    switch (call) {
    case CALL_ACCEPT:
    case CALL_RECV:
    case CALL_RECVFROM:
        return s->options.rcvtimeo_ns;
    case CALL_CONNECT:
    case CALL_SEND:
    case CALL_SENDTO:
        return s->options.sndtimeo_ns;
    case CALL_CLOSE:
        return s->options.linger_s * CLOCK_S;
    default:
        return 0;
    }
}

int sock_get_option(struct sock *s, const struct actor *a, const struct option *o, int64_t *number,
                    char *word)
{
    int result = option_get(s->fd, o, number, word), error = errno;
    struct event *e = call_begin(s, a, CALL_GETSOCKOPT, result, error);
    if (result == 0)
        put_option(e, o, *number, word);
    else
        event_put_text(e, EVENT_MAX, &e->as.call.option, o->name, strlen(o->name));
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
