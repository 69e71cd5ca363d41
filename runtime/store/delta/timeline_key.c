// One key's history. Whatever was known before and whatever comes now are events; the events in the
// order of their time make the versions anew, so it does not matter in which run each came.
#include "store/delta/timeline.h"
#include "store/delta/tombstone.h"

#include "scalar/scalar.h"

// --- values of events ---------------------------------------------------------------------------
DeltaCell delta_event_order(const DeltaTimeline *timeline, const DeltaEvent *event, uint32_t at) {
    const DeltaMerge *merge = timeline->merge;
    switch (event->kind) {
    case DELTA_EVENT_CHANGE:
        return delta_changes_cell(merge->changes, event->row, merge->changes->order_first + at);
    case DELTA_EVENT_MEMORY:
        return delta_rows_cell(&timeline->memory, event->row, DELTA_TOMBSTONE_ORDER + at);
    case DELTA_EVENT_GAP:
    case DELTA_EVENT_ROW:
        break;
    }
    return delta_rows_cell(&timeline->rows, event->row, merge->table_count + at);
}

DeltaCell
delta_event_cell(const DeltaTimeline *timeline, const DeltaEvent *event, uint32_t column) {
    const DeltaMerge *merge = timeline->merge;
    switch (event->kind) {
    case DELTA_EVENT_CHANGE:
        return delta_changes_cell(merge->changes, event->row, column);
    case DELTA_EVENT_MEMORY:
        return delta_rows_cell(&timeline->memory,
                               event->row,
                               delta_tombstone_column(merge->write, DELTA_TOMBSTONE_ROW) + column);
    case DELTA_EVENT_GAP:
    case DELTA_EVENT_ROW:
        break;
    }
    return delta_rows_cell(&timeline->rows, event->row, (uint32_t)timeline->row_columns[column]);
}

