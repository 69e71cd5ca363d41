// The order of flows: each after those whose rows it reads, directly or through a table; ties in
// the order written. What is left over reads itself in a circle.
#include "resolve/resolve_internal.h"

// Flows and tables are nodes alike: a table waits for its writers, a reader for the table.
typedef struct Order {
    Resolver *resolver;
    const Program *program;
    uint32_t *waiting; // of each flow: inputs that are not there yet; of each table: its writers
    bool *is_placed;   // flows
    bool *is_cyclic;   // flows of a cycle that was reported
} Order;

static uint32_t *flow_waiting(const Order *order, uint32_t flow) {
    return &order->waiting[flow];
}

static uint32_t *table_waiting(const Order *order, uint32_t table) {
    return &order->waiting[order->program->flows.count + table];
}

static bool is_there(const Order *order, ProgramRef input) {
    if (input.kind == PROGRAM_FLOW) {
        return order->is_placed[input.index];
    }
    return input.kind != PROGRAM_TABLE || *table_waiting(order, input.index) == 0;
}

static void waiting_count(Order *order) {
    const Program *program = order->program;
    for (uint32_t i = 0; i < program->flows.count; i++) {
        const ProgramFlow *flow = &program->flows.items[i];
        for (uint32_t k = 0; k < flow->output_count; k++) {
            if (flow->outputs[k].kind == PROGRAM_TABLE) {
                ++*table_waiting(order, flow->outputs[k].index);
            }
        }
    }
    for (uint32_t i = 0; i < program->flows.count; i++) {
        const ProgramFlow *flow = &program->flows.items[i];
        for (uint32_t k = 0; k < flow->input_count; k++) {
            *flow_waiting(order, i) += !is_there(order, flow->inputs[k]);
        }
    }
}

// What waited for this is a step nearer to its turn.
static void input_arrive(Order *order, ProgramRef arrived) {
    const Program *program = order->program;
    for (uint32_t i = 0; i < program->flows.count; i++) {
        const ProgramFlow *flow = &program->flows.items[i];
        for (uint32_t k = 0; k < flow->input_count; k++) {
            bool is_it =
                flow->inputs[k].kind == arrived.kind && flow->inputs[k].index == arrived.index;
            *flow_waiting(order, i) -= is_it;
        }
    }
}

static void flow_place(Order *order, uint32_t index) {
    const ProgramFlow *flow = &order->program->flows.items[index];
    order->is_placed[index] = true;
    input_arrive(order, (ProgramRef){PROGRAM_FLOW, index});
    for (uint32_t k = 0; k < flow->output_count; k++) {
        ProgramRef output = flow->outputs[k];
        if (output.kind == PROGRAM_TABLE && --*table_waiting(order, output.index) == 0) {
            input_arrive(order, output);
        }
    }
}

// --- cycles
// -------------------------------------------------------------------------------------------
static uint32_t writer_missing(const Order *order, uint32_t table) {
    const Program *program = order->program;
    for (uint32_t i = 0; i < program->flows.count; i++) {
        const ProgramFlow *flow = &program->flows.items[i];
        for (uint32_t k = 0; k < flow->output_count && !order->is_placed[i]; k++) {
            if (flow->outputs[k].kind == PROGRAM_TABLE && flow->outputs[k].index == table) {
                return i;
            }
        }
    }
    return UINT32_MAX;
}

// The first flow that `index` waits for.
static uint32_t waits_for(const Order *order, uint32_t index) {
    const ProgramFlow *flow = &order->program->flows.items[index];
    uint32_t i = 0;
    while (is_there(order, flow->inputs[i])) {
        i++;
        ASSERT(i < flow->input_count);
    }
    ProgramRef input = flow->inputs[i];
    return input.kind == PROGRAM_FLOW ? input.index : writer_missing(order, input.index);
}

// Follows the waiting flows until one comes again: from there on it is the cycle.
static uint32_t cycle_start(Order *order, uint32_t index) {
    bool *is_seen = arena_array(order->resolver->arena, bool, order->program->flows.count);
    while (!is_seen[index]) {
        is_seen[index] = true;
        index = waits_for(order, index);
    }
    return index;
}

static void cycle_report(Order *order, uint32_t start) {
    const ProgramFlow *flows = order->program->flows.items;
    DiagList *diags = order->resolver->diags;
    Diag *diag = diag_add(diags,
                          DIAG_E021,
                          flows[start].decl->name.span,
                          "the flow `%s` needs its own result",
                          flows[start].name);
    uint32_t index = start;
    do {
        uint32_t next = waits_for(order, index);
        order->is_cyclic[index] = true;
        diag_note_at(diags,
                     diag,
                     flows[index].decl->name.span,
                     index == next ? "`%s` reads what it writes" : "`%s` reads what `%s` gives",
                     flows[index].name,
                     flows[next].name);
        index = next;
    } while (index != start);
}

// --- the order
// ----------------------------------------------------------------------------------------
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
static uint32_t flow_next(Order *order) {
    uint32_t first = UINT32_MAX;
    for (uint32_t i = 0; i < order->program->flows.count; i++) {
        if (order->is_placed[i]) {
            continue;
        }
        if (*flow_waiting(order, i) == 0) {
            return i;
        }
        bool is_better = first == UINT32_MAX || (order->is_cyclic[i] && !order->is_cyclic[first]);
        first = is_better ? i : first;
    }
    if (!order->is_cyclic[first]) {
        first = cycle_start(order, first);
        cycle_report(order, first);
    }
    return first;
}

void resolve_order(Resolver *resolver) {
    const Program *program = resolver->program;
    uint32_t count = program->flows.count;
    Order order = {
        .resolver = resolver,
        .program = program,
        .waiting = arena_array(resolver->arena, uint32_t, count + program->tables.count + 1),
        .is_placed = arena_array(resolver->arena, bool, count + 1),
        .is_cyclic = arena_array(resolver->arena, bool, count + 1),
    };
    uint32_t *places = arena_array(resolver->arena, uint32_t, count + 1);
    reads_mark(resolver->program);
    waiting_count(&order);
    for (uint32_t i = 0; i < count; i++) {
        places[i] = flow_next(&order);
        flow_place(&order, places[i]);
    }
    flows_move(resolver, places);
}
