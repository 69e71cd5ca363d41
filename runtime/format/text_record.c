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
        buffer_format(out, "\"%.*s\"", MESSAGE_NAME_MAX, error->column->desc->name);
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

void text_reject(TextDecoder *decoder, const char *record, size_t length, const TextError *error) {
    const RejectInfo *info = &infos[error->reject];
    Buffer message = {0};
    message_write(&message, info->message, error);
    bool is_schema = info->reject_class == FLOW_REJECT_SCHEMA;
    FormatReject reject = {
        .reject_class = info->reject_class,
        .code = info->code,
        .message = buffer_cstring(&message),
        .column = is_schema ? error->column->desc->name : NULL,
        .position = decoder->position + (record - decoder->bytes),
        .raw = record,
        .raw_length = length < RAW_BYTES_MAX ? length : RAW_BYTES_MAX,
    };
    decoder->records++;
    decoder->reject(decoder->user, &reject);
    buffer_free(&message);
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

static bool test_holds(FlowTestOp op, int64_t a, int64_t b) {
    switch (op) {
    case FLOW_TEST_EQ:
        return a == b;
    case FLOW_TEST_NE:
        return a != b;
    case FLOW_TEST_LT:
        return a < b;
    case FLOW_TEST_LE:
        return a <= b;
    case FLOW_TEST_GT:
        return a > b;
    case FLOW_TEST_GE:
        return a >= b;
    }
    return false;
}

// Null makes no condition true.
static bool value_passes(const TextTest *test, int32_t row) {
    const TextColumn *column = test->column;
    if (column->type->is_nullable && *text_validity(column, row) == 0) {
        return false;
    }
    return test_holds(test->op, value_integer(column, text_slot(column, row)), test->value);
}

static bool all_hold(const TextTest *tests, uint32_t count, int32_t row) {
    for (uint32_t i = 0; i < count; i++) {
        if (!value_passes(&tests[i], row)) {
            return false;
        }
    }
    return true;
}

bool text_row_is_left_out(const TextDecoder *decoder) {
    return !all_hold(decoder->tests, decoder->test_count, decoder->row) &&
           all_hold(decoder->guards, decoder->guard_count, decoder->row);
}
