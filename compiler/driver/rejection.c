// Codes are the runtime's lists; classes have a sentence for who has to decide what becomes of a
// record.
#include "driver/rejection.h"

#include "dlq/dlq.h"

static const struct {
    const char *code;
    const char *message;
} codes[] = {
#define REJECT(code, name, class, message) {#code, message},
#include "format/reject.def"
#undef REJECT
#define SITE(id, code, message) {code, message},
#include "plan/site.def"
#undef SITE
};

static const struct {
    FlowRejectClass reject_class;
    const char *advice;
} classes[] = {
    {FLOW_REJECT_MALFORMED,
     "The bytes are no record of the source's format. Either who writes them has to write others, "
     "or the source needs another `format`."},
    {FLOW_REJECT_SCHEMA,
     "It is a record, but a column of the contract is missing, null or does not fit its type. "
     "Change the contract (a `?`, another type, a `default`), or have the record written as it "
     "says."},
    {FLOW_REJECT_CONTRACT,
     "The record breaks a rule whose reaction is `reject`. A check must be true: null is not. "
     "Change the rule, or its reaction, if the record is right."},
    {FLOW_REJECT_EXPRESSION,
     "An expression fails on the record's values; nothing wraps or turns silently into null. "
     "`try_cast`, `nullif` and `??` give a value in its place, `where` leaves the record out."},
    {FLOW_REJECT_LATE,
     "All that the record could still have changed had been given already. A greater `lateness` "
     "of the source waits longer; `late into` keeps such records in a table."},
    {FLOW_REJECT_SINK, "What the row should be written to cannot take it."},
};

const char *rejection_message(const char *code) {
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (strcmp(codes[i].code, code) == 0) {
            return codes[i].message;
        }
    }
    return NULL;
}

const char *rejection_advice(const char *reject_class) {
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        if (strcmp(reject_class_text(classes[i].reject_class), reject_class) == 0) {
            return classes[i].advice;
        }
    }
    return NULL;
}
