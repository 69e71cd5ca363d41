// Expressions as text, for dumps and golden tests: stable, without addresses or spans.
#include "expr/expr.h"
#include "scalar/scalar.h"

typedef struct OpRow {
    const char *text;
    int32_t argument_count;
} OpRow;

static const OpRow ops[] = {
#define EXPR_OP(name, text, arguments) {text, arguments},
#include "expr/expr_op.def"
#undef EXPR_OP
};
_Static_assert(COUNT_OF(ops) == EXPR_OP_COUNT, "one row for each operator");

const char *expr_op_text(ExprOp op) {
    return ops[op].text;
}

int32_t expr_op_arguments(ExprOp op) {
    return ops[op].argument_count;
}

// --- constants -----------------------------------------------------------------------------------
static void control_dump(Buffer *out, char c) {
    switch (c) {
    case '\n':
        buffer_text(out, "\\n");
        break;
    case '\r':
        buffer_text(out, "\\r");
        break;
    case '\t':
        buffer_text(out, "\\t");
        break;
    default:
        buffer_format(out, "\\u{%X}", (unsigned)(unsigned char)c);
    }
}

static void string_dump(Buffer *out, const char *bytes, size_t length) {
    buffer_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\') {
            buffer_char(out, '\\');
            buffer_char(out, bytes[i]);
        } else if ((unsigned char)bytes[i] < 0x20) {
            control_dump(out, bytes[i]);
        } else {
            buffer_char(out, bytes[i]);
        }
    }
    buffer_char(out, '"');
}

// Integers and times: the calendar and the digits belong to runtime/scalar.
static void scalar_dump(Buffer *out, const Type *type, const FlowValue *value) {
    FlowTypeDesc desc = type_desc(NULL, type); // no part needs room
    value_text(out, &desc, value);
}

static void float_dump(Buffer *out, const Type *type, const FlowValue *value) {
    size_t start = out->length;
    scalar_dump(out, type, value);
    bool has_digits_only = true;
    for (size_t i = start; i < out->length; i++) {
        has_digits_only &= strchr("-0123456789.", out->data[i]) != NULL;
    }
    buffer_text(out, has_digits_only ? "e0" : ""); // else it would read as an integer or decimal
}

// A map has no literal; its entries are shown as `key: value`.
static void nested_dump(Buffer *out, const Type *type, const FlowNested *nested) {
    bool is_map = type->kind == FLOW_MAP;
    bool is_struct = type->kind == FLOW_STRUCT;
    int64_t item_count = nested->count * (is_map ? 2 : 1);
    buffer_text(out, type->kind == FLOW_LIST ? "[" : "{");
    for (int64_t i = 0; i < item_count; i++) {
        const TypeField *child = &type->children[is_struct ? i : is_map ? i % 2 : 0];
        buffer_text(out, i == 0 ? "" : is_map && i % 2 == 1 ? ": " : ", ");
        if (is_struct) {
            buffer_format(out, "%s = ", child->name);
        }
        if (nested->validity != NULL && nested->validity[i] == 0) {
            buffer_text(out, "null");
        } else {
            value_dump(out, child->type, nested->items[i]);
        }
    }
    buffer_text(out, type->kind == FLOW_LIST ? "]" : "}");
}

void value_dump(Buffer *out, const Type *type, FlowValue value) {
    switch (type->kind) {
    case FLOW_BOOL:
        buffer_text(out, value.i64 != 0 ? "true" : "false");
        break;
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
    case FLOW_INT64:
    case FLOW_DECIMAL:
        scalar_dump(out, type, &value);
        break;
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        float_dump(out, type, &value);
        break;
    case FLOW_STRING:
    case FLOW_BYTES:
        string_dump(out, flow_view_data(&value.view), value.view.length);
        break;
    case FLOW_ENUM: {
        const char *text = type->enum_values[value.i64];
        string_dump(out, text, strlen(text));
        break;
    }
    case FLOW_DATE:
    case FLOW_TIMESTAMP:
        buffer_format(out, "%s \"", type->kind == FLOW_DATE ? "date" : "timestamp");
        scalar_dump(out, type, &value);
        buffer_char(out, '"');
        break;
    case FLOW_DURATION:
        buffer_format(out, "%lld us", (long long)value.i64);
        break;
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        nested_dump(out, type, value.nested);
        break;
    case FLOW_NULL:
    case FLOW_KIND_COUNT:
        buffer_text(out, "null");
        break;
    }
}

// --- nodes ---------------------------------------------------------------------------------------
static void type_dump(Buffer *out, const Type *type) {
    Arena scratch = {0};
    Type plain = *type;
    plain.name = NULL; // what it is, not what it is called
    buffer_text(out, type_text(&scratch, &plain));
    arena_free(&scratch);
}

static void head_dump(Buffer *out, const Expr *expr) {
    if (expr->op == EXPR_CALL) {
        buffer_text(out, builtin_name(expr->builtin));
        return;
    }
    if (expr->op == EXPR_CAST && expr->is_widening) {
        buffer_text(out, "widen");
        return;
    }
    buffer_text(out, ops[expr->op].text);
}

static void leaf_dump(Buffer *out, const Expr *expr, const char *const *column_names) {
    if (expr->op == EXPR_COLUMN) {
        if (column_names == NULL) {
            buffer_format(out, "$%u", expr->index);
        } else {
            buffer_text(out, column_names[expr->index]);
        }
    } else if (expr->op == EXPR_PARAM) {
        buffer_format(out, "(param %u)", expr->index);
    } else if (expr->op == EXPR_ARGUMENT) {
        buffer_format(out, "#%u", expr->index);
    } else if (expr->op == EXPR_NOW) {
        buffer_text(out, "(now)");
    } else if (expr->op == EXPR_EPOCH) {
        buffer_text(out, "(epoch)");
    } else if (expr->is_null) {
        buffer_text(out, "null");
    } else {
        value_dump(out, expr->type, expr->constant);
    }
}

// What stands before argument `index`: the name of a field, the parameters of a lambda.
static void label_dump(Buffer *out, const Expr *expr, uint32_t index) {
    if (expr->op == EXPR_STRUCT) {
        buffer_format(out, " %s =", expr->type->children[index].name);
    }
    for (uint32_t i = 0; expr->op == EXPR_LAMBDA && i < expr->parameter_count; i++) {
        buffer_format(out, " #%u", expr->index + i);
    }
}

void expr_dump(Buffer *out, const Expr *expr, const char *const *column_names) {
    if (ops[expr->op].argument_count == 0) {
        leaf_dump(out, expr, column_names);
        return;
    }
    buffer_char(out, '(');
    head_dump(out, expr);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        label_dump(out, expr, i);
        buffer_char(out, ' ');
        expr_dump(out, expr->arguments[i], column_names);
    }
    if (expr->op == EXPR_CAST || expr->op == EXPR_TRY_CAST) {
        buffer_text(out, " as ");
        type_dump(out, expr->type);
    }
    if (expr->op == EXPR_FIELD) {
        const Type *fields = expr->arguments[0]->type;
        buffer_format(out, " %s", fields->children[expr->index].name);
    }
    buffer_char(out, ')');
}