static int order_compare(const DeltaTimeline *timeline, const DeltaEvent *a, const DeltaEvent *b) {
    const DeltaMerge *merge = timeline->merge;
    for (uint32_t i = 0; i < merge->write->order_count; i++) {
        DeltaCell left = delta_event_order(timeline, a, i);
        DeltaCell right = delta_event_order(timeline, b, i);
        int order = delta_cells_compare(&merge->columns[merge->table_count + i], &left, &right, 1);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

// Of equal order values what came later is newer.
static int newer_compare(const DeltaTimeline *timeline, const DeltaEvent *a, const DeltaEvent *b) {
    int order = order_compare(timeline, a, b);
    if (order != 0) {
        return order;
    }
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return (a->row > b->row) - (a->row < b->row);
}

// --- events -------------------------------------------------------------------------------------
static void event_add(DeltaTimeline *timeline, DeltaEvent event) {
    *vec_push(&timeline->arena, &timeline->events) = event;
}

static int64_t row_time(const DeltaTimeline *timeline, uint32_t row, int32_t column) {
    return delta_rows_cell(&timeline->rows, row, (uint32_t)column).value.i64;
}

static void rows_gather(DeltaTimeline *timeline, uint32_t key) {
    uint32_t row = timeline->row_last[key];
    for (; row != DELTA_ROW_NONE; row = timeline->standings.items[row].before) {
        DeltaCell end = delta_rows_cell(&timeline->rows, row, (uint32_t)timeline->valid_to);
        int64_t valid_from = row_time(timeline, row, timeline->valid_from);
        event_add(timeline, (DeltaEvent){DELTA_EVENT_ROW, row, valid_from, false});
        if (!end.is_null) {
            event_add(timeline, (DeltaEvent){DELTA_EVENT_GAP, row, end.value.i64, true});
        }
    }
}

static DeltaEvent memory_event(const DeltaTimeline *timeline, uint32_t row) {
    const DeltaWrite *write = timeline->merge->write;
    uint32_t time = delta_tombstone_column(write, DELTA_TOMBSTONE_VALID_FROM);
    uint32_t flag = delta_tombstone_column(write, DELTA_TOMBSTONE_DELETE);
    int64_t valid_from = delta_rows_cell(&timeline->memory, row, time).value.i64;
    bool is_delete = delta_rows_cell(&timeline->memory, row, flag).value.i64 != 0;
    return (DeltaEvent){DELTA_EVENT_MEMORY, row, valid_from, is_delete};
}

static void memory_gather(DeltaTimeline *timeline, uint32_t key) {
    uint32_t row = timeline->memory_last[key];
    for (; row != DELTA_ROW_NONE; row = timeline->memory_before.items[row]) {
        event_add(timeline, memory_event(timeline, row));
    }
}

static void changes_gather(DeltaTimeline *timeline, uint32_t key) {
    const DeltaChanges *changes = timeline->merge->changes;
    uint32_t row = changes->items.items[key].row;
    for (; row != DELTA_ROW_NONE; row = changes->before.items[row]) {
        int64_t valid_from = delta_changes_cell(changes, row, changes->column_count - 1).value.i64;
        bool is_delete = changes->deletes.items[row];
        event_add(timeline, (DeltaEvent){DELTA_EVENT_CHANGE, row, valid_from, is_delete});
    }
}

// Does the event come before a delete of all keys? Of equals that which came first.
static bool is_truncated(const DeltaTimeline *timeline, const DeltaEvent *event) {
    const DeltaMerge *merge = timeline->merge;
    uint32_t truncate = merge->changes->truncate;
    const DeltaCell *remembered = merge->write->truncated;
    bool is_change = event->kind == DELTA_EVENT_CHANGE;
    if (is_change && remembered != NULL &&
        delta_changes_order_compare(merge->changes, event->row, remembered) < 0) {
        return true;
    }
    if (truncate == DELTA_ROW_NONE) {
        return false;
    }
    DeltaEvent all = {.kind = DELTA_EVENT_CHANGE, .row = truncate};
    int order = order_compare(timeline, event, &all);
    return order < 0 || (order == 0 && (!is_change || event->row < truncate));
}

static void truncated_drop(DeltaTimeline *timeline) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < timeline->events.count; i++) {
        if (!is_truncated(timeline, &timeline->events.items[i])) {
            timeline->events.items[count++] = timeline->events.items[i];
        }
    }
    timeline->events.count = count;
}

