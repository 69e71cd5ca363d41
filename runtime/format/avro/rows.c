// Rows of a source: record after record into the columns of the contract. What does not fit is
// rejected at once, and the next record takes its place in the batch.
#include "format/avro/file.h"
#include "format/avro/resolve.h"
#include "format/row_meta.h"

// A batch points into its blocks, which some writers make of a record each.
enum { BATCH_BYTES_WANTED = 4 * 1024 * 1024, BATCH_BLOCKS_MAX = 256 };

// A column of the contract.
typedef struct RowColumn {
    TextColumn text; // as messages have it
    uint32_t slot;
    bool is_absent; // from the file: the default, or null
    bool has_default;
    FlowValue default_value;
    char *values; // of the batch; NULL: they are not kept
    uint8_t *validity;
} RowColumn;

// A field of the file's records, in their order.
typedef struct RowField {
    const AvroPart *part;
    const AvroStep *step; // NULL: the contract lacks it
    RowColumn *column;
} RowField;

// Where a record of the batch lies.
typedef struct RowPlace {
    const uint8_t *begin;
    const uint8_t *end;
} RowPlace;

struct AvroRows {
    FormatFile input;
    Arena arena;
    AvroFile file;
    AvroUnpacker unpacker;
    AvroResolver resolver;
    RowMeta meta;
    RowColumn *columns;
    uint32_t column_count;
    RowField *fields;
    uint32_t field_count;
    RowColumn *lacking; // the first that no row may lack, and the file does
    bool has_rest;      // fields that the contract lacks
    // the part
    const AvroPiece *piece; // NULL: there is nothing more
    int64_t offset;         // of the next block
    int64_t row;            // the next one
    int64_t records;
    // the block, which is the last of those that the batch points into
    VEC(AvroBlock) blocks;
    uint32_t block_count; // of these in use
    int64_t block_left;   // records
    AvroReading reading;
    RowColumn *faulty; // of the record at hand: the first column with a fault
    TextError error;
    // the batch
    int32_t place_count;
    RowPlace *places; // of its rows
    int64_t *positions;
    size_t batch_bytes;
    Buffer captured;
    Buffer text;
};

// --- columns -------------------------------------------------------------------------------------
static void default_set(AvroRows *rows, RowColumn *column, const char *text) {
    static const FlowNested nothing = {0};
    const FlowTypeDesc *type = column->text.type;
    column->has_default = true;
    if (desc_is_nested(type)) {
        column->default_value.nested = &nothing; // the only one that can be written
        return;
    }
    ParseResult parsed =
        value_parse(&rows->arena, type, text, strlen(text), &column->default_value);
    ASSERT(parsed == PARSE_OK); // the compiler has made it
}

static RowField *field_find(AvroRows *rows, const char *name) {
    for (uint32_t i = 0; i < rows->field_count; i++) {
        if (strcmp(rows->fields[i].part->name, name) == 0) {
            return &rows->fields[i];
        }
    }
    return NULL;
}

// The column by the first of its names that the file has.
static RowField *field_of(AvroRows *rows, const RowColumn *column, const FlowWire *wire) {
    if (wire == NULL) {
        return field_find(rows, column->text.desc->name);
    }
    RowField *field = NULL;
    for (int64_t i = 0; field == NULL && i < wire->names_count; i++) {
        field = field_find(rows, wire->names[i].text);
    }
    return field;
}

static bool is_capture(const AvroRows *rows, const RowColumn *column) {
    const FlowSource *source = rows->input.source;
    return source->on_unknown == FLOW_UNKNOWN_CAPTURE && column->slot == (uint32_t)source->capture;
}

static void column_open(AvroRows *rows, RowColumn *column, const FlowWire *wire) {
    if (is_capture(rows, column)) {
        return;
    }
    RowField *field = field_of(rows, column, wire);
    bool is_computed = wire != NULL && wire->names_count == 0;
    column->is_absent = field == NULL || field->column != NULL;
    if (!column->is_absent) {
        field->column = column;
        field->step = avro_resolve(&rows->resolver, field->part->type, column->text.type);
        return;
    }
    if (wire != NULL && wire->default_text != NULL) {
        default_set(rows, column, wire->default_text);
    }
    bool is_lacking = !column->has_default && !is_computed && !column->text.type->is_nullable;
    if (is_lacking && rows->lacking == NULL) {
        rows->lacking = column;
    }
}

