// Implementation of broker.h.
#include "command/broker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "command/gate.h"
#include "command/programs.h"
#include "command/scene.h"
#include "command/visitors.h"

struct broker {
    int control;        // (borrowed)
    const char *folder; // (borrowed)
    struct permits *permits;
    struct programs *programs;
    struct visitors *visitors; // NULL: nobody can come
    struct gate *gate;
};

struct broker *broker_new(const struct broker_setup *setup)
{
    struct broker *b = mem_new(sizeof *b);
    b->control = setup->control;
    b->folder = setup->folder;
    b->permits = permits_new(setup->control, setup->allowance);
    b->programs = programs_new(setup->loop, setup->control, setup->user_ns, b->permits);
    if (setup->visitors)
        b->visitors = visitors_new(setup->loop, setup->control, b->programs, setup->scene);
    b->gate = gate_new();
    return b;
}

void broker_free(struct broker *b)
{
    if (!b)
        return;
    visitors_free(b->visitors);
    programs_free(b->programs);
    gate_free(b->gate);
    permits_free(b->permits);
    free(b);
}

static void refuse(const struct broker *b, uint32_t question, const struct err *why)
{
    control_post(b->control, CONTROL_REFUSED, question, why->text, strlen(why->text), NULL, 0);
}

static void read_file(const struct broker *b, const struct control_message *m)
{
    char *text = mem_new(SCENE_MAX + 1);
    struct err err;
    int n = scene_read_beside(b->folder, m->bytes, text, SCENE_MAX + 1, &err);
    if (n < 0)
        refuse(b, m->number, &err);
    else
        control_post(b->control, CONTROL_GRANTED, m->number, text, (size_t)n, NULL, 0);
    free(text);
}

static void dial(const struct broker *b, const struct control_message *m)
{
    struct err err = {"this real address was not allowed"};
    int fd = permits_address(b->permits, m->bytes) ? gate_open(b->gate, m->bytes, &err) : -1;
    if (fd < 0) {
        refuse(b, m->number, &err);
        return;
    }
    control_post(b->control, CONTROL_GRANTED, m->number, NULL, 0, &fd, 1);
    close(fd);
}

void broker_take(struct broker *b, struct control_message *m)
{
    switch (m->type) {
    case CONTROL_WANT:
        read_file(b, m);
        break;
    case CONTROL_NEED:
        permits_take_need(b->permits, m);
        break;
    case CONTROL_REACH:
        permits_take_reach(b->permits, m);
        break;
    case CONTROL_DIAL:
        dial(b, m);
        break;
    default:
        programs_take(b->programs, m);
        visitors_take(b->visitors, m);
        break;
    }
}

const char *broker_question(const struct broker *b)
{
    return b ? permits_question(b->permits) : NULL;
}

void broker_answer(struct broker *b, bool yes)
{
    permits_answer(b->permits, yes);
}

const char *broker_refusal(const struct broker *b)
{
    return permits_refusal(b->permits);
}
