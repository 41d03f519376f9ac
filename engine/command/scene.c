// Implementation of scene.h.
#include "command/scene.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
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

int scene_read_beside(const char *folder, const char *name, char *text, size_t room,
                      struct err *err)
{
    int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1, n = -1;
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    if (dir >= 0)
        fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
    if (fd < 0 && errno == EXDEV)
        err_set(err, "%s leads out of the scene's folder: only files beside the scene are read",
                name);
    else if (fd < 0)
        err_errno(err, "cannot open %s beside the scene", name);
    else if ((n = (int)read(fd, text, room)) < 0)
        err_errno(err, "cannot read %s", name);
    else if ((size_t)n == room)
        n = err_set(err, "%s is larger than %d KiB", name, SCENE_MAX >> 10);
    if (fd >= 0)
        close(fd);
    if (dir >= 0)
        close(dir);
    return n;
}

void scene_free(struct scene *s)
{
    free(s->text);
    free(s->path);
    free(s->folder_path);
    *s = (struct scene){0};
}
