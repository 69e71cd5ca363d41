// Sites: every node of an expression that can reject a row gets a number, which the DLQ turns back
// into a code, a sentence, the text and the place in the program.
#include "lower/lower_internal.h"

typedef struct SiteText {
    const char *code;
    const char *message;
} SiteText;

static const SiteText site_texts[] = {
#define SITE(id, code, message) {code, message},
#include "plan/site.def"
#undef SITE
};
_Static_assert(COUNT_OF(site_texts) == SITE_COUNT, "site.def");

static PlanSiteId decimal_site(ExprOp op) {
    return op == EXPR_DECIMAL_ADD || op == EXPR_DECIMAL_SUB || op == EXPR_DECIMAL_MUL
               ? SITE_DECIMAL_OVERFLOW
               : SITE_DECIMAL_DIVISION;
}

static PlanSiteId expr_site_id(const Expr *expr) {
    switch (expr->op) {
    case EXPR_DIV:
    case EXPR_MOD:
        return SITE_DIVISION_BY_ZERO;
    case EXPR_DIV_INT:
        return SITE_DIV_INT;
    case EXPR_DECIMAL_ADD:
    case EXPR_DECIMAL_SUB:
    case EXPR_DECIMAL_MUL:
    case EXPR_DECIMAL_DIV:
    case EXPR_DECIMAL_MOD:
    case EXPR_DECIMAL_DIV_INT:
        return decimal_site(expr->op);
    case EXPR_CAST:
        return SITE_CAST;
    case EXPR_TIME_ADD:
    case EXPR_TIME_SUB:
    case EXPR_TIME_DIFF:
    case EXPR_DATE_ADD:
    case EXPR_WINDOW_START:
    case EXPR_WINDOW_CALENDAR:
    case EXPR_WINDOW_END:
    case EXPR_WINDOW_DATE:
    case EXPR_WINDOW_STARTS:
    case EXPR_WINDOW_ENDS:
        return SITE_TIME_OVERFLOW;
    case EXPR_MATCHES:
        return SITE_MATCHES;
    case EXPR_CALL:
        return SITE_CALL;
    default:
        return SITE_INT_OVERFLOW;
    }
}

static FlowRejectClass site_class(PlanSiteId id) {
    if (id == SITE_PARTITION || id == SITE_OVERWRITE) {
        return FLOW_REJECT_SINK;
    }
    if (id == SITE_LATE) {
        return FLOW_REJECT_LATE;
    }
    bool is_contract = id == SITE_CHECK || id == SITE_EXPECT || id == SITE_UNIQUE;
    return is_contract ? FLOW_REJECT_CONTRACT : FLOW_REJECT_EXPRESSION;
}

uint32_t site_add(Lower *lower, PlanSiteId id, uint32_t ledger, Span span, const char *text) {
    bool is_source = ledger >= lower->ledger_sources;
    uint32_t site = lower->plan->sites.count;
    *vec_push(lower->arena, &lower->plan->sites) = (PlanSite){
        .reject_class = site_class(id),
        .flow = is_source ? -1 : (int32_t)ledger,
        .code = site_texts[id].code,
        .message = site_texts[id].message,
        .expression = text,
        .span = span,
    };
    return site;
}

// A name that its author gave it says more than that it is one.
uint32_t check_site_add(Lower *lower, PlanSiteId id, uint32_t ledger, const GraphNode *check) {
    const Expr *condition = check->condition;
    uint32_t site = site_add(lower, id, ledger, condition->span, condition->text);
    if (check->is_probe) {
        lower->plan->sites.items[site].code = "";
    }
    if (check->check_name != NULL) {
        lower->plan->sites.items[site].message =
            arena_format(lower->arena, "the expectation `%s` is not true", check->check_name);
    }
    return site;
}

void sites_add(Lower *lower, const Expr *expr, uint32_t ledger) {
    if (expr_node_can_fail(expr) && plan_site_of(lower->plan, expr) < 0) {
        uint32_t site = site_add(lower, expr_site_id(expr), ledger, expr->span, expr->text);
        *vec_push(lower->arena, &lower->plan->expr_sites) = (PlanExprSite){expr, site};
    }
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        sites_add(lower, expr->arguments[i], ledger);
    }
}
