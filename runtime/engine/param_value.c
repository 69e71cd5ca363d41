// Texts of the command line and the environment as values: what Flow writes everywhere, and besides
// it durations and sizes as a program spells them, and lists, maps and structs as JSON.
#include "engine/run.h"

// --- lists, maps, structs: a record of one column ------------------------------------------------
static void reject_keep(void *user, const FormatReject *reject) {
    (void)reject;
    *(bool *)user = true;
}

// A line of NDJSON that holds the text. A line end within it is a blank to JSON.
static void line_make(Buffer *line, const char *name, const char *text) {
    buffer_char(line, '{');
    buffer_json_string(line, name, strlen(name));
    buffer_char(line, ':');
    size_t start = line->length;
    buffer_text(line, text);
    for (size_t i = start; i < line->length; i++) {
        bool is_line_end = line->data[i] == '\n' || line->data[i] == '\r';
        line->data[i] = is_line_end ? ' ' : line->data[i];
    }
    buffer_text(line, "}\n");
    buffer_reserve(line, FORMAT_SLACK_BYTES);
}

static bool nested_parse(Run *run, const FlowParam *param, const char *text, FlowValue *value) {
    const FlowColumnDesc column = {.name = param->name, .type = param->type, .is_used = 1};
    const FlowSource source = {.name = "",
                               .event_time = FLOW_NO_INDEX,
                               .capture = FLOW_NO_INDEX,
                               .operation = FLOW_NO_INDEX,
                               .on_unknown = FLOW_UNKNOWN_REJECT,
                               .columns = &column,
                               .columns_count = 1};
    bool is_rejected = false;
    Buffer line = {0};
    line_make(&line, param->name, text);
    Batch *batch = batch_new(&column, 1);
    TextDecoder *decoder = text_decoder_new(&source, FLOW_FORMAT_NDJSON, reject_keep, &is_rejected);
    text_decoder_begin(decoder, 0, "", 0);
    text_decoder_run(decoder, line.data, line.length, 0, true, batch);
    bool is_one = !is_rejected && batch->abi.row_count == 1 && !batch_is_null(batch, 0, 0);
    if (is_one) {
        *value = value_copy(&run->arena, param->type, batch_value(batch, 0, 0));
    }
    text_decoder_free(decoder);
    batch_free(batch);
    buffer_free(&line);
    return is_one;
}

// --- amounts with a unit -------------------------------------------------------------------------
typedef struct Unit {
    const char *word;
    int64_t factor;
} Unit;

static const Unit time_units[] = {{"us", 1},
                                  {"ms", 1000},
                                  {"second", INT64_C(1000000)},
                                  {"minute", INT64_C(60000000)},
                                  {"hour", INT64_C(3600000000)},
                                  {"day", INT64_C(86400000000)},
                                  {"week", INT64_C(604800000000)}};
static const Unit size_units[] = {{"B", 1},
                                  {"KiB", INT64_C(1) << 10},
                                  {"MiB", INT64_C(1) << 20},
                                  {"GiB", INT64_C(1) << 30},
                                  {"TiB", INT64_C(1) << 40}};

static bool unit_is(const char *text, const char *word, bool has_plural) {
    size_t length = strlen(word);
    bool begins = strncmp(text, word, length) == 0;
    bool is_plural = has_plural && length > 2 && text[length] == 's' && text[length + 1] == '\0';
    return begins && (text[length] == '\0' || is_plural);
}

// A whole number, blanks, a unit.
static bool amount_parse(const char *text, const Unit *units, size_t count, int64_t *value) {
    bool is_negative = *text == '-';
    int64_t number = 0;
    const char *at = text + is_negative;
    size_t digits = strspn(at, "0123456789");
    for (size_t i = 0; i < digits; i++) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, at[i] - '0', &number)) {
            return false;
        }
    }
    size_t blanks = strspn(at + digits, " ");
    const char *unit = at + digits + blanks;
    for (size_t i = 0; digits > 0 && blanks > 0 && i < count; i++) {
        if (unit_is(unit, units[i].word, units == time_units)) {
            return !__builtin_mul_overflow(
                number, is_negative ? -units[i].factor : units[i].factor, value);
        }
    }
    return false;
}

bool size_parse(const char *text, int64_t *bytes) {
    return amount_parse(text, size_units, COUNT_OF(size_units), bytes);
}

// --- all -----------------------------------------------------------------------------------------
bool param_value_parse(Run *run, const FlowParam *param, const char *text, FlowValue *value) {
    if (desc_is_nested(param->type)) {
        return nested_parse(run, param, text, value);
    }
    int64_t duration_us;
    if (param->type->kind == FLOW_DURATION &&
        amount_parse(text, time_units, COUNT_OF(time_units), &duration_us)) {
        value->i64 = duration_us;
        return true;
    }
    return value_parse(&run->arena, param->type, text, strlen(text), value) == PARSE_OK;
}
