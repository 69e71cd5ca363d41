// Tables as text, for the tests of store: columns as `name type`, rows as fields between bars.
#ifndef FLOW_TESTS_DELTA_HELP_H
#define FLOW_TESTS_DELTA_HELP_H

#include "scalar/scalar.h"
#include "store/store.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { HELP_COLUMNS_MAX = 24, HELP_FIELD_BYTES_MAX = 512 };

// "id int64, name string?, amount decimal(12,2), status enum(open;paid)"
typedef struct HelpColumns {
    Arena arena;
    FlowColumnDesc descs[HELP_COLUMNS_MAX];
    uint32_t count;
} HelpColumns;

static inline const char *help_word(Arena *arena, const char **at, const char *ends) {
    size_t length = strcspn(*at, ends);
    const char *word = arena_copy(arena, *at, length);
    *at += length;
    return word;
}

static inline void help_enum(Arena *arena, const char **at, FlowTypeDesc *type) {
    FlowText *values = arena_array(arena, FlowText, 16);
    do {
        (*at)++;
        values[type->enum_values_count++].text = help_word(arena, at, ";)");
    } while (**at == ';');
    type->enum_values = values;
    (*at)++;
}

static inline const FlowTypeDesc *help_type(Arena *arena, const char **at) {
    static const char *const names[] = {
#define TYPE(name, text, width) text,
#include "abi/type.def"
#undef TYPE
    };
    FlowTypeDesc *type = arena_new(arena, FlowTypeDesc);
    const char *word = help_word(arena, at, "?(,");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        type->kind = strcmp(names[i], word) == 0 ? (int32_t)i : type->kind;
    }
    if (type->kind == FLOW_ENUM) {
        help_enum(arena, at, type);
    } else if (**at == '(') {
        int length = 0;
        sscanf(*at, "(%d,%d)%n", &type->precision, &type->scale, &length);
        *at += length;
    }
    type->is_nullable = **at == '?';
    *at += type->is_nullable;
    return type;
}

static inline void help_columns(HelpColumns *columns, const char *text) {
    *columns = (HelpColumns){0};
    for (const char *at = text; *at != '\0'; at += strspn(at, ", ")) {
        const char *name = help_word(&columns->arena, &at, " ");
        at++;
        columns->descs[columns->count++] =
            (FlowColumnDesc){.name = name, .type = help_type(&columns->arena, &at), .is_used = 1};
    }
}

// "1|a|-": one row; a lone `-` is null.
static inline void help_row(Batch *batch, const HelpColumns *columns, const char *text) {
    uint32_t row = (uint32_t)batch->abi.row_count++;
    for (uint32_t i = 0; i < columns->count; i++) {
        const char *field = help_word(&batch->arena, &text, "|");
        text += *text == '|';
        if (strcmp(field, "-") == 0) {
            batch_set_null(batch, i, row);
            continue;
        }
        FlowValue value;
        ParseResult result =
            value_parse(&batch->arena, columns->descs[i].type, field, strlen(field), &value);
        assert_int_equal(result, PARSE_OK);
        batch_set(batch, i, row, value);
    }
}

static inline void help_slots(int32_t slots[HELP_COLUMNS_MAX]) {
    for (int32_t i = 0; i < HELP_COLUMNS_MAX; i++) {
        slots[i] = i;
    }
}

// Rows end with a line feed each.
static inline Outcome help_append(DeltaWrite *write, const HelpColumns *columns, const char *rows) {
    int32_t slots[HELP_COLUMNS_MAX];
    Batch *batch = batch_new(columns->descs, columns->count);
    Outcome outcome = OUTCOME_OK;
    batch_clear(batch);
    help_slots(slots);
    while (*rows != '\0') {
        help_row(batch, columns, help_word(&batch->arena, &rows, "\n"));
        rows++;
    }
    batch_select_all(batch);
    outcome = delta_write_append(write, &batch->abi, slots);
    batch_free(batch);
    return outcome;
}

typedef struct HelpTable {
    FlowTable table;
    int32_t key[HELP_COLUMNS_MAX];
    int32_t partition[HELP_COLUMNS_MAX];
} HelpTable;

