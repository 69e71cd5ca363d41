// Memory for the rows that a band's merge holds: they come and go in one order.
#include "state/band_internal.h"

enum { BLOCK_BYTES_MIN = 64 * 1024 };

static char *block_bytes(BandBlock *block) {
    return (char *)(block + 1);
}

static BandBlock *block_with(BandRows *rows, size_t length) {
    BandBlock *last = rows->last;
    if (last != NULL && last->capacity - last->used >= length) {
        return last;
    }
    size_t capacity = length < BLOCK_BYTES_MIN ? BLOCK_BYTES_MIN : length;
    BandBlock *block = memory_alloc(sizeof(BandBlock) + capacity);
    *block = (BandBlock){.capacity = capacity};
    if (last == NULL) {
        rows->first = block;
    } else {
        last->next = block;
    }
    rows->last = block;
    rows->block_count++;
    return block;
}

// What the sequence will forget is copied behind the row: the key, then what goes along.
static void bytes_keep(BandRow *made, const SorterRow *row) {
    char *key = (char *)(made + 1);
    memcpy(key, row->key, row->key_length);
    memcpy(key + row->key_length, row->payload, row->payload_length);
    made->key = key;
    made->bytes = key + row->key_length;
}

BandRow *band_row_new(BandRows *rows, const BandNext *next) {
    const SorterRow *row = &next->row;
    size_t copied = row->is_kept ? 0 : row->key_length + row->payload_length;
    size_t length = (sizeof(BandRow) + copied + _Alignof(BandRow) - 1) & ~(_Alignof(BandRow) - 1);
    BandBlock *block = block_with(rows, length);
    BandRow *made = (BandRow *)(void *)(block_bytes(block) + block->used);
    block->used += length;
    *made = (BandRow){.block = block,
                      .key = row->key,
                      .bytes = row->payload,
                      .time_us = time_read(row->key + row->group_length),
                      .key_length = (uint32_t)row->key_length,
                      .group_length = (uint32_t)row->group_length,
                      .byte_count = (uint32_t)row->payload_length,
                      .flags = next->flags,
                      .kept_flags = next->flags,
                      .is_old = next->is_old};
    if (!row->is_kept) {
        bytes_keep(made, row);
    }
    return made;
}

void band_rows_forget(BandRows *rows, const BandRow *first) {
    while (rows->first != NULL && (first == NULL || rows->first != first->block)) {
        BandBlock *gone = rows->first;
        rows->first = gone->next;
        rows->last = gone == rows->last ? NULL : rows->last;
        rows->block_count--;
        memory_free(gone);
    }
}
