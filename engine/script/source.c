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

// A piece of code: a word, a text (kind '"'), or a single sign, which is its own kind.
struct token {
    char kind; // 'w': a word; 0: the end
    const char *start;
    size_t len;
};

static struct token next(struct scan *s)
{
    while (s->at < s->end) {
        const char *start = s->at;
        int level = long_bracket(s);
        if (s->end - s->at >= 2 && s->at[0] == '-' && s->at[1] == '-') {
            skip_comment(s);
        } else if (isspace((unsigned char)*s->at)) {
            step(s);
        } else if (*s->at == '"' || *s->at == '\'') {
            skip_quoted(s);
            return (struct token){'"', start, (size_t)(s->at - start)};
        } else if (level >= 0) {
            skip_long(s, level);
            return (struct token){'"', start, (size_t)(s->at - start)};
        } else if (is_letter(*s->at)) {
            while (s->at < s->end && is_letter(*s->at))
                s->at++;
            return (struct token){'w', start, (size_t)(s->at - start)};
        } else {
            step(s);
            return (struct token){*start, start, 1};
        }
    }
    return (struct token){0};
}

static bool is_word(const struct token *t, const char *word)
{
    return t->kind == 'w' && t->len == strlen(word) && memcmp(t->start, word, t->len) == 0;
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
    size_t found = 0;
    char before = 0;
    for (struct token t; found < most && (t = next(&s)).kind; before = t.kind)
        if (before != '.' && before != ':' && is_word(&t, word) && called(&s))
            lines[found++] = s.line;
    return found;
}

// Where the scan for names is: a name is wanted behind `local`, `for`, and among parameters.
enum place { ELSEWHERE, WANTED, TAKEN, ATTRIBUTE, FUNCTION };

struct declaration {
    enum place at;
    bool named; // of `local function`: its own name comes next
};

static void pass_sign(struct declaration *d, char sign)
{
    if (d->at == FUNCTION) // its name may have dots
        d->at = sign == '(' ? WANTED : FUNCTION;
    else if (d->at == ATTRIBUTE)
        d->at = sign == '>' ? TAKEN : ATTRIBUTE;
    else if (d->at == TAKEN && sign == '<')
        d->at = ATTRIBUTE;
    else
        d->at = d->at == TAKEN && sign == ',' ? WANTED : ELSEWHERE;
}

// Whether the word is a name that is declared here.
static bool pass_word(struct declaration *d, const struct token *t)
{
    bool declared = d->at == WANTED || (d->at == FUNCTION && d->named);
    if (is_word(t, "function")) {
        *d = (struct declaration){FUNCTION, d->at == WANTED};
        return false;
    }
    if (is_word(t, "local") || is_word(t, "for")) {
        d->at = WANTED;
        return false;
    }
    d->named = false;
    if (d->at == WANTED)
        d->at = TAKEN;
    else if (d->at == TAKEN)
        d->at = ELSEWHERE;
    return declared;
}

void source_names(const char *text, size_t len,
                  void (*take)(void *arg, const char *name, size_t len), void *arg)
{
    struct scan s = {.at = text, .end = text + len, .line = 1};
    struct declaration d = {ELSEWHERE, false};
    for (struct token t; (t = next(&s)).kind;)
        if (t.kind != 'w')
            pass_sign(&d, t.kind);
        else if (pass_word(&d, &t))
            take(arg, t.start, t.len);
}
