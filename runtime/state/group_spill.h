// What the results of groups that left memory, and of those that are kept, share. Inside of state.
#ifndef FLOW_STATE_GROUP_SPILL_H
#define FLOW_STATE_GROUP_SPILL_H

#include "state/group_internal.h"
#include "state/sorter.h"

struct GroupSpill {
    const FlowGroup *group;
    Sorter *sorter;
    SorterRow row; // the next one
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

// All rows of the next group become one in `slot`, its key in `key`.
NODISCARD Outcome group_gather(Sys *sys, GroupSpill *spill, Arena *arena);
void group_saved_load(const GroupSpill *spill, Arena *arena, const char *saved, char *slot);
void group_saved_merge(GroupSpill *spill, Arena *arena, const char *saved); // into `slot`
void group_slot_save(GroupSpill *spill);                                    // behind `saved`
// group_kept.c: the next group, in `slot` and `key`; *is_given: it is a result.
NODISCARD Outcome
group_kept_next(Sys *sys, GroupSpill *spill, Arena *arena, bool *is_given, bool *has_more);

#endif