static int time_compare(const void *left, const void *right, void *user) {
    const DeltaEvent *a = left;
    const DeltaEvent *b = right;
    if (a->valid_from != b->valid_from) {
        return a->valid_from < b->valid_from ? -1 : 1;
    }
    // What is remembered of a time knows it better than the row that begins or ends then, and so
    // does a row that begins than one that ends.
    if (a->kind != DELTA_EVENT_CHANGE && b->kind != DELTA_EVENT_CHANGE && a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return newer_compare(user, a, b);
}

// Does a change say just what is known of its time? Then it is no news.
static bool
is_repeated(const DeltaTimeline *timeline, const DeltaEvent *known, const DeltaEvent *change) {
    bool is_news = known->kind == DELTA_EVENT_CHANGE || change->kind != DELTA_EVENT_CHANGE ||
                   known->is_delete != change->is_delete ||
                   order_compare(timeline, known, change) != 0;
    if (is_news || change->is_delete) {
        return !is_news;
    }
    for (uint32_t i = 0; i < timeline->given_count; i++) {
        DeltaCell is = delta_event_cell(timeline, known, i);
        DeltaCell wanted = delta_event_cell(timeline, change, i);
        if (!delta_cell_equal(timeline->merge->changes->columns[i].type, &is, &wanted)) {
            return false;
        }
    }
    return true;
}

// Of one time only the newest stays: of events [first, last] of one time the last, or what is known
// just so.
static DeltaEvent newest_of(const DeltaTimeline *timeline, uint32_t first, uint32_t last) {
    const DeltaEvent *events = timeline->events.items;
    for (uint32_t i = first; i < last; i++) {
        if (is_repeated(timeline, &events[i], &events[last])) {
            return events[i];
        }
    }
    return events[last];
}

static void newest_choose(DeltaTimeline *timeline) {
    uint32_t count = 0;
    uint32_t first = 0;
    DeltaEvent *events = timeline->events.items;
    for (uint32_t i = 0; i < timeline->events.count; i++) {
        bool is_last =
            i + 1 == timeline->events.count || events[i].valid_from != events[i + 1].valid_from;
        if (is_last) {
            events[count++] = newest_of(timeline, first, i);
            first = i + 1;
        }
    }
    timeline->events.count = count;
}

static void events_sort(DeltaTimeline *timeline) {
    if (timeline->events.count > 1) {
        qsort_r(timeline->events.items,
                timeline->events.count,
                sizeof(DeltaEvent),
                time_compare,
                timeline);
    }
    newest_choose(timeline);
}

static void events_gather(DeltaTimeline *timeline, uint32_t key) {
    timeline->events.count = 0;
    rows_gather(timeline, key);
    memory_gather(timeline, key);
    events_sort(timeline);
    changes_gather(timeline, key);
    truncated_drop(timeline);
    events_sort(timeline);
}

// --- versions -----------------------------------------------------------------------------------
static bool is_continued(const DeltaTimeline *timeline, const DeltaVersion *open, uint32_t event) {
    const DeltaEvent *events = timeline->events.items;
    for (uint32_t i = 0; i < timeline->given_count; i++) {
        if (!timeline->is_tracked[i]) {
            continue;
        }
        DeltaCell is = delta_event_cell(timeline, &events[open->first], i);
        DeltaCell next = delta_event_cell(timeline, &events[event], i);
        if (!delta_cell_equal(timeline->merge->changes->columns[i].type, &is, &next)) {
            return false;
        }
    }
    return true;
}

static void version_close(DeltaVersion *open, int64_t valid_to) {
    if (open != NULL) {
        open->is_current = false;
        open->valid_to = valid_to;
    }
}

static void versions_make(DeltaTimeline *timeline) {
    DeltaVersion *open = NULL;
    timeline->versions.count = 0;
    for (uint32_t i = 0; i < timeline->events.count; i++) {
        const DeltaEvent *event = &timeline->events.items[i];
        if (event->is_delete) {
            version_close(open, event->valid_from);
            open = NULL;
        } else if (open != NULL && is_continued(timeline, open, i)) {
            open->end = i + 1;
        } else {
            version_close(open, event->valid_from);
            open = vec_push(&timeline->arena, &timeline->versions);
            *open = (DeltaVersion){.first = i,
                                   .end = i + 1,
                                   .valid_from = event->valid_from,
                                   .is_current = true,
                                   .row = -1};
        }
    }
}

static const DeltaEvent *newest_event(const DeltaTimeline *timeline, const DeltaVersion *version) {
    const DeltaEvent *newest = &timeline->events.items[version->first];
    for (uint32_t i = version->first + 1; i < version->end; i++) {
        const DeltaEvent *event = &timeline->events.items[i];
        if (order_compare(timeline, event, newest) >= 0) { // of equals the later in time
            newest = event;
        }
    }
    return newest;
}

static DeltaCell
made_cell(DeltaTimeline *timeline, const DeltaVersion *version, uint32_t key, int32_t column) {
    if (column == timeline->valid_from) {
        return (DeltaCell){.value.i64 = version->valid_from};
    }
    if (column == timeline->valid_to) {
        return (DeltaCell){.value.i64 = version->valid_to, .is_null = version->is_current};
    }
    if (column == timeline->is_current) {
        return (DeltaCell){.value.i64 = version->is_current};
    }
    ASSERT(column == timeline->surrogate);
    const DeltaKey *bytes = &timeline->merge->changes->set.keys[key];
    Buffer text = {.data = (char *)(uintptr_t)bytes->bytes, .length = bytes->length};
    return (DeltaCell){.value.view =
                           delta_surrogate(&timeline->arena, &text, &version->valid_from)};
}

DeltaCell delta_version_cell(DeltaTimeline *timeline,
                             const DeltaVersion *version,
                             uint32_t key,
                             uint32_t column) {
    const DeltaMerge *merge = timeline->merge;
    if (column >= merge->table_count) {
        return delta_event_order(
            timeline, newest_event(timeline, version), column - merge->table_count);
    }
    uint32_t given = (uint32_t)merge->cells[column];
    if (given >= timeline->given_count) {
        return made_cell(timeline, version, key, (int32_t)column);
    }
    const DeltaEvent *event = timeline->is_tracked[given] ? &timeline->events.items[version->first]
                                                          : newest_event(timeline, version);
    return delta_event_cell(timeline, event, given);
}

// --- what stands already ------------------------------------------------------------------------
static bool
stands(DeltaTimeline *timeline, const DeltaVersion *version, uint32_t key, uint32_t row) {
    const DeltaMerge *merge = timeline->merge;
    for (uint32_t i = 0; i < merge->table_count; i++) {
        DeltaCell is = delta_rows_cell(&timeline->rows, row, i);
        DeltaCell wanted = delta_version_cell(timeline, version, key, i);
        if (!delta_cell_equal(merge->columns[i].type, &is, &wanted)) {
            return false;
        }
    }
    return true;
}

static void standings_find(DeltaTimeline *timeline, uint32_t key) {
    for (uint32_t i = 0; i < timeline->versions.count; i++) {
        DeltaVersion *version = &timeline->versions.items[i];
        uint32_t row = timeline->row_last[key];
        for (; row != DELTA_ROW_NONE; row = timeline->standings.items[row].before) {
            bool is_free = !timeline->standings.items[row].stays;
            bool is_time = row_time(timeline, row, timeline->valid_from) == version->valid_from;
            if (is_free && is_time && stands(timeline, version, key, row)) {
                timeline->standings.items[row].stays = true;
                version->row = (int32_t)row;
                break;
            }
        }
    }
}

// --- what is remembered -------------------------------------------------------------------------
// A row says all of its only event, if it has that event's order.
static bool is_said(const DeltaTimeline *timeline, const DeltaVersion *version) {
    if (version->end - version->first > 1) {
        return false;
    }
    if (version->row < 0) {
        return true; // it is written with this order
    }
    DeltaEvent standing = {.kind = DELTA_EVENT_ROW, .row = (uint32_t)version->row};
    return order_compare(timeline, &timeline->events.items[version->first], &standing) == 0;
}

static void remembered_find(DeltaTimeline *timeline) {
    uint32_t at = 0;
    timeline->remembered.count = 0;
    for (uint32_t i = 0; i < timeline->events.count; i++) {
        const DeltaEvent *event = &timeline->events.items[i];
        while (at < timeline->versions.count && timeline->versions.items[at].end <= i) {
            at++;
        }
        bool is_kept = event->is_delete ? event->kind != DELTA_EVENT_GAP
                                        : !is_said(timeline, &timeline->versions.items[at]);
        if (is_kept) {
            *vec_push(&timeline->arena, &timeline->remembered) = i;
        }
    }
}

DeltaEvent
delta_event_remembered(const DeltaTimeline *timeline, uint32_t key, const DeltaEvent *event) {
    uint32_t time = delta_tombstone_column(timeline->merge->write, DELTA_TOMBSTONE_VALID_FROM);
    uint32_t row = timeline->memory_last[key];
    for (; row != DELTA_ROW_NONE; row = timeline->memory_before.items[row]) {
        DeltaEvent known = memory_event(timeline, row);
        bool is_time = delta_rows_cell(&timeline->memory, row, time).value.i64 == event->valid_from;
        if (is_time && is_repeated(timeline, &known, event)) {
            return known;
        }
    }
    return *event;
}

void delta_timeline_key(DeltaTimeline *timeline, uint32_t key) {
    events_gather(timeline, key);
    versions_make(timeline);
    standings_find(timeline, key);
    remembered_find(timeline);
}
