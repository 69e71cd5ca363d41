// Debezium's envelopes, one a line, alone or as the payload beside a schema: the row after the
// change is the record, of a delete the one before it. Only the careful way of reading knows them.
#include "format/json/json.h"

typedef enum Part { PART_OP, PART_BEFORE, PART_AFTER, PART_SOURCE, PART_TIME, PART_COUNT } Part;
static const char *const part_names[PART_COUNT] = {"op", "before", "after", "source", "ts_ms"};

typedef enum Origin { ORIGIN_LSN, ORIGIN_FILE, ORIGIN_POS, ORIGIN_TIME, ORIGIN_COUNT } Origin;
static const char *const origin_names[ORIGIN_COUNT] = {"lsn", "file", "pos", "ts_ms"};

// --- parts ---------------------------------------------------------------------------------------

static int64_t token_integer(const JsonToken *token, int64_t otherwise) {
    static const FlowTypeDesc type = {.kind = FLOW_INT64};
    FlowValue value;
    bool is_number = token->kind == JSON_NUMBER;
    size_t length = (size_t)(token->end - token->begin);
    return is_number && value_parse_number(&type, token->begin, length, &value) == PARSE_OK
               ? value.i64
               : otherwise;
}

static bool operation_of(const JsonToken *token, FlowOperation *operation) {
    static const char letters[] = "cudtr"; // in the order of FlowOperation
    bool is_letter = token->kind == JSON_STRING && token->end - token->begin == 1;
    const char *letter = is_letter ? strchr(letters, *token->begin) : NULL;
    if (letter == NULL || *letter == '\0') {
        return false;
    }
    *operation = (FlowOperation)(letter - letters);
    return true;
}

// The number that a file's name ends with: MySQL counts its logs so.
static int64_t file_number(const JsonToken *token) {
    const char *p = token->end;
    while (p > token->begin && p[-1] >= '0' && p[-1] <= '9') {
        p--;
    }
    JsonToken digits = {.kind = JSON_NUMBER, .begin = p, .end = token->end};
    return p == token->end ? 0 : token_integer(&digits, 0);
}

// What orders the changes of one database: its log's place, else its clock.
static int64_t sequence_of(TextDecoder *decoder, const JsonToken *parts) {
    JsonToken origins[ORIGIN_COUNT] = {{0}};
    if (parts[PART_SOURCE].kind == JSON_OBJECT) {
        json_members(decoder, &parts[PART_SOURCE], origin_names, ORIGIN_COUNT, origins);
    }
    if (origins[ORIGIN_LSN].kind == JSON_NUMBER) {
        return token_integer(&origins[ORIGIN_LSN], 0);
    }
    if (origins[ORIGIN_POS].kind == JSON_NUMBER) {
        uint64_t position = (uint64_t)token_integer(&origins[ORIGIN_POS], 0) & UINT32_MAX;
        uint64_t file = origins[ORIGIN_FILE].kind == JSON_STRING
                            ? (uint64_t)file_number(&origins[ORIGIN_FILE]) & INT32_MAX
                            : 0;
        return (int64_t)(file << 32 | position);
    }
    return token_integer(&origins[ORIGIN_TIME], token_integer(&parts[PART_TIME], 0));
}

// --- what goes with the row ----------------------------------------------------------------------

static void meta_set(const TextDecoder *decoder, FlowMetaKind meta, int64_t value) {
    const FlowSource *source = decoder->source;
    for (uint32_t i = decoder->column_count; i < (uint32_t)source->columns_count; i++) {
        const FlowColumnDesc *desc = &source->columns[i];
        if (desc->is_used && desc->meta == (int32_t)meta) {
            batch_set(decoder->batch, i, (uint32_t)decoder->row, (FlowValue){.i64 = value});
        }
    }
}

// When the database made the change, else when it was told of; null if neither is said.
static void timestamp_set(const TextDecoder *decoder, const JsonToken *parts, int64_t origin_ms) {
    int64_t ms = origin_ms != INT64_MIN ? origin_ms : token_integer(&parts[PART_TIME], INT64_MIN);
    const FlowSource *source = decoder->source;
    for (uint32_t i = decoder->column_count; i < (uint32_t)source->columns_count; i++) {
        if (!source->columns[i].is_used || source->columns[i].meta != FLOW_META_TIMESTAMP) {
            continue;
        }
        if (ms > INT64_MAX / 1000 || ms < INT64_MIN / 1000) {
            batch_set_null(decoder->batch, i, (uint32_t)decoder->row);
        } else {
            batch_set(decoder->batch, i, (uint32_t)decoder->row, (FlowValue){.i64 = ms * 1000});
        }
    }
}

static int64_t origin_time(TextDecoder *decoder, const JsonToken *parts) {
    static const char *const name[] = {"ts_ms"};
    JsonToken time = {.kind = JSON_NONE};
    if (parts[PART_SOURCE].kind == JSON_OBJECT) {
        json_members(decoder, &parts[PART_SOURCE], name, 1, &time);
    }
    return token_integer(&time, INT64_MIN);
}

