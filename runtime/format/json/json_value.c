// Tokens to values: which kinds of JSON value a column takes, and how the text is read.
#include "format/json/json.h"

static TextReject kind_reject(const JsonToken *token, TextError *error) {
    error->found = json_kind_text(token->kind);
    return REJECT_KIND;
}

static TextReject
number_value(TextColumn *column, const JsonToken *token, char *slot, TextError *error) {
    error->found = "a number";
    return text_number(column, token->begin, (size_t)(token->end - token->begin), slot);
}

static TextReject
string_value(TextColumn *column, const JsonToken *token, char *slot, TextError *error) {
    size_t length;
    const char *text = json_text(&column->decoder->batch->arena, token, &length);
    error->found = "a string";
    return text_value(column, text, length, slot);
}

// Floats have three values that are no numbers in JSON; other strings are none of theirs.
static TextReject
float_word_value(TextColumn *column, const JsonToken *token, char *slot, TextError *error) {
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    size_t length = (size_t)(token->end - token->begin);
    for (uint32_t i = 0; i < COUNT_OF(words); i++) {
        if (strlen(words[i]) == length && memcmp(words[i], token->begin, length) == 0) {
            return string_value(column, token, slot, error);
        }
    }
    return kind_reject(token, error);
}

static TextReject bool_value(const JsonToken *token, char *slot, TextError *error) {
    if (token->kind != JSON_TRUE && token->kind != JSON_FALSE) {
        return kind_reject(token, error);
    }
    *(bool *)slot = token->kind == JSON_TRUE;
    return REJECT_NONE;
}

// What the columns of a kind are written as.
typedef enum JsonForm { FORM_NUMBER = 1, FORM_STRING = 2, FORM_BOTH = 3 } JsonForm;

static TextReject form_value(
    TextColumn *column, const JsonToken *token, char *slot, TextError *error, JsonForm form) {
    if (token->kind == JSON_NUMBER && (form & FORM_NUMBER) != 0) {
        return number_value(column, token, slot, error);
    }
    if (token->kind == JSON_STRING && (form & FORM_STRING) != 0) {
        return string_value(column, token, slot, error);
    }
    return kind_reject(token, error);
}

TextReject json_value(TextColumn *column, const JsonToken *token, char *slot, TextError *error) {
    switch ((FlowKind)column->type->kind) {
    case FLOW_BOOL:
        return bool_value(token, slot, error);
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
    case FLOW_INT64:
    case FLOW_DURATION:
        return form_value(column, token, slot, error, FORM_NUMBER);
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        if (token->kind == JSON_STRING) {
            return float_word_value(column, token, slot, error);
        }
        return form_value(column, token, slot, error, FORM_NUMBER);
    case FLOW_DECIMAL:
        return form_value(column, token, slot, error, FORM_BOTH);
    case FLOW_TIMESTAMP:
        return form_value(
            column, token, slot, error, column->unit_us != 0 ? FORM_BOTH : FORM_STRING);
    case FLOW_STRING:
    case FLOW_BYTES:
    case FLOW_DATE:
    case FLOW_ENUM:
        return form_value(column, token, slot, error, FORM_STRING);
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return json_nested(column, token, slot, error);
    case FLOW_NULL:
    case FLOW_KIND_COUNT:
        break;
    }
    ASSERT(false);
    return REJECT_KIND;
}