static void columns_open(AvroRows *rows) {
    const FlowSource *source = rows->input.source;
    rows->columns = arena_array(&rows->arena, RowColumn, (size_t)source->columns_count + 1);
    for (int64_t i = 0; i < source->columns_count; i++) {
        const FlowColumnDesc *desc = &source->columns[i];
        if (desc->meta != FLOW_META_NONE) {
            continue;
        }
        RowColumn *column = &rows->columns[rows->column_count++];
        column->text = (TextColumn){.desc = desc, .type = desc->type, .path = desc->name};
        column->slot = (uint32_t)i;
        column_open(rows, column, source->wires_count > 0 ? &source->wires[i] : NULL);
    }
}

static void fields_make(AvroRows *rows) {
    const AvroType *root = rows->file.schema.root;
    rows->field_count = root->part_count;
    rows->fields = arena_array(&rows->arena, RowField, (size_t)root->part_count + 1);
    for (uint32_t i = 0; i < root->part_count; i++) {
        rows->fields[i].part = &root->parts[i];
    }
}

// --- opening -------------------------------------------------------------------------------------
static Outcome rows_open(AvroRows *rows) {
    const FlowSource *source = rows->input.source;
    TRY(avro_file_open(&rows->file));
    rows->resolver = (AvroResolver){.arena = &rows->arena, .unit_us = format_unit_us(source)};
    if (rows->file.schema.root == NULL) {
        return OUTCOME_OK; // the rest, which is all of it
    }
    fields_make(rows);
    columns_open(rows);
    avro_resolve_shown(&rows->resolver, &rows->file.schema);
    for (uint32_t i = 0; i < rows->field_count; i++) {
        rows->has_rest |= rows->fields[i].column == NULL;
    }
    return OUTCOME_OK;
}

Outcome avro_rows_open(const FormatFile *input, Failure *failure, AvroRows **opened) {
    AvroRows *rows = memory_alloc(sizeof *rows);
    memset(rows, 0, sizeof *rows);
    rows->input = *input;
    rows->meta = (RowMeta){input->source, view_text(input->path), input->now_us, input->change};
    rows->file = (AvroFile){
        .read = input->read, .user = input->user, .bytes = input->file_bytes, .failure = failure};
    rows->places = arena_array(&rows->arena, RowPlace, FLOW_BATCH_ROWS_MAX);
    rows->positions = arena_array(&rows->arena, int64_t, FLOW_BATCH_ROWS_MAX);
    Outcome outcome = rows_open(rows);
    if (outcome != OUTCOME_OK) {
        avro_rows_free(rows);
        rows = NULL;
    }
    *opened = rows;
    return outcome;
}

void avro_rows_free(AvroRows *rows) {
    if (rows == NULL) {
        return;
    }
    for (uint32_t i = 0; i < rows->blocks.count; i++) {
        avro_block_free(&rows->blocks.items[i]);
    }
    avro_unpacker_free(&rows->unpacker);
    avro_file_close(&rows->file);
    buffer_free(&rows->reading.items);
    buffer_free(&rows->captured);
    buffer_free(&rows->text);
    arena_free(&rows->arena);
    memory_free(rows);
}

uint32_t avro_rows_parts(const AvroRows *rows) {
    return rows->file.pieces.count;
}

void avro_rows_begin(AvroRows *rows, uint32_t part) {
    rows->records = 0;
    rows->block_left = 0;
    rows->block_count = 0;
    rows->piece = part < rows->file.pieces.count ? &rows->file.pieces.items[part] : NULL;
    if (rows->piece != NULL) {
        rows->offset = rows->piece->offset;
        rows->row = rows->piece->first_row;
    }
}

// --- rejecting -----------------------------------------------------------------------------------
static void error_report(AvroRows *rows, TextError error, int64_t position) {
    text_reject_tell(&rows->input, &error, position, &rows->text);
}

// What cannot be read is one record, without bytes.
static void damage_reject(AvroRows *rows, TextReject reject) {
    buffer_clear(&rows->text);
    buffer_text(&rows->text, "");
    error_report(rows, (TextError){.reject = reject}, rows->row);
    rows->records++;
}

static void place_show(AvroRows *rows, const RowPlace *place, Buffer *out) {
    AvroReading reading = {.cursor = {.next = place->begin, .end = place->end},
                           .arena = rows->reading.arena,
                           .items_left = NESTED_ITEMS_MAX};
    avro_show(&reading, rows->file.schema.root, 0, out);
    buffer_free(&reading.items);
}

static void row_reject(AvroRows *rows, const RowPlace *place) {
    buffer_clear(&rows->text);
    place_show(rows, place, &rows->text);
    error_report(rows, rows->error, rows->row);
}

