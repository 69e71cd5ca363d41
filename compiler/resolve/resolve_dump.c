// Prints what names stand for: declarations, and flows in the order in which they are computed.
#include "resolve/resolve_internal.h"

static const char *ref_name(const Program *program, ProgramRef ref) {
    switch (ref.kind) {
    case PROGRAM_SOURCE:
        return program->sources.items[ref.index].name;
    case PROGRAM_TABLE:
        return program->tables.items[ref.index].name;
    case PROGRAM_SINK:
        return program->sinks.items[ref.index].name;
    case PROGRAM_FLOW:
        return program->flows.items[ref.index].name;
    case PROGRAM_NOTHING:
        break;
    }
    return "";
}

static void dump_refs(
    const Program *program, Buffer *out, const char *word, const ProgramRef *refs, uint32_t count) {
    static const char *const nouns[] = {"", "source", "table", "sink", "flow"};
    for (uint32_t i = 0; i < count; i++) {
        buffer_format(out, "  %s %s %s\n", word, nouns[refs[i].kind], ref_name(program, refs[i]));
    }
}

static void dump_flow(const Program *program, Buffer *out, const ProgramFlow *flow) {
    buffer_format(out, "flow %s%s\n", flow->name, flow->is_read ? " (read by others)" : "");
    dump_refs(program, out, "reads", flow->inputs, flow->input_count);
    dump_refs(program, out, "writes", flow->outputs, flow->output_count);
}

static void dump_table(Buffer *out, const ProgramTable *table) {
    buffer_format(out, "table %s", table->name);
    if (table->contract != NULL) {
        buffer_format(out, ": %s", table->contract->name.text);
    }
    if (table->path != NULL) {
        buffer_format(out, " at \"%s\"", table->path);
    }
    if (table->as_of != NULL) {
        const char *word = table->as_of->from == AST_FROM_VERSION ? "version" : "timestamp";
        buffer_format(out, " as of %s %lld", word, (long long)table->as_of->from_at.value);
    }
    buffer_text(out, table->decl == NULL ? " undeclared\n" : "\n");
}

void program_dump(const Program *program, Buffer *out) {
    buffer_format(out, "program %s\n", program->name);
    for (uint32_t i = 0; i < program->params.count; i++) {
        buffer_format(out, "param %s\n", program->params.items[i]->name.text);
    }
    for (uint32_t i = 0; i < program->types.count; i++) {
        buffer_format(out, "type %s\n", program->types.items[i]->name.text);
    }
    for (uint32_t i = 0; i < program->contracts.count; i++) {
        buffer_format(out, "contract %s\n", program->contracts.items[i]->name.text);
    }
    for (uint32_t i = 0; i < program->sources.count; i++) {
        const ProgramSource *source = &program->sources.items[i];
        buffer_format(out, "source %s", source->name);
        buffer_format(out,
                      "%s%s\n",
                      source->contract ? ": " : "",
                      source->contract ? source->contract->name.text : "");
    }
    for (uint32_t i = 0; i < program->tables.count; i++) {
        dump_table(out, &program->tables.items[i]);
    }
    for (uint32_t i = 0; i < program->sinks.count; i++) {
        buffer_format(out, "sink %s\n", program->sinks.items[i].name);
    }
    for (uint32_t i = 0; i < program->flows.count; i++) {
        dump_flow(program, out, &program->flows.items[i]);
    }
}
