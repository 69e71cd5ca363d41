// The order of flows: each after those whose rows it reads, directly or through a table; ties in
// the order written. What is left over reads itself in a circle.
#include "resolve/resolve_internal.h"

static bool flow_writes(const ProgramFlow *flow, uint32_t table) {
    for (uint32_t i = 0; i < flow->output_count; i++) {
        if (flow->outputs[i].kind == PROGRAM_TABLE && flow->outputs[i].index == table) {
            return true;
        }
    }
    return false;
}

// Whether `reader` needs the rows of flow `index`.
static bool flow_needs(const Program *program, const ProgramFlow *reader, uint32_t index) {
    for (uint32_t i = 0; i < reader->input_count; i++) {
        ProgramRef input = reader->inputs[i];
        bool is_direct = input.kind == PROGRAM_FLOW && input.index == index;
        bool is_through_table =
            input.kind == PROGRAM_TABLE && flow_writes(&program->flows.items[index], input.index);
        if (is_direct || is_through_table) {
            return true;
        }
    }
    return false;
}

static bool is_ready(const Program *program, uint32_t index, const bool *is_placed) {
    for (uint32_t i = 0; i < program->flows.count; i++) {
        if (!is_placed[i] && flow_needs(program, &program->flows.items[index], i)) {
            return false;
        }
    }
    return true;
}

// The first flow that `index` waits for.
static uint32_t waits_for(const Program *program, uint32_t index, const bool *is_placed) {
    uint32_t i = 0;
    while (is_placed[i] || !flow_needs(program, &program->flows.items[index], i)) {
        i++;
    }
    return i;
}

// Follows the waiting flows until one comes again: from there on it is the cycle.
static void
cycle_report(Resolver *resolver, uint32_t start, const bool *is_placed, bool *is_cyclic) {
    const Program *program = resolver->program;
    bool *is_seen = arena_array(resolver->arena, bool, program->flows.count);
    while (!is_seen[start]) {
        is_seen[start] = true;
        start = waits_for(program, start, is_placed);
    }
    const ProgramFlow *flow = &program->flows.items[start];
    Diag *diag = diag_add(resolver->diags,
                          DIAG_E021,
                          flow->decl->name.span,
                          "the flow `%s` needs its own result",
                          flow->name);
    uint32_t index = start;
    do {
        uint32_t next = waits_for(program, index, is_placed);
        is_cyclic[index] = true;
        const ProgramFlow *reader = &program->flows.items[index];
        const ProgramFlow *read = &program->flows.items[next];
        bool is_same = index == next;
        diag_note_at(resolver->diags,
                     diag,
                     reader->decl->name.span,
                     is_same ? "`%s` reads what it writes" : "`%s` reads what `%s` gives",
                     reader->name,
                     read->name);
        index = next;
    } while (index != start);
}

static void reads_mark(Program *program) {
    for (uint32_t i = 0; i < program->flows.count; i++) {
        const ProgramFlow *flow = &program->flows.items[i];
        for (uint32_t k = 0; k < flow->input_count; k++) {
            if (flow->inputs[k].kind == PROGRAM_FLOW) {
                program->flows.items[flow->inputs[k].index].is_read = true;
            }
        }
    }
}

// Gives the flows their new places; references to them follow.
static void flows_move(Resolver *resolver, const uint32_t *order) {
    Program *program = resolver->program;
    uint32_t count = program->flows.count;
    ProgramFlow *moved = arena_array(resolver->arena, ProgramFlow, count);
    uint32_t *places = arena_array(resolver->arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        moved[i] = program->flows.items[order[i]];
        places[order[i]] = i;
    }
    for (uint32_t i = 0; i < count; i++) {
        ProgramRef *inputs = (ProgramRef *)moved[i].inputs; // this room's own array
        for (uint32_t k = 0; k < moved[i].input_count; k++) {
            if (inputs[k].kind == PROGRAM_FLOW) {
                inputs[k].index = places[inputs[k].index];
            }
        }
    }
    program->flows.items = moved;
}

// The first flow that can be computed now; if there is none, one whose cycle is reported.
static uint32_t flow_next(Resolver *resolver, const bool *is_placed, bool *is_cyclic) {
    const Program *program = resolver->program;
    uint32_t first = UINT32_MAX;
    for (uint32_t i = 0; i < program->flows.count; i++) {
        if (is_placed[i]) {
            continue;
        }
        if (is_ready(program, i, is_placed)) {
            return i;
        }
        first = first == UINT32_MAX || (is_cyclic[i] && !is_cyclic[first]) ? i : first;
    }
    if (!is_cyclic[first]) {
        cycle_report(resolver, first, is_placed, is_cyclic);
    }
    return first;
}

void resolve_order(Resolver *resolver) {
    uint32_t count = resolver->program->flows.count;
    bool *is_placed = arena_array(resolver->arena, bool, count + 1);
    bool *is_cyclic = arena_array(resolver->arena, bool, count + 1);
    uint32_t *order = arena_array(resolver->arena, uint32_t, count + 1);
    reads_mark(resolver->program);
    for (uint32_t placed = 0; placed < count; placed++) {
        uint32_t next = flow_next(resolver, is_placed, is_cyclic);
        is_placed[next] = true;
        order[placed] = next;
    }
    flows_move(resolver, order);
}
