// Implementation of direction_options.h.
#include "packet/direction_options.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

enum kind { TIME, SHARE, RATE, AMOUNT, SIZE, DISTRIBUTION };

static const struct {
    const char *name;
    enum kind kind;
    size_t offset;
} options[] = {
#define OPTION(name, kind, member)                                                                 \
    {                                                                                              \
        name, kind, offsetof(struct direction_settings, member)                                    \
    }
    OPTION("delay", TIME, delay_ns),
    OPTION("jitter", TIME, jitter_ns),
    OPTION("distribution", DISTRIBUTION, distribution),
    OPTION("loss", SHARE, loss),
    OPTION("burst_enter", SHARE, burst_enter),
    OPTION("burst_leave", SHARE, burst_leave),
    OPTION("burst_loss", SHARE, burst_loss),
    OPTION("reorder", SHARE, reorder),
    OPTION("reorder_by", TIME, reorder_by_ns),
    OPTION("duplicate", SHARE, duplicate),
    OPTION("corrupt", SHARE, corrupt),
    OPTION("rate", RATE, rate),
    OPTION("queue", AMOUNT, queue),
    OPTION("ecn", AMOUNT, mark),
    OPTION("path_mtu", SIZE, path_mtu),
    OPTION("black_hole", SIZE, black_hole),
#undef OPTION
};

#define OPTIONS (sizeof options / sizeof *options)

const char *direction_option_name(size_t i)
{
    return i < OPTIONS ? options[i].name : NULL;
}

static const char *const distributions[] = {"uniform", "normal"};

static int set_distribution(uint32_t *at, const char *value, struct err *err)
{
    for (uint32_t i = 0; i < DISTRIBUTION_COUNT; i++)
        if (strcmp(distributions[i], value) == 0) {
            *at = i;
            return 0;
        }
    return err_set(err, "distribution is one of \"uniform\", \"normal\", not \"%s\"", value);
}

// "20" are packets, "64KiB" bytes.
static int set_amount(struct direction_settings *s, int64_t *at, const char *value, struct err *err)
{
    char *end;
    int64_t amount = strtoll(value, &end, 10);
    bool is_bytes = *end != '\0' || end == value;
    if (is_bytes && units_size(value, &amount, err) != 0)
        return err_set(err, "\"%s\" is neither packets, as in 20, nor bytes, as in \"64KiB\"",
                       value);
    int64_t other = at == &s->queue ? s->mark : s->queue;
    if (amount < 0)
        return err_set(err, "\"%s\" is less than nothing", value);
    if (amount && other && is_bytes != s->queue_is_bytes)
        return err_set(err, "queue and ecn are both in packets or both in bytes");
    if (amount)
        s->queue_is_bytes = is_bytes;
    *at = amount;
    return 0;
}

static int set_size(uint32_t *at, const char *value, struct err *err)
{
    int64_t size;
    if (units_size(value, &size, err) != 0)
        return -1;
    if (size && (size < 68 || size > 65535)) // RFC 791's least
        return err_set(err, "it is 68 to 65535 bytes, or 0 for none, not %s", value);
    *at = (uint32_t)size;
    return 0;
}

static int set(struct direction_settings *s, size_t i, const char *value, struct err *err)
{
    void *at = (char *)s + options[i].offset;
    switch (options[i].kind) {
    case TIME:
        return units_time(value, at, err);
    case SHARE:
        return units_share(value, at, err);
    case RATE:
        return units_rate(value, at, err);
    case AMOUNT:
        return set_amount(s, at, value, err);
    case SIZE:
        return set_size(at, value, err);
    case DISTRIBUTION:
        return set_distribution(at, value, err);
    }
    return -1;
}

int direction_option_set(struct direction_settings *s, const char *name, const char *value,
                         struct err *err)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (strcmp(options[i].name, name) == 0)
            return set(s, i, value, err) == 0 ? 1 : -1;
    return 0;
}

static void put_rate(int64_t rate, char text[DIRECTION_OPTION_TEXT])
{
    static const struct {
        int64_t factor;
        const char *unit;
    } units[] = {{1000000000, "gbit"}, {1000000, "mbit"}, {1000, "kbit"}, {1, "bit"}};
    size_t i = 0;
    while (rate % units[i].factor != 0)
        i++;
    snprintf(text, DIRECTION_OPTION_TEXT, "%" PRId64 "%s", rate / units[i].factor, units[i].unit);
}

static bool put_amount(const struct direction_settings *s, int64_t amount,
                       char text[DIRECTION_OPTION_TEXT])
{
    snprintf(text, DIRECTION_OPTION_TEXT, "%" PRId64 "%s", amount, s->queue_is_bytes ? "B" : "");
    return amount;
}

bool direction_option_text(const struct direction_settings *s, size_t i,
                           char text[DIRECTION_OPTION_TEXT])
{
    const void *at = (const char *)s + options[i].offset;
    switch (options[i].kind) {
    case TIME:
        snprintf(text, DIRECTION_OPTION_TEXT, "%.10gms", (double)*(const int64_t *)at / 1e6);
        return *(const int64_t *)at;
    case SHARE:
        snprintf(text, DIRECTION_OPTION_TEXT, "%.10g%%", *(const double *)at * 100);
        return *(const double *)at > 0;
    case RATE:
        if (*(const int64_t *)at)
            put_rate(*(const int64_t *)at, text);
        return *(const int64_t *)at;
    case AMOUNT:
        return put_amount(s, *(const int64_t *)at, text);
    case SIZE:
        snprintf(text, DIRECTION_OPTION_TEXT, "%" PRIu32, *(const uint32_t *)at);
        return *(const uint32_t *)at;
    case DISTRIBUTION:
        snprintf(text, DIRECTION_OPTION_TEXT, "%s", distributions[s->distribution]);
        return s->distribution != DISTRIBUTION_UNIFORM;
    }
    return false;
}

bool direction_options_same(const struct direction_settings *a, const struct direction_settings *b)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        char one[DIRECTION_OPTION_TEXT] = "", other[DIRECTION_OPTION_TEXT] = "";
        if (direction_option_text(a, i, one) != direction_option_text(b, i, other) ||
            strcmp(one, other) != 0)
            return false;
    }
    return true;
}