// The row before the change; false: it is there, and does not fit.
static bool before_set(TextDecoder *decoder, const JsonToken *token, TextError *error) {
    TextColumn *column = decoder->before;
    if (column == NULL) {
        return true;
    }
    if (token->kind != JSON_OBJECT) {
        batch_set_null(decoder->batch, column->index, (uint32_t)decoder->row);
        return true;
    }
    FlowValue slot = {0};
    TextError why = {.column = column};
    why.reject = json_nested(column, token, (char *)&slot, &why);
    if (why.reject != REJECT_NONE) {
        *error = why;
        return false;
    }
    const FlowNested *nested;
    memcpy(&nested, &slot, sizeof(nested));
    batch_set(decoder->batch, column->index, (uint32_t)decoder->row, (FlowValue){.nested = nested});
    return true;
}

static bool is_left_out(const TextColumn *column, int32_t row) {
    FlowKind kind = (FlowKind)column->type->kind;
    if ((kind != FLOW_STRING && kind != FLOW_BYTES) || *text_validity(column, row) == 0) {
        return false;
    }
    const FlowView *view = (const FlowView *)(const void *)text_slot(column, row);
    return view->length == sizeof(FLOW_UNCHANGED_TEXT) - 1 &&
           memcmp(flow_view_data(view), FLOW_UNCHANGED_TEXT, view->length) == 0;
}

// What a change left out as unchanged is what the row before it has, where that is told.
static void unchanged_fill(TextDecoder *decoder, const JsonToken *before) {
    int32_t row = decoder->row;
    for (uint32_t i = 0; before->kind == JSON_OBJECT && i < decoder->column_count; i++) {
        TextColumn *column = &decoder->columns[i];
        JsonToken token = {.kind = JSON_NONE};
        TextError ignored = {0};
        if (!is_left_out(column, row)) {
            continue;
        }
        for (uint32_t w = 0; w < column->wire_count && token.kind == JSON_NONE; w++) {
            json_members(decoder, before, &decoder->wires[column->wire + w].name, 1, &token);
        }
        if (token.kind == JSON_NULL && column->type->is_nullable) {
            *text_validity(column, row) = 0;
        } else if (token.kind == JSON_STRING) {
            FlowValue value = {0};
            if (json_value(column, &token, (char *)&value, &ignored) == REJECT_NONE) {
                memcpy(text_slot(column, row), &value, sizeof(FlowView));
            }
        }
    }
}

// A delete often has no more than its key: the change's own time stands in for the row's.
static void time_fill(const TextDecoder *decoder, const JsonRow *row, const JsonToken *time) {
    int32_t event_time = decoder->source->event_time;
    int64_t ms = token_integer(time, 0);
    if (event_time < 0 || row->excuse == 0 || ms > INT64_MAX / 1000 || ms < INT64_MIN / 1000) {
        return;
    }
    const TextColumn *column = &decoder->columns[event_time];
    if (json_row_lacks(decoder, column)) {
        *(int64_t *)(void *)text_slot(column, decoder->row) = ms * 1000;
    }
}

// --- envelopes -----------------------------------------------------------------------------------

// The parts of the envelope in the line; false and an error if there is none.
static bool parts_find(TextDecoder *decoder, JsonScan *scan, JsonToken *parts) {
    static const char *const payload_name[] = {"payload"};
    JsonToken line;
    JsonToken payload = {.kind = JSON_NONE};
    if (!json_whole(scan, &line)) {
        return false;
    }
    json_members(decoder, &line, part_names, PART_COUNT, parts);
    if (parts[PART_OP].kind == JSON_NONE) {
        json_members(decoder, &line, payload_name, 1, &payload);
    }
    if (payload.kind == JSON_OBJECT) {
        json_members(decoder, &payload, part_names, PART_COUNT, parts);
    }
    return true;
}

static bool row_find(const JsonToken *parts, JsonRow *row, TextError *error) {
    FlowOperation operation;
    if (!operation_of(&parts[PART_OP], &operation)) {
        *error = (TextError){.reject = REJECT_OPERATION};
        return false;
    }
    bool is_delete = operation == FLOW_OPERATION_DELETE;
    bool is_truncate = operation == FLOW_OPERATION_TRUNCATE;
    row->operation = operation;
    row->excuse = is_delete ? FLOW_EXCUSED_DELETE : is_truncate ? FLOW_EXCUSED_TRUNCATE : 0;
    row->object = parts[is_delete ? PART_BEFORE : PART_AFTER];
    if (row->object.kind != JSON_OBJECT && !is_truncate) {
        *error = (TextError){.reject = REJECT_NO_ROW};
        return false;
    }
    return true;
}

void json_envelope(TextDecoder *decoder, const char *p, size_t length) {
    JsonScan scan = {.start = p, .end = p + length};
    JsonToken parts[PART_COUNT] = {{0}};
    JsonRow row = {0};
    bool is_row = parts_find(decoder, &scan, parts) && row_find(parts, &row, &scan.error) &&
                  json_row_decode(decoder, &row, &scan) &&
                  before_set(decoder, &parts[PART_BEFORE], &scan.error);
    if (!is_row) {
        text_reject(decoder, p, length, &scan.error);
        return;
    }
    unchanged_fill(decoder, &parts[PART_BEFORE]);
    time_fill(decoder, &row, &parts[PART_TIME]);
    meta_set(decoder, FLOW_META_OPERATION, (int64_t)row.operation);
    meta_set(decoder, FLOW_META_SEQUENCE, sequence_of(decoder, parts));
    timestamp_set(decoder, parts, origin_time(decoder, parts));
    text_row_done(decoder, p, length);
}
