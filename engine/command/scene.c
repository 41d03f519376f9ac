// Implementation of scene.h.
#include "command/scene.h"

#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

int scene_read(struct scene *s, const char *path, struct err *err)
{
    *s = (struct scene){.text = mem_new(SCENE_MAX + 1),
                        .path = mem_text(path, strlen(path)),
                        .folder_path = mem_text(path, strlen(path))};
    s->name = basename(s->path);
    s->folder = dirname(s->folder_path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    while (fd >= 0 && s->len <= SCENE_MAX &&
           (n = read(fd, s->text + s->len, SCENE_MAX + 1 - s->len)) > 0)
        s->len += (size_t)n;
    if (n < 0)
        err_errno(err, "cannot read the scene %s", path);
    else if (s->len > SCENE_MAX)
        n = err_set(err, "%s is larger than %d KiB: move parts of it to files for require", path,
                    SCENE_MAX >> 10);
    if (fd >= 0)
        close(fd);
    return n < 0 ? -1 : 0;
}

void scene_free(struct scene *s)
{
    free(s->text);
    free(s->path);
    free(s->folder_path);
    *s = (struct scene){0};
}
