// What each flow reads and writes. A path in quotes is a table: one path is one table, also where a
// declaration has it `at`.
#include "resolve/resolve_internal.h"

#define KIND(kind) (1U << AST_DECL_##kind)

// What a reference is used for.
typedef enum Role { ROLE_READ, ROLE_APPEND, ROLE_TABLE, ROLE_PAST } Role;

typedef struct Refs {
    const ProgramFlow *of;
    VEC(ProgramRef) items;
} Refs;

const AstSetting *program_setting(const AstSettings *settings, const char *name) {
    for (uint32_t i = 0; i < settings->count; i++) {
        const char *word = ast_setting_name(&settings->items[i]);
        if (word != NULL && str_equal(word, name)) {
            return &settings->items[i];
        }
    }
    return NULL;
}

const char *program_path(Arena *arena, const char *path) {
    char *text = arena_alloc(arena, strlen(path) + 2);
    size_t length = 0;
    const char *part = path;
    bool is_absolute = *path == '/';
    bool is_url = strstr(path, "://") != NULL;
    if (is_url) {
        return arena_string(arena, path);
    }
    while (*part != '\0') {
        size_t part_length = strcspn(part, "/");
        bool is_here = part_length == 0 || (part_length == 1 && *part == '.');
        if (!is_here) {
            if (length > 0 || is_absolute) {
                text[length++] = '/';
            }
            memcpy(text + length, part, part_length);
            length += part_length;
        }
        part += part_length + (part[part_length] == '/');
    }
    if (length == 0) {
        text[length++] = is_absolute ? '/' : '.';
    }
    text[length] = '\0';
    return text;
}

// The literal path of `at`, or NULL.
static const AstItem *table_path(const AstDecl *decl) {
    const AstSetting *at = program_setting(&decl->settings, "at");
    bool has_text = at != NULL && at->item_count == 2 && at->items[1].kind == AST_ITEM_LITERAL &&
                    at->items[1].literal.kind == AST_STRING;
    return has_text ? &at->items[1] : NULL;
}

static const ProgramTable *table_at(const Program *program, const char *path) {
    for (uint32_t i = 0; i < program->tables.count; i++) {
        const ProgramTable *table = &program->tables.items[i];
        if (table->path != NULL && str_equal(table->path, path)) {
            return table;
        }
    }
    return NULL;
}

void resolve_tables(Resolver *resolver) {
    Program *program = resolver->program;
    for (uint32_t i = 0; i < program->tables.count; i++) {
        ProgramTable *table = &program->tables.items[i];
        const AstItem *at = table_path(table->decl);
        const char *path = at != NULL ? program_path(resolver->arena, at->literal.text) : NULL;
        const ProgramTable *first = path != NULL ? table_at(program, path) : NULL;
        if (first != NULL) {
            Diag *diag = diag_add(resolver->diags,
                                  DIAG_E022,
                                  at->span,
                                  "the tables `%s` and `%s` have one path",
                                  first->name,
                                  table->name);
            diag_note_at(resolver->diags, diag, first->span, "`%s` is declared here", first->name);
        }
        table->path = path;
    }
}

// --- finding
// ------------------------------------------------------------------------------------------
#define FIND(program, vec, kind, name_)                                                            \
    for (uint32_t i = 0; i < (program)->vec.count; i++) {                                          \
        if (str_equal((program)->vec.items[i].name, (name_))) {                                    \
            return (ProgramRef){(kind), i};                                                        \
        }                                                                                          \
    }

static ProgramRef path_find(const Program *program, const char *text) {
    Arena arena = {0};
    const char *path = program_path(&arena, text);
    const ProgramTable *table = table_at(program, path);
    arena_free(&arena);
    if (table == NULL) {
        return (ProgramRef){PROGRAM_NOTHING, 0};
    }
    return (ProgramRef){PROGRAM_TABLE, (uint32_t)(table - program->tables.items)};
}

static ProgramRef named(const Program *program, ProgramKind kind, const char *name) {
    switch (kind) {
    case PROGRAM_SOURCE:
        FIND(program, sources, kind, name)
        break;
    case PROGRAM_TABLE:
        FIND(program, tables, kind, name)
        break;
    case PROGRAM_SINK:
        FIND(program, sinks, kind, name)
        break;
    case PROGRAM_FLOW:
        FIND(program, flows, kind, name)
        break;
    case PROGRAM_NOTHING:
        break;
    }
    return (ProgramRef){PROGRAM_NOTHING, 0};
}

