// Rejections of one record by several steps are told apart by an ordinal, and that must not depend
// on which step went over the batch first: rewrites change it. So they wait until the batch is
// through, and are numbered by what they say. Those that say the same may exchange their numbers.
#include "engine/run.h"

// Rows that one record became have its bytes: one copy is enough.
static const char *raw_keep(const Worker *worker, Arena *arena, const WorkerReject *kept) {
    uint32_t count = worker->rejects.items.count;
    const WorkerReject *last = count == 0 ? NULL : &worker->rejects.items.items[count - 1];
    bool is_known = last != NULL && last->row == kept->row && last->record.raw != NULL;
    return is_known ? last->record.raw
                    : arena_copy(arena, kept->record.raw, kept->record.raw_length);
}

void worker_reject_row(Worker *worker, uint32_t row, const DlqRecord *record) {
    WorkerRejects *rejects = &worker->rejects;
    WorkerReject kept = {.record = *record, .row = row};
    if (kept.record.raw != NULL && kept.record.raw == worker->raw.data) {
        kept.record.raw = raw_keep(worker, &rejects->arena, &kept);
    }
    *vec_push(&rejects->arena, &rejects->items) = kept;
}

static int text_compare(const char *a, const char *b) {
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int reject_compare(const void *a, const void *b) {
    const WorkerReject *left = a;
    const WorkerReject *right = b;
    if (left->row != right->row) {
        return left->row < right->row ? -1 : 1;
    }
    const char *const pairs[][2] = {
        {left->record.flow, right->record.flow},
        {left->record.location, right->record.location},
        {left->record.code, right->record.code},
        {left->record.expression, right->record.expression},
        {left->record.message, right->record.message},
    };
    int order = 0;
    for (size_t i = 0; i < COUNT_OF(pairs) && order == 0; i++) {
        order = text_compare(pairs[i][0], pairs[i][1]);
    }
    return order;
}

void worker_rejects_settle(Worker *worker) {
    WorkerRejects *rejects = &worker->rejects;
    uint32_t count = rejects->items.count;
    if (count == 0) {
        return;
    }
    qsort(rejects->items.items, count, sizeof(WorkerReject), reject_compare);
    for (uint32_t i = 0; i < count && worker->outcome == OUTCOME_OK; i++) {
        WorkerReject *reject = &rejects->items.items[i];
        reject->record.ordinal = worker->input.rejections[reject->row]++;
        worker_reject(worker, &reject->record);
    }
    memset(&rejects->items, 0, sizeof(rejects->items));
    arena_reset(&rejects->arena);
}
