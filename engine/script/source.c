// Implementation of source.h: a scanner for the few things of Lua that can hide a word.
#include "script/source.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

struct scan {
    const char *at, *end;
    uint32_t line;
};

static void step(struct scan *s)
{
    s->line += *s->at == '\n';
    s->at++;
}

// The level of a long bracket that opens here ("[[" 0, "[=[" 1), -1: none does.
static int long_bracket(const struct scan *s)
{
    const char *p = s->at + 1;
    while (p < s->end && *p == '=')
        p++;
    return *s->at == '[' && p < s->end && *p == '[' ? (int)(p - s->at - 1) : -1;
}

static void skip_long(struct scan *s, int level)
{
    for (; s->at < s->end; step(s)) {
        const char *p = s->at + 1;
        while (p < s->end && *p == '=')
            p++;
        if (*s->at == ']' && p < s->end && *p == ']' && p - s->at - 1 == level) {
            s->at = p + 1;
            return;
        }
    }
}

static void skip_quoted(struct scan *s)
{
    char quote = *s->at;
    for (s->at++; s->at < s->end && *s->at != quote && *s->at != '\n'; step(s))
        if (*s->at == '\\' && s->at + 1 < s->end)
            step(s);
    if (s->at < s->end)
        step(s);
}

static void skip_comment(struct scan *s)
{
    s->at += 2;
    int level = s->at < s->end ? long_bracket(s) : -1;
    if (level >= 0)
        skip_long(s, level);
    while (level < 0 && s->at < s->end && *s->at != '\n')
        s->at++;
}

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

// What follows a name that is called: a parenthesis, a table or a text.
static bool called(const struct scan *s)
{
    const char *p = s->at;
    while (p < s->end && (*p == ' ' || *p == '\t'))
        p++;
    return p < s->end && strchr("({\"'[", *p);
}

size_t source_calls(const char *text, size_t len, const char *word, uint32_t *lines, size_t most)
{
    struct scan s = {.at = text, .end = text + len, .line = 1};
    size_t found = 0, n = strlen(word);
    while (s.at < s.end && found < most) {
        int level = long_bracket(&s);
        if (s.end - s.at >= 2 && s.at[0] == '-' && s.at[1] == '-') {
            skip_comment(&s);
        } else if (*s.at == '"' || *s.at == '\'') {
            skip_quoted(&s);
        } else if (level >= 0) {
            skip_long(&s, level);
        } else if (is_letter(*s.at)) {
            const char *start = s.at;
            bool field = start > text && (start[-1] == '.' || start[-1] == ':');
            while (s.at < s.end && is_letter(*s.at))
                s.at++;
            if (!field && (size_t)(s.at - start) == n && memcmp(start, word, n) == 0 && called(&s))
                lines[found++] = s.line;
        } else {
            step(&s);
        }
    }
    return found;
}