enum { STREAM_KINDS = 4 };

static ProgramRef
first_named(const Program *program, const AstDest *dest, const ProgramKind kinds[STREAM_KINDS]) {
    ProgramRef ref = {PROGRAM_NOTHING, 0};
    if (dest->is_path) {
        return path_find(program, dest->text);
    }
    for (uint32_t i = 0; i < STREAM_KINDS && ref.kind == PROGRAM_NOTHING; i++) {
        ref = named(program, kinds[i], dest->text);
    }
    return ref;
}

// What does not fit the role comes last: it is found for the sake of the message.
ProgramRef program_input(const Program *program, const AstDest *dest) {
    static const ProgramKind kinds[] = {PROGRAM_SOURCE, PROGRAM_TABLE, PROGRAM_FLOW, PROGRAM_SINK};
    return first_named(program, dest, kinds);
}

ProgramRef program_output(const Program *program, const AstDest *dest) {
    static const ProgramKind kinds[] = {PROGRAM_TABLE, PROGRAM_SINK, PROGRAM_FLOW, PROGRAM_SOURCE};
    return first_named(program, dest, kinds);
}

static const AstDecl *decl_find(const AstDecl *const *items, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(items[i]->name.text, name)) {
            return items[i];
        }
    }
    return NULL;
}

const AstDecl *program_contract(const Program *program, const char *name) {
    return decl_find(program->contracts.items, program->contracts.count, name);
}

const AstDecl *program_param(const Program *program, const char *name) {
    return decl_find(program->params.items, program->params.count, name);
}

const AstDecl *program_type(const Program *program, const char *name) {
    return decl_find(program->types.items, program->types.count, name);
}

const AstDecl *program_fn(const Program *program, const char *name) {
    return decl_find(program->fns.items, program->fns.count, name);
}

// --- binding
// ------------------------------------------------------------------------------------------
static const uint32_t role_kinds[] = {
    [ROLE_READ] = KIND(SOURCE) | KIND(TABLE) | KIND(FLOW),
    [ROLE_APPEND] = KIND(TABLE) | KIND(SINK),
    [ROLE_TABLE] = KIND(TABLE),
    [ROLE_PAST] = KIND(TABLE),
};

// What can't be found is made where that is possible: paths are tables, `stdout` is a sink.
static ProgramRef ref_make(Resolver *resolver, const AstDest *dest) {
    Program *program = resolver->program;
    if (dest->is_path && *dest->text != '\0') {
        const char *path = program_path(resolver->arena, dest->text);
        *vec_push(resolver->arena, &program->tables) =
            (ProgramTable){.name = path, .path = path, .span = dest->span};
        return (ProgramRef){PROGRAM_TABLE, program->tables.count - 1};
    }
    if (str_equal(dest->text, "stdout")) {
        *vec_push(resolver->arena, &program->sinks) = (ProgramSink){"stdout", NULL};
        return (ProgramRef){PROGRAM_SINK, program->sinks.count - 1};
    }
    return (ProgramRef){PROGRAM_NOTHING, 0};
}

static void unknown_report(Resolver *resolver, const AstDest *dest, Role role) {
    static const char *const nouns[] = {"source, table or flow", "table or sink", "table", "table"};
    if (resolver->program->ast->is_broken || resolver->has_imports) {
        return; // it may stand in what could not be read
    }
    Diag *diag = diag_add(
        resolver->diags, DIAG_E019, dest->span, "no %s is called `%s`", nouns[role], dest->text);
    resolve_suggest(resolver, diag, role_kinds[role], dest->text);
}

static const char *const kind_nouns[] = {[PROGRAM_SOURCE] = "source",
                                         [PROGRAM_TABLE] = "table",
                                         [PROGRAM_SINK] = "sink",
                                         [PROGRAM_FLOW] = "flow"};

static void kind_report(Resolver *resolver, const AstDest *dest, Role role, ProgramKind kind) {
    static const char *const reasons[] = {"it can't be read from",
                                          "it can't be appended to",
                                          "only tables can be written so",
                                          "only tables keep what they were"};
    Diag *diag = diag_add(resolver->diags,
                          DIAG_E071,
                          dest->span,
                          "`%s` is a %s: %s",
                          dest->text,
                          kind_nouns[kind],
                          reasons[role]);
    if (kind == PROGRAM_SINK && role == ROLE_TABLE) {
        diag_help(resolver->diags, diag, "`append into` writes to sinks");
    } else if (kind == PROGRAM_FLOW && role != ROLE_READ) {
        diag_help(resolver->diags, diag, "a flow without a terminal is read with `from`");
    }
}

