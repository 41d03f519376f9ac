// Implementation of units.h.
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    double factor;
};

static const struct unit times[] = {{"", 1e9},  {"ns", 1},   {"us", 1e3},  {"ms", 1e6},
                                    {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
static const struct unit sizes[] = {
    {"", 1},     {"B", 1},      {"kB", 1e3},       {"MB", 1e6},
    {"GB", 1e9}, {"KiB", 1024}, {"MiB", 1048576.}, {"GiB", 1073741824.}};
static const struct unit rates[] = {
    {"", 1}, {"bit", 1}, {"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}};
static const struct unit shares[] = {{"", 1}, {"%", 0.01}};

// The number in front of a known unit, in the smallest unit; -1 if it is none or over `most`.
static double measure(const char *text, const struct unit *units, size_t count, double most)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || !isfinite(number))
        return -1;
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < count; i++)
        if (strcmp(end, units[i].name) == 0) {
            double value = number * units[i].factor;
            return value >= 0 && value <= most ? value : -1;
        }
    return -1;
}

int units_time(const char *text, int64_t *ns, struct err *err)
{
    double value = measure(text, times, sizeof times / sizeof *times, 10 * 365 * 86400e9);
    if (value < 0)
        return err_set(err, "\"%s\" is no time; write seconds or \"200ms\", \"2s\", \"1m\"", text);
    *ns = llround(value);
    return 0;
}

int units_size(const char *text, int64_t *bytes, struct err *err)
{
    double value = measure(text, sizes, sizeof sizes / sizeof *sizes, 9007199254740992.);
    if (value < 0)
        return err_set(err, "\"%s\" is no size; write bytes or \"64KiB\", \"1MB\"", text);
    *bytes = llround(value);
    return 0;
}

int units_rate(const char *text, int64_t *bits, struct err *err)
{
    double value = measure(text, rates, sizeof rates / sizeof *rates, 1e12);
    if (value < 0)
        return err_set(err, "\"%s\" is no rate; write \"10mbit\", \"500kbit\", \"1gbit\"", text);
    *bits = llround(value);
    return 0;
}

int units_share(const char *text, double *share, struct err *err)
{
    double value = measure(text, shares, sizeof shares / sizeof *shares, 1);
    if (value < 0)
        return err_set(err, "\"%s\" is no share; write \"1%%\" or 0.01, at most \"100%%\"", text);
    *share = value;
    return 0;
}
