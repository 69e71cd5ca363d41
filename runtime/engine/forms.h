// Of what the kept groups are made: for each the aggregates that its state has, in order, with
// their texts and since when they count. So a program with other aggregates finds its own among
// them. Inside of engine.
#ifndef FLOW_ENGINE_FORMS_H
#define FLOW_ENGINE_FORMS_H

#include "state/state.h"

struct Run;

typedef struct KeptForm {
    const char *name;  // of the operator, without the hash of its form
    const char *bytes; // docs/decisions/172
    size_t length;
    bool is_new; // the next manifest has to have it
} KeptForm;
typedef VEC(KeptForm) KeptForms;

// How a group of the program goes on with what is kept.
typedef struct FormMatch {
    GroupAdaption adaption;
    const int64_t *since_us; // of each aggregate of the program; 0: since the group began
    bool is_same;            // nothing has to be adapted
    bool is_exchange;        // something is new and something gone: is it the same?
    const char *note;        // what is new and what is gone, for people; NULL: nothing
} FormMatch;

NODISCARD Outcome forms_read(struct Run *run);
// False: nothing is known of it, or its keys are others.
bool forms_match(struct Run *run, const char *name, const FlowGroup *group, FormMatch *match);
// What the program's group is made of from now on.
void forms_set(struct Run *run, const char *name, const FlowGroup *group, const FormMatch *match);
NODISCARD Outcome forms_prepare(struct Run *run); // into the state of the epoch

#endif
