// player: plays a scene like `wirescene run`, without outputs, and prints what that cost.
//
//   player [--bare] SCENE.lua [NAME=VALUE]…
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/control.h"
#include "front.h"
#include "script/play.h"

static char text[96 * 1024];

static int play(void *request)
{
    return play_run(request);
}

int main(int argc, char **argv)
{
    bool bare = argc > 1 && strcmp(argv[1], "--bare") == 0;
    argv += bare;
    argc -= bare;
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    struct play_param params[8];
    struct play_request request = {
        .name = "scene", .text = text, .params = params, .seed = 1, .snap = 96};
    struct err err;
    int ends[2];
    if (!file) {
        fprintf(stderr, "usage: player [--bare] SCENE.lua [NAME=VALUE]…\n");
        return 2;
    }
    request.text_len = fread(text, 1, sizeof text, file);
    for (int i = 2; i < argc && request.param_count < 8; i++) {
        char *value = strchr(argv[i], '=');
        if (!value)
            continue;
        *value = '\0';
        params[request.param_count++] = (struct play_param){.name = argv[i], .value = value + 1};
    }
    if (control_pair(ends) != 0 || !(request.ring = ring_new(&err)))
        return 1;
    request.control = ends[1];
    return front_run(play, &request, request.ring, bare, ends[1]);
}
