// Prints expressions in prefix form, types and literals: one line each.
#include "syntax/dump.h"

const char *syntax_op_text(AstOp op) {
    static const char *const texts[] = {
        "", "or", "and", "==", "!=", "<", "<=", ">", ">=", "??", "+", "-", "*", "/", "%"};
    return texts[op];
}

void dump_literal(Buffer *out, const AstLiteral *literal) {
    switch (literal->kind) {
    case AST_NULL:
        buffer_text(out, "null");
        return;
    case AST_BOOL:
        buffer_text(out, literal->value ? "true" : "false");
        return;
    case AST_INTEGER:
    case AST_DECIMAL:
    case AST_FLOAT:
        buffer_text(out, literal->text);
        return;
    case AST_STRING:
        buffer_json_string(out, literal->text, literal->length);
        return;
    case AST_DATE:
        buffer_format(out, "date:%lld", (long long)literal->value);
        return;
    case AST_TIMESTAMP:
        buffer_format(out, "timestamp:%lld", (long long)literal->value);
        return;
    case AST_DURATION:
        if (literal->months > 0) {
            buffer_format(out, "%dmonths", literal->months);
        } else {
            buffer_format(out, "%lldus", (long long)literal->value);
        }
        return;
    case AST_SIZE:
        buffer_format(out, "%lldB", (long long)literal->value);
        return;
    case AST_PERCENT:
        buffer_format(out, "%s%%", literal->text);
        return;
    }
}

static void dump_type_arg(Buffer *out, const AstTypeArg *arg) {
    if (arg->kind == AST_TYPE_ARG_FIELD) {
        buffer_format(out, "%s: ", arg->name.text);
    }
    if (arg->type != NULL) {
        dump_type(out, arg->type);
    } else {
        dump_literal(out, &arg->literal);
    }
}

void dump_type(Buffer *out, const AstType *type) {
    buffer_text(out, type->name.text);
    for (uint32_t i = 0; i < type->arg_count; i++) {
        buffer_text(out, i == 0 ? "(" : ", ");
        dump_type_arg(out, &type->args[i]);
    }
    buffer_text(out, type->arg_count > 0 ? ")" : "");
    buffer_text(out, type->is_nullable ? "?" : "");
}

static const char *expr_word(const AstExpr *expr) {
    static const char *const words[] = {
        [AST_EXPR_FIELD] = ".",
        [AST_EXPR_INDEX] = "[]",
        [AST_EXPR_NEGATE] = "-",
        [AST_EXPR_NOT] = "not",
        [AST_EXPR_IS_NULL] = "is-null",
        [AST_EXPR_BETWEEN] = "between",
        [AST_EXPR_IN] = "in",
        [AST_EXPR_LIKE] = "like",
        [AST_EXPR_MATCHES] = "matches",
        [AST_EXPR_IF] = "if",
        [AST_EXPR_CASE] = "case",
        [AST_EXPR_WHERE] = "where",
        [AST_EXPR_CAST] = "cast",
        [AST_EXPR_TRY_CAST] = "try_cast",
        [AST_EXPR_LIST] = "list",
        [AST_EXPR_STRUCT] = "struct",
        [AST_EXPR_LAMBDA] = "lambda",
    };
    switch (expr->kind) {
    case AST_EXPR_BINARY:
        return syntax_op_text(expr->op);
    case AST_EXPR_CALL:
        return expr->name.text;
    default:
        return words[expr->kind];
    }
}

static void dump_operand(Buffer *out, const AstExpr *expr, uint32_t index) {
    buffer_char(out, ' ');
    if (expr->kind == AST_EXPR_STRUCT) {
        buffer_format(out, "%s=", expr->names.items[index].text);
    }
    syntax_expr_dump(expr->operands[index], out);
}

void syntax_expr_dump(const AstExpr *expr, Buffer *out) {
    if (expr->kind == AST_EXPR_LITERAL) {
        dump_literal(out, &expr->literal);
        return;
    }
    if (expr->kind == AST_EXPR_NAME) {
        buffer_text(out, expr->name.text);
        return;
    }
    buffer_format(out, "(%s%s", expr->is_negated ? "not-" : "", expr_word(expr));
    if (expr->kind == AST_EXPR_LAMBDA) {
        dump_names(out, " (", expr->names, " ");
        buffer_char(out, ')');
    }
    for (uint32_t i = 0; i < expr->operand_count; i++) {
        dump_operand(out, expr, i);
    }
    if (expr->kind == AST_EXPR_FIELD) {
        buffer_format(out, " %s", expr->name.text);
    }
    if (expr->type != NULL) {
        buffer_char(out, ' ');
        dump_type(out, expr->type);
    }
    buffer_char(out, ')');
}
