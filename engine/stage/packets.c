// Implementation of packets.h.
#include "stage/packets.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void packets_fini(struct packets *p)
{
    free(p->rows);
    free(p->data);
    *p = (struct packets){0};
}

static uint64_t keep_data(struct packets *p, const uint8_t *data, uint32_t len)
{
    if (p->data_len + len > PACKETS_DATA_MAX)
        return PACKETS_NO_DATA;
    if (p->data_cap - p->data_len < len) {
        size_t cap = p->data_cap ? p->data_cap * 2 : 64 * 1024;
        while (cap - p->data_len < len)
            cap *= 2;
        p->data = mem_resize(p->data, cap);
        p->data_cap = cap;
    }
    uint64_t off = p->data_len;
    memcpy(p->data + off, data, len);
    p->data_len += len;
    return off;
}

uint32_t packets_add(struct packets *p, const struct packet_row *row, const uint8_t *data)
{
    if (p->count == PACKETS_MAX) {
        p->missed++;
        return UINT32_MAX;
    }
    if (p->count == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 256;
        p->rows = mem_resize(p->rows, p->cap * sizeof *p->rows);
    }
    p->rows[p->count] = *row;
    p->rows[p->count].data_off = row->len ? keep_data(p, data, row->len) : PACKETS_NO_DATA;
    return p->count++;
}

const char *packets_payload(const struct packets *p, const struct packet_row *row)
{
    return row->data_off == PACKETS_NO_DATA ? NULL : p->data + row->data_off;
}
