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

// --- all -----------------------------------------------------------------------------------------
bool param_value_parse(Run *run, const FlowParam *param, const char *text, FlowValue *value) {
    if (desc_is_nested(param->type)) {
        return nested_parse(run, param, text, value);
    }
    if (param->type->kind == FLOW_DURATION && parse_duration(text, &value->i64)) {
        return true;
    }
    return value_parse(&run->arena, param->type, text, strlen(text), value) == PARSE_OK;
}