static bool role_fits(Role role, ProgramKind kind) {
    static const uint32_t kinds[] = {
        [PROGRAM_SOURCE] = KIND(SOURCE),
        [PROGRAM_TABLE] = KIND(TABLE),
        [PROGRAM_SINK] = KIND(SINK),
        [PROGRAM_FLOW] = KIND(FLOW),
    };
    return (role_kinds[role] & kinds[kind]) != 0;
}

// The rows of a flow that ends in a terminal are gone: it is no named stream.
static void ended_report(Resolver *resolver, const AstDest *dest, const AstStep *end) {
    Diag *diag = diag_add(resolver->diags,
                          DIAG_E071,
                          dest->span,
                          "the flow `%s` ends in `%s`, so no other flow can read it",
                          dest->text,
                          syntax_step_word(end->kind));
    diag_note_at(resolver->diags, diag, end->span, "its rows go here");
    diag_help(resolver->diags, diag, "give its steps to a flow without a terminal, and read that");
}

static const AstStep *terminal_of(const Program *program, ProgramRef ref) {
    const AstDecl *decl = ref.kind == PROGRAM_FLOW ? program->flows.items[ref.index].decl : NULL;
    for (uint32_t i = 0; decl != NULL && i < decl->step_count; i++) {
        AstStepKind kind = decl->steps[i].kind;
        if (kind == AST_STEP_APPEND || kind == AST_STEP_MERGE || kind == AST_STEP_OVERWRITE ||
            kind == AST_STEP_ROUTE) {
            return &decl->steps[i];
        }
    }
    return NULL;
}

// A flow can mean itself by no name, and one that has ended by none that is read.
static bool is_candidate(const Program *program, ProgramRef ref, const Refs *refs) {
    return ref.kind != PROGRAM_FLOW ||
           (&program->flows.items[ref.index] != refs->of && terminal_of(program, ref) == NULL);
}

static void
rival_report(Resolver *resolver, const AstDest *dest, ProgramKind first, ProgramKind second) {
    Diag *diag = diag_add(resolver->diags,
                          DIAG_E022,
                          dest->span,
                          "`%s` is a %s and a %s",
                          dest->text,
                          kind_nouns[first],
                          kind_nouns[second]);
    diag_help(resolver->diags, diag, "rename one of them");
}

static void rivals_check(
    Resolver *resolver, const Refs *refs, const AstDest *dest, ProgramRef meant, Role role) {
    static const ProgramKind kinds[] = {PROGRAM_TABLE, PROGRAM_SINK, PROGRAM_FLOW};
    for (uint32_t i = 0; !dest->is_path && i < COUNT_OF(kinds); i++) {
        ProgramRef rival = named(resolver->program, kinds[i], dest->text);
        bool is_other = rival.kind != PROGRAM_NOTHING && rival.kind != meant.kind;
        if (is_other && role_fits(role, rival.kind) &&
            is_candidate(resolver->program, rival, refs)) {
            rival_report(resolver, dest, meant.kind, rival.kind);
            return;
        }
    }
}

static void ref_add(Resolver *resolver, Refs *refs, const AstDest *dest, Role role) {
    const Program *program = resolver->program;
    bool is_written = role == ROLE_APPEND || role == ROLE_TABLE;
    ProgramRef ref = is_written ? program_output(program, dest) : program_input(program, dest);
    if (ref.kind == PROGRAM_NOTHING) {
        ref = ref_make(resolver, dest);
    }
    if (ref.kind == PROGRAM_NOTHING) {
        unknown_report(resolver, dest, role);
    } else if (!role_fits(role, ref.kind)) {
        kind_report(resolver, dest, role, ref.kind);
    } else if (terminal_of(program, ref) != NULL) {
        ended_report(resolver, dest, terminal_of(program, ref));
    } else {
        rivals_check(resolver, refs, dest, ref, role);
        *vec_push(resolver->arena, &refs->items) = ref;
    }
}

// --- earlier versions
// ---------------------------------------------------------------------------------
static bool is_same_past(const AstStep *a, const AstStep *b) {
    return a->from == b->from && a->from_at.value == b->from_at.value;
}