static inline int64_t help_names(const HelpColumns *columns, const char *names, int32_t *found) {
    int64_t count = 0;
    for (uint32_t i = 0; names != NULL && i < columns->count; i++) {
        char name[64];
        snprintf(name, sizeof(name), " %s ", columns->descs[i].name);
        if (strstr(names, name) != NULL) {
            found[count++] = (int32_t)i;
        }
    }
    return count;
}

// `key` and `partition`: " a b ", with blanks around each name.
static inline void
help_table(HelpTable *table, const HelpColumns *columns, const char *key, const char *partition) {
    *table = (HelpTable){.table.columns = columns->descs, .table.columns_count = columns->count};
    table->table.tombstones_us = (int64_t)7 * 86400 * 1000000;
    table->table.key = table->key;
    table->table.key_count = help_names(columns, key, table->key);
    table->table.partition = table->partition;
    table->table.partition_count = help_names(columns, partition, table->partition);
}

static inline void help_row_text(Batch *batch, uint32_t row, Buffer *out) {
    for (uint32_t i = 0; i < batch->column_count; i++) {
        buffer_text(out, i == 0 ? "" : "|");
        if (batch_is_null(batch, i, row)) {
            buffer_char(out, '-');
            continue;
        }
        FlowValue value = batch_value(batch, i, row);
        value_text(out, batch->descs[i].type, &value);
    }
    buffer_char(out, '\n');
}

static inline Outcome
help_scan(DeltaScan *scan, const FlowColumnDesc *columns, uint32_t count, Buffer *out) {
    int32_t slots[HELP_COLUMNS_MAX];
    Batch *batch = batch_new(columns, count);
    Outcome outcome = OUTCOME_OK;
    help_slots(slots);
    do {
        outcome = delta_scan_next(scan, batch, slots);
        for (uint32_t row = 0; outcome == OUTCOME_OK && row < (uint32_t)batch->abi.row_count;
             row++) {
            help_row_text(batch, row, out);
        }
    } while (outcome == OUTCOME_OK && batch->abi.row_count > 0);
    batch_free(batch);
    return outcome;
}

static inline int help_line_compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Sorts the lines, so that file names do not matter.
static inline void help_sort(Buffer *text) {
    enum { LINES_MAX = 100000 };
    Arena arena = {0};
    const char **lines = arena_array(&arena, const char *, LINES_MAX);
    uint32_t count = 0;
    for (const char *at = buffer_cstring(text); *at != '\0'; at++) {
        assert_true(count < LINES_MAX);
        lines[count++] = help_word(&arena, &at, "\n");
    }
    qsort(lines, count, sizeof(*lines), help_line_compare);
    buffer_clear(text);
    for (uint32_t i = 0; i < count; i++) {
        buffer_format(text, "%s\n", lines[i]);
    }
    arena_free(&arena);
}

// The table's rows, sorted, with the table's own columns. "none": there is no table.
static inline void help_read(Sys *sys, const char *path, int64_t version, Buffer *out) {
    DeltaTable *table;
    DeltaScan *scan;
    buffer_clear(out);
    Outcome opened = delta_open(sys, path, version, &table);
    if (opened != OUTCOME_OK) {
        fail_msg("%s", sys->failure.text);
    }
    if (table == NULL) {
        buffer_text(out, "none");
        return;
    }
    uint32_t count = delta_column_count(table);
    Outcome outcome = delta_scan_open(table, delta_columns(table), count, &scan);
    assert_int_equal(outcome, OUTCOME_OK);
    outcome = help_scan(scan, delta_columns(table), count, out);
    if (outcome != OUTCOME_OK) {
        fail_msg("%s", sys->failure.text);
    }
    delta_scan_close(scan);
    delta_close(table);
    help_sort(out);
}

static inline void help_expect(Sys *sys, const char *path, int64_t version, const char *rows) {
    Buffer out = {0};
    help_read(sys, path, version, &out);
    assert_string_equal(buffer_cstring(&out), rows);
    buffer_free(&out);
}

#endif
