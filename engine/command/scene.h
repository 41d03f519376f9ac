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
void scene_free(struct scene *s); // a zeroed one too
