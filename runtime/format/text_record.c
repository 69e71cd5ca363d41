// How a record ends when it is no row, or a row that nobody asked for.
#include "format/text.h"

typedef struct RejectInfo {
    const char *code;
    FlowRejectClass reject_class;
    const char *message;
} RejectInfo;

static const RejectInfo infos[] = {
    {NULL, FLOW_REJECT_MALFORMED, NULL}, // REJECT_NONE
#define REJECT(code, name, reject_class, message) {#code, FLOW_REJECT_##reject_class, message},
#include "format/reject.def"
#undef REJECT
};
_Static_assert(COUNT_OF(infos) == REJECT_COUNT, "every reject has its row");

enum { MESSAGE_NAME_MAX = 128 };

// --- messages ------------------------------------------------------------------------------------

static void type_write(Buffer *out, const FlowTypeDesc *type) {
    static const char *const names[] = {
#define TYPE(name, text, width) text,
#include "abi/type.def"
#undef TYPE
    };
    buffer_text(out, names[type->kind]);
    if (type->kind == FLOW_DECIMAL) {
        buffer_format(out, "(%d, %d)", type->precision, type->scale);
    }
}

static void field_write(Buffer *out, const char *field, const TextError *error) {
    switch (field[0]) {
    case 'c':
        buffer_format(out, "\"%.*s\"", MESSAGE_NAME_MAX, error->column->path);
        break;
    case 't':
        type_write(out, error->column->type);
        break;
    case 'f':
        buffer_text(out, error->found);
        break;
    case 'a':
        buffer_format(out, "%lld", (long long)error->at);
        break;
    case 'w':
        buffer_format(out, "%lld", (long long)error->want);
        break;
    default:
        ASSERT(false);
    }
}

// {column} {type} {found} {at} {want}: told apart by their first letter.
static void message_write(Buffer *out, const char *message, const TextError *error) {
    while (*message != '\0') {
        const char *open = strchr(message, '{');
        if (open == NULL) {
            buffer_text(out, message);
            return;
        }
        buffer_append(out, message, (size_t)(open - message));
        field_write(out, open + 1, error);
        message = strchr(open, '}') + 1;
    }
}

FormatReject text_reject_make(Buffer *message, const TextError *error) {
    const RejectInfo *info = &infos[error->reject];
    bool is_schema = info->reject_class == FLOW_REJECT_SCHEMA;
    message_write(message, info->message, error);
    return (FormatReject){
        .reject_class = info->reject_class,
        .code = info->code,
        .message = buffer_cstring(message),
        .column = is_schema && error->column != NULL ? error->column->path : NULL,
    };
}

void text_reject_tell(const FormatFile *input,
                      const TextError *error,
                      int64_t position,
                      const Buffer *raw) {
    Buffer message = {0};
    FormatReject reject = text_reject_make(&message, error);
    reject.position = position;
    reject.raw = raw->data;
    reject.raw_length = raw->length < RAW_BYTES_MAX ? raw->length : RAW_BYTES_MAX;
    input->reject(input->reject_user, &reject);
    buffer_free(&message);
}

void text_reject(TextDecoder *decoder, const char *record, size_t length, const TextError *error) {
    Buffer message = {0};
    FormatReject reject = text_reject_make(&message, error);
    reject.position = decoder->position + (record - decoder->bytes);
    reject.raw = record + decoder->raw_shift;
    reject.raw_length = length < RAW_BYTES_MAX ? length : RAW_BYTES_MAX;
    decoder->records++;
    decoder->reject(decoder->user, &reject);
    buffer_free(&message);
}

void text_capture(TextDecoder *decoder, const char *json, size_t length) {
    const TextColumn *column = decoder->capture;
    const char *kept = arena_copy(&decoder->batch->arena, json, length);
    *(FlowView *)(void *)text_slot(column, decoder->row) = view_of(kept, length);
    *text_validity(column, decoder->row) = 1;
}

// --- tests ---------------------------------------------------------------------------------------

static int64_t value_integer(const TextColumn *column, const char *slot) {
    switch (flow_kind_width((FlowKind)column->type->kind, column->type->precision)) {
    case 1:
        return *(const int8_t *)slot; // bool and int8
    case 2:
        return column->type->kind == FLOW_ENUM ? *(const uint16_t *)slot : *(const int16_t *)slot;
    case 4:
        return *(const int32_t *)slot;
    default:
        return *(const int64_t *)slot;
    }
}

// Nothing is less than the least number, nor greater than the greatest: an empty range then.
static TextTest test_below(TextTest test, int64_t value) {
    test.min = value == INT64_MIN ? INT64_MAX : INT64_MIN;
    test.max = value == INT64_MIN ? INT64_MIN : value - 1;
    return test;
}

static TextTest test_above(TextTest test, int64_t value) {
    test.min = value == INT64_MAX ? INT64_MAX : value + 1;
    test.max = value == INT64_MAX ? INT64_MIN : INT64_MAX;
    return test;
}

TextTest text_test(const TextColumn *column, FlowTestOp op, int64_t value) {
    TextTest test = {.column = column, .min = INT64_MIN, .max = INT64_MAX};
    switch (op) {
    case FLOW_TEST_EQ:
    case FLOW_TEST_NE:
        test.min = value;
        test.max = value;
        test.is_outside = op == FLOW_TEST_NE;
        return test;
    case FLOW_TEST_LT:
        return test_below(test, value);
    case FLOW_TEST_LE:
        test.max = value;
        return test;
    case FLOW_TEST_GT:
        return test_above(test, value);
    case FLOW_TEST_GE:
        test.min = value;
        return test;
    }
    return test;
}

// Null makes no condition true.
static inline bool value_passes(const TextTest *test, int32_t row) {
    const TextColumn *column = test->column;
    int64_t value = value_integer(column, text_slot(column, row));
    bool is_inside = (value >= test->min) & (value <= test->max);
    bool is_valid = !column->type->is_nullable || *text_validity(column, row) != 0;
    return (is_inside != test->is_outside) & is_valid;
}

static inline bool all_hold(const TextTest *tests, uint32_t count, int32_t row) {
    bool hold = true;
    for (uint32_t i = 0; i < count; i++) {
        hold &= value_passes(&tests[i], row);
    }
    return hold;
}

bool text_row_is_left_out(const TextDecoder *decoder) {
    bool is_wanted = all_hold(decoder->tests, decoder->test_count, decoder->row);
    return !is_wanted & all_hold(decoder->guards, decoder->guard_count, decoder->row);
}
