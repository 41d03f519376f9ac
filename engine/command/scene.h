// scene: the file of a scene, read into memory.
#pragma once

#include <stddef.h>

#include "base/err.h"

#define SCENE_MAX (96 * 1024) // its text is one event

struct scene {
    char *text; // (owned)
    size_t len;
    char *path, *folder_path; // (owned) for the two below
    const char *name;         // without folders
    const char *folder;       // where required files are looked for
};

int scene_read(struct scene *s, const char *path, struct err *err);
// A file beside the scene, and nothing outside its folder: how many bytes of it came into `room`
// bytes, which is more than SCENE_MAX; -1 with why none did.
int scene_read_beside(const char *folder, const char *name, char *text, size_t room,
                      struct err *err);

void scene_free(struct scene *s); // a zeroed one too
