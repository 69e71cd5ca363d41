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
    return block;
}

// What the sorter will forget is copied behind the row.
BandRow *band_row_new(BandRows *rows, const SorterRow *row) {
    size_t copied = row->is_kept ? 0 : BAND_PLACE_BYTES + row->payload_length;
    size_t length = (sizeof(BandRow) + copied + _Alignof(BandRow) - 1) & ~(_Alignof(BandRow) - 1);
    BandBlock *block = block_with(rows, length);
    BandRow *made = (BandRow *)(void *)(block_bytes(block) + block->used);
    block->used += length;
    *made = (BandRow){.block = block,
                      .bytes = row->payload,
                      .place = row->key + row->group_length,
                      .time_us = time_read(row->key + row->group_length)};
    if (!row->is_kept) {
        char *place = (char *)(made + 1);
        memcpy(place, made->place, BAND_PLACE_BYTES);
        memcpy(place + BAND_PLACE_BYTES, row->payload, row->payload_length);
        made->place = place;
        made->bytes = place + BAND_PLACE_BYTES;
    }
    return made;
}

void band_rows_forget(BandRows *rows, const BandRow *first) {
    while (rows->first != NULL && (first == NULL || rows->first != first->block)) {
        BandBlock *gone = rows->first;
        rows->first = gone->next;
        rows->last = gone == rows->last ? NULL : rows->last;
        memory_free(gone);
    }
}
