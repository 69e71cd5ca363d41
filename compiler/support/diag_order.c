// Findings are printed in the order of the text, so that the same program always gives the same
// bytes.
#include "support/diag_order.h"

static int compare(uint32_t a, uint32_t b) {
    return a < b ? -1 : a > b;
}

static int diag_compare(const void *left, const void *right) {
    const Diag *a = *(Diag *const *)left;
    const Diag *b = *(Diag *const *)right;
    int by_file = compare(a->span.file, b->span.file);
    if (by_file != 0) {
        return by_file;
    }
    int by_start = compare(a->span.start_offset, b->span.start_offset);
    if (by_start != 0) {
        return by_start;
    }
    int by_code = strcmp(diag_code_name(a->code), diag_code_name(b->code));
    return by_code != 0 ? by_code : compare(a->span.end_offset, b->span.end_offset);
}

Diag **diag_order(const DiagList *list, Arena *arena) {
    Diag **order = arena_array(arena, Diag *, list->items.count + 1);
    for (uint32_t i = 0; i < list->items.count; i++) {
        order[i] = list->items.items[i];
    }
    qsort(order, list->items.count, sizeof(*order), diag_compare);
    return order;
}