static uint32_t past_find(const Program *program, uint32_t newest, const AstStep *step) {
    for (uint32_t i = 0; i < program->tables.count; i++) {
        const ProgramTable *table = &program->tables.items[i];
        if (table->as_of != NULL && table->newest == newest && is_same_past(table->as_of, step)) {
            return i;
        }
    }
    return UINT32_MAX;
}

static bool is_of_past(const AstStep *step) {
    return step->from == AST_FROM_VERSION || step->from == AST_FROM_TIMESTAMP;
}

ProgramRef program_from(const Program *program, const AstStep *step) {
    ProgramRef ref = program_input(program, &step->dest);
    uint32_t past = ref.kind == PROGRAM_TABLE && is_of_past(step)
                        ? past_find(program, ref.index, step)
                        : UINT32_MAX;
    return past == UINT32_MAX ? ref : (ProgramRef){PROGRAM_TABLE, past};
}

// What a table was does not wait for who writes it now.
static void past_add(Resolver *resolver, const AstStep *step, ProgramRef *ref) {
    Program *program = resolver->program;
    ProgramTable past = program->tables.items[ref->index];
    past.as_of = step;
    past.newest = ref->index;
    past.span = step->span;
    if (past_find(program, ref->index, step) == UINT32_MAX) {
        *vec_push(resolver->arena, &program->tables) = past;
    }
    *ref = program_from(program, step);
}

static void from_add(Resolver *resolver, const AstStep *step, Refs *inputs) {
    uint32_t before = inputs->items.count;
    ref_add(resolver, inputs, &step->dest, step->from == AST_FROM_PLAIN ? ROLE_READ : ROLE_PAST);
    if (is_of_past(step) && inputs->items.count > before) {
        past_add(resolver, step, &inputs->items.items[before]);
    }
}

static void step_refs(Resolver *resolver, const AstStep *step, Refs *inputs, Refs *outputs) {
    switch (step->kind) {
    case AST_STEP_FROM:
        from_add(resolver, step, inputs);
        return;
    case AST_STEP_JOIN:
    case AST_STEP_UNION:
        ref_add(resolver, inputs, &step->dest, ROLE_READ);
        return;
    case AST_STEP_LATE:
        if (step->dest.text != NULL) {
            ref_add(resolver, outputs, &step->dest, ROLE_APPEND);
        }
        return;
    case AST_STEP_APPEND:
        ref_add(resolver, outputs, &step->dest, ROLE_APPEND);
        return;
    case AST_STEP_MERGE:
    case AST_STEP_OVERWRITE:
        ref_add(resolver, outputs, &step->dest, ROLE_TABLE);
        return;
    case AST_STEP_ROUTE:
        for (uint32_t i = 0; i < step->route_count; i++) {
            step_refs(resolver, step->routes[i].target, inputs, outputs);
        }
        return;
    default:
        return;
    }
}

static void first_step_check(Resolver *resolver, const AstDecl *decl) {
    if (decl->step_count == 0) {
        if (!decl->is_broken) {
            diag_add(resolver->diags,
                     DIAG_E073,
                     decl->name.span,
                     "the flow `%s` has no steps",
                     decl->name.text);
        }
        return;
    }
    const AstStep *first = &decl->steps[0];
    for (uint32_t i = 0; i < decl->step_count; i++) {
        if (decl->steps[i].kind == AST_STEP_FROM) {
            return; // check says so if it is not the first
        }
    }
    if (first->kind != AST_STEP_ERROR) {
        Diag *diag =
            diag_add(resolver->diags, DIAG_E012, first->keyword, "a flow starts with its source");
        diag_help(resolver->diags, diag, "put `from x` above the other steps");
    }
}

void resolve_flows(Resolver *resolver) {
    Program *program = resolver->program;
    for (uint32_t i = 0; i < program->flows.count; i++) {
        ProgramFlow *flow = &program->flows.items[i];
        Refs inputs = {.of = flow};
        Refs outputs = {.of = flow};
        first_step_check(resolver, flow->decl);
        for (uint32_t k = 0; k < flow->decl->step_count; k++) {
            step_refs(resolver, &flow->decl->steps[k], &inputs, &outputs);
        }
        flow->inputs = inputs.items.items;
        flow->input_count = inputs.items.count;
        flow->outputs = outputs.items.items;
        flow->output_count = outputs.items.count;
    }
}
