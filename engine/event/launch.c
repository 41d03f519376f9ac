// Implementation of launch.h: three numbers, then texts with a NUL behind each; the text of a file
// has its length before it.
#include "event/launch.h"

#include <stdbool.h>

struct head {
    uint32_t host, arg_count, file_count;
};

void launch_write(const struct launch *l, struct buf *bytes)
{
    struct head head = {l->host, l->arg_count, l->file_count};
    buf_put(bytes, &head, sizeof head);
    buf_put(bytes, l->path, strlen(l->path) + 1);
    for (uint32_t i = 0; i < l->arg_count; i++)
        buf_put(bytes, l->args[i], strlen(l->args[i]) + 1);
    for (uint32_t i = 0; i < l->file_count; i++) {
        const struct launch_file *f = &l->files[i];
        buf_put(bytes, f->name, strlen(f->name) + 1);
        buf_put(bytes, &f->len, sizeof f->len);
        buf_put(bytes, f->text, f->len);
        buf_byte(bytes, '\0');
    }
}

struct cursor {
    const char *at, *end; // *end is a NUL
};

static const char *take_text(struct cursor *c)
{
    const char *text = c->at;
    if (c->at >= c->end)
        return NULL;
    c->at += strlen(text) + 1;
    return text;
}

// A name of its own folder, never a way out of it.
static bool is_plain_name(const char *name)
{
    return !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool take_file(struct cursor *c, struct launch_file *f)
{
    f->name = take_text(c);
    if (!f->name || !is_plain_name(f->name) || (size_t)(c->end - c->at) < sizeof f->len)
        return false;
    memcpy(&f->len, c->at, sizeof f->len);
    c->at += sizeof f->len;
    if ((size_t)(c->end - c->at) <= f->len)
        return false;
    f->text = c->at;
    c->at += f->len + 1;
    return true;
}

int launch_read(struct launch *l, const char *bytes, size_t len, struct err *err)
{
    struct head head;
    struct cursor c = {bytes + sizeof head, bytes + len};
    bool sound = len > sizeof head && bytes[len - 1] == '\0';
    if (sound)
        memcpy(&head, bytes, sizeof head);
    sound = sound && head.arg_count >= 1 && head.arg_count <= LAUNCH_ARGS_MAX &&
            head.file_count <= LAUNCH_FILES_MAX && (l->path = take_text(&c));
    if (sound) {
        l->host = head.host;
        l->arg_count = head.arg_count;
        l->file_count = head.file_count;
    }
    for (uint32_t i = 0; sound && i < l->arg_count; i++)
        sound = (l->args[i] = take_text(&c));
    for (uint32_t i = 0; sound && i < l->file_count; i++)
        sound = take_file(&c, &l->files[i]);
    if (!sound || c.at != c.end)
        return err_set(err, "what a program is started with is damaged");
    l->args[l->arg_count] = NULL;
    return 0;
}
