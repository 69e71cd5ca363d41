// What the results of groups that left memory, and of those that are kept, share. Inside of state.
#ifndef FLOW_STATE_GROUP_SPILL_H
#define FLOW_STATE_GROUP_SPILL_H

#include "state/group_internal.h"
#include "state/sorter.h"

struct GroupSpill {
    const FlowGroup *group;
    Sorter *sorter;
    Sorter *sessions; // of sessions: when their pieces are joined; else NULL
    SorterRow row;    // the next one
    bool has_row;
    bool is_begun;
    int64_t given; // results
    char *slot;    // accumulators of the group at hand …
    char *other;   // … and of a further part of it
    Buffer key;
    GroupKeeper keeper; // no functions: nobody keeps them
    Buffer saved;
    Arena scratch; // of a group that is not given
};

NODISCARD Outcome group_row_next(Sys *sys, GroupSpill *spill); // of the groups' parts
// All rows of the next group become one in `slot`, its key in `key`.
NODISCARD Outcome group_gather(Sys *sys, GroupSpill *spill, Arena *arena);
void group_saved_merge(GroupSpill *spill, Arena *arena, const char *saved); // into `slot`
// group_session.c: all pieces of the spill become sessions in its other sorter, whose key is the
// session's end, then the key as a group has it.
NODISCARD Outcome group_sessions_sort(Sys *sys, GroupSpill *spill);
// group_kept.c: the next group, in `slot` and `key`; *is_given: it is a result.
NODISCARD Outcome
group_kept_next(Sys *sys, GroupSpill *spill, Arena *arena, bool *is_given, bool *has_more);

#endif