static int32_t place_find(const AvroRows *rows, int64_t position) {
    int32_t low = 0;
    int32_t high = rows->place_count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (rows->positions[middle] < position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void avro_rows_raw(AvroRows *rows, int64_t position, Buffer *out) {
    int32_t row = place_find(rows, position);
    ASSERT(row < rows->place_count && rows->positions[row] == position);
    place_show(rows, &rows->places[row], out);
}

// --- records -------------------------------------------------------------------------------------
// Of several faults that of the contract's first column counts.
static void fault_take(AvroRows *rows, RowColumn *column) {
    AvroReading *reading = &rows->reading;
    if (rows->faulty == NULL || column < rows->faulty) {
        rows->faulty = column;
        rows->error = (TextError){.reject = reading->fault,
                                  .column = &column->text,
                                  .found = reading->found,
                                  .want = NESTED_ITEMS_MAX};
    }
    reading->fault = REJECT_NONE;
}

static void value_take(AvroRows *rows, const RowField *field, size_t row) {
    RowColumn *column = field->column;
    AvroReading *reading = &rows->reading;
    FormatItem item;
    reading->items_left = NESTED_ITEMS_MAX;
    avro_value(reading, field->step, 0, &item);
    if (reading->fault != REJECT_NONE) {
        fault_take(rows, column);
        return;
    }
    if (column->values != NULL && item.is_valid) {
        value_store(column->text.type, column->values, row, item.value);
    }
    if (column->validity != NULL) {
        column->validity[row] = item.is_valid;
    }
}

static void unknown_take(AvroRows *rows, const AvroPart *part) {
    AvroReading *reading = &rows->reading;
    if (rows->input.source->on_unknown != FLOW_UNKNOWN_CAPTURE) {
        avro_skip(&reading->cursor, part->type, 0);
        return;
    }
    buffer_text(&rows->captured, rows->captured.length == 0 ? "{" : ",");
    buffer_json_string(&rows->captured, part->name, strlen(part->name));
    buffer_char(&rows->captured, ':');
    reading->items_left = NESTED_ITEMS_MAX;
    avro_show(reading, part->type, 0, &rows->captured);
    reading->fault = REJECT_NONE;
}

// What holds of all rows of the file comes first, as it does with columns that a row lacks.
static void record_judge(AvroRows *rows) {
    rows->faulty = NULL;
    if (rows->has_rest && rows->input.source->on_unknown == FLOW_UNKNOWN_REJECT) {
        rows->faulty = rows->columns;
        rows->error = (TextError){.reject = REJECT_COLUMNS};
    } else if (rows->lacking != NULL) {
        rows->faulty = rows->lacking;
        rows->error = (TextError){.reject = REJECT_MISSING, .column = &rows->lacking->text};
    }
}

static void captured_store(AvroRows *rows, Batch *batch, uint32_t row) {
    const FlowSource *source = rows->input.source;
    if (source->on_unknown != FLOW_UNKNOWN_CAPTURE || !source->columns[source->capture].is_used) {
        return;
    }
    uint32_t column = (uint32_t)source->capture;
    if (rows->captured.length == 0) {
        batch_set_null(batch, column, row);
        return;
    }
    buffer_char(&rows->captured, '}');
    const char *kept = arena_copy(&batch->arena, rows->captured.data, rows->captured.length);
    batch_set(batch, column, row, (FlowValue){.view = view_of(kept, rows->captured.length)});
}

// Reads a record into the batch's next row.
static void record_read(AvroRows *rows, Batch *batch) {
    AvroCursor *cursor = &rows->reading.cursor;
    RowPlace place = {.begin = cursor->next};
    uint32_t row = (uint32_t)batch->abi.row_count;
    buffer_clear(&rows->captured);
    record_judge(rows);
    for (uint32_t i = 0; i < rows->field_count && !cursor->is_damaged; i++) {
        const RowField *field = &rows->fields[i];
        if (field->column != NULL) {
            value_take(rows, field, row);
        } else {
            unknown_take(rows, field->part);
        }
    }
    bool is_surplus = rows->block_left == 1 && cursor->next < cursor->end;
    cursor->is_damaged = cursor->is_damaged || is_surplus;
    if (cursor->is_damaged) {
        return;
    }
    place.end = cursor->next;
    rows->records++;
    rows->batch_bytes += (size_t)(place.end - place.begin);
    if (rows->faulty != NULL) {
        row_reject(rows, &place);
        return;
    }
    captured_store(rows, batch, row);
    rows->places[row] = place;
    rows->positions[row] = rows->row;
    rows->place_count = ++batch->abi.row_count;
}

// --- blocks --------------------------------------------------------------------------------------
// The batch still points into the blocks before this one.
static Outcome block_next(AvroRows *rows) {
    if (rows->block_count == rows->blocks.count) {
        *vec_push(&rows->arena, &rows->blocks) = (AvroBlock){0};
    }
    AvroBlock *block = &rows->blocks.items[rows->block_count++];
    TRY(avro_file_block(&rows->file, rows->offset, &rows->unpacker, block));
    rows->offset = block->end;
    rows->block_left = block->rows;
    rows->reading.cursor = (AvroCursor){.next = block->data, .end = block->data + block->length};
    rows->reading.cursor.is_damaged = block->is_damaged;
    return OUTCOME_OK;
}

// The rest of a damaged block is one record, but takes the numbers of all of its records.
static void damage_take(AvroRows *rows) {
    if (rows->block_left > 0) {
        damage_reject(rows, REJECT_BLOCK);
    }
    rows->row += rows->block_left;
    rows->block_left = 0;
    rows->reading.cursor.is_damaged = false;
}

static bool batch_is_full(const AvroRows *rows, const Batch *batch) {
    return batch->abi.row_count == FLOW_BATCH_ROWS_MAX || rows->batch_bytes >= BATCH_BYTES_WANTED;
}

static void block_read(AvroRows *rows, Batch *batch) {
    AvroCursor *cursor = &rows->reading.cursor;
    while (rows->block_left > 0 && !cursor->is_damaged && !batch_is_full(rows, batch)) {
        record_read(rows, batch);
        if (!cursor->is_damaged) {
            rows->row++;
            rows->block_left--;
        }
    }
    if (cursor->is_damaged) {
        damage_take(rows);
    }
}

// --- batches -------------------------------------------------------------------------------------
// The block that is not done yet becomes the first.
static void blocks_release(AvroRows *rows) {
    if (rows->block_left > 0 && rows->block_count > 1) {
        AvroBlock done = rows->blocks.items[0];
        rows->blocks.items[0] = rows->blocks.items[rows->block_count - 1];
        rows->blocks.items[rows->block_count - 1] = done;
    }
    rows->block_count = rows->block_left > 0;
    rows->batch_bytes = 0;
}

static void columns_bind(AvroRows *rows, Batch *batch) {
    rows->place_count = 0;
    rows->reading.arena = &batch->arena;
    for (uint32_t i = 0; i < rows->column_count; i++) {
        RowColumn *column = &rows->columns[i];
        const FlowColumn *vector = batch_column(batch, column->slot);
        bool is_kept = column->text.desc->is_used != 0;
        column->values = is_kept ? vector->values : NULL;
        column->validity = is_kept ? vector->validity : NULL;
    }
}

// Columns that the file lacks have one value in all rows.
static void absent_fill(const AvroRows *rows, const Batch *batch) {
    size_t count = (size_t)batch->abi.row_count;
    for (uint32_t i = 0; i < rows->column_count; i++) {
        const RowColumn *column = &rows->columns[i];
        if (!column->is_absent || column->values == NULL) {
            continue;
        }
        for (size_t row = 0; column->has_default && row < count; row++) {
            value_store(column->text.type, column->values, row, column->default_value);
        }
        if (column->validity != NULL) {
            memset(column->validity, column->has_default, count);
        }
    }
}

static void batch_finish(const AvroRows *rows, Batch *batch) {
    size_t count = (size_t)batch->abi.row_count;
    memcpy(batch->abi.offsets, rows->positions, count * sizeof(int64_t));
    memset(batch->abi.lengths, 0, count * sizeof(int32_t));
    memset(batch->abi.raws, 0, count * sizeof(const char *));
    absent_fill(rows, batch);
    row_meta_fill(&rows->meta, batch);
    batch_select_all(batch);
}

static Outcome batch_fill(AvroRows *rows, Batch *batch) {
    while (rows->piece != NULL && !batch_is_full(rows, batch)) {
        if (rows->piece->is_rest) {
            damage_reject(rows, REJECT_REST);
            rows->piece = NULL;
        } else if (rows->block_left > 0) {
            block_read(rows, batch);
        } else if (rows->offset == rows->piece->end) {
            rows->piece = NULL;
        } else if (rows->block_count < BATCH_BLOCKS_MAX) {
            TRY(block_next(rows));
        } else {
            break;
        }
    }
    return OUTCOME_OK;
}

Outcome avro_rows_next(AvroRows *rows, Batch *batch) {
    do {
        batch_clear(batch);
        batch->abi.file = rows->input.file; // known before the first rejection
        blocks_release(rows);
        columns_bind(rows, batch);
        TRY(batch_fill(rows, batch));
    } while (batch->abi.row_count == 0 && rows->piece != NULL);
    batch_finish(rows, batch);
    return OUTCOME_OK;
}

int64_t avro_rows_records(const AvroRows *rows) {
    return rows->records;
}
