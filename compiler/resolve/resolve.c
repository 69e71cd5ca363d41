// Collects the declarations, checks that each name is declared once, and binds references to them.
//
// Each kind of declaration has names of its own: where `from` or `into` could mean two things of
// one name, the reference is refused, not the names.
#include "resolve/resolve_internal.h"

#define KIND(kind) (1U << AST_DECL_##kind)

static bool is_of_module(const Resolver *resolver, const AstDecl *decl) {
    return strncmp(source_name(&resolver->diags->sources, decl->name.span), "std.", 4) == 0;
}

static void twice_report(Resolver *resolver, const AstDecl *decl, const AstDecl *first) {
    const char *noun = syntax_decl_word(decl->kind);
    // A module of the standard library comes last, but it is the program that can be changed.
    if (is_of_module(resolver, decl) && !is_of_module(resolver, first)) {
        const AstDecl *module = decl;
        decl = first;
        first = module;
    }
    Diag *diag = diag_add(resolver->diags,
                          DIAG_E022,
                          decl->name.span,
                          "the %s `%s` is declared twice",
                          noun,
                          decl->name.text);
    diag_note_at(resolver->diags, diag, first->name.span, "the %s is declared here", noun);
    diag_help(resolver->diags, diag, "rename one of them");
}

const AstDecl *resolve_decl(const Ast *ast, uint32_t kinds, const char *name) {
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        const AstDecl *decl = &ast->decls[i];
        bool has_name = decl->name.text != NULL && decl->kind != AST_DECL_TEST;
        if ((kinds & 1U << decl->kind) != 0 && has_name && str_equal(decl->name.text, name)) {
            return decl;
        }
    }
    return NULL;
}

static bool name_is_first(Resolver *resolver, const AstDecl *decl) {
    bool is_named = decl->name.text != NULL && decl->kind != AST_DECL_TEST &&
                    decl->kind != AST_DECL_PIPELINE && decl->kind != AST_DECL_ERROR;
    if (!is_named) {
        return true;
    }
    const AstDecl *first = resolve_decl(resolver->program->ast, 1U << decl->kind, decl->name.text);
    if (first == decl) {
        return true;
    }
    twice_report(resolver, decl, first);
    return false;
}

static void pipeline_take(Resolver *resolver, const AstDecl *decl) {
    Program *program = resolver->program;
    if (program->pipeline == NULL) {
        program->pipeline = decl;
        return;
    }
    Diag *diag = diag_add(
        resolver->diags, DIAG_E072, decl->span, "a program has one pipeline declaration at most");
    diag_note_at(resolver->diags, diag, program->pipeline->span, "the first is here");
}

static void decl_take(Resolver *resolver, const AstDecl *decl) {
    Program *program = resolver->program;
    Arena *arena = resolver->arena;
    switch (decl->kind) {
    case AST_DECL_ERROR:
    case AST_DECL_IMPORT:
    case AST_DECL_TEST:
        return;
    case AST_DECL_CONTRACT:
        *vec_push(arena, &program->contracts) = decl;
        return;
    case AST_DECL_SOURCE:
        *vec_push(arena, &program->sources) = (ProgramSource){decl->name.text, decl, NULL};
        return;
    case AST_DECL_TABLE:
        *vec_push(arena, &program->tables) =
            (ProgramTable){.name = decl->name.text, .decl = decl, .span = decl->name.span};
        return;
    case AST_DECL_SINK:
        *vec_push(arena, &program->sinks) = (ProgramSink){decl->name.text, decl};
        return;
    case AST_DECL_PIPELINE:
        pipeline_take(resolver, decl);
        return;
    case AST_DECL_PARAM:
        *vec_push(arena, &program->params) = decl;
        return;
    case AST_DECL_TYPE:
        *vec_push(arena, &program->types) = decl;
        return;
    case AST_DECL_FN:
        *vec_push(arena, &program->fns) = decl;
        return;
    case AST_DECL_FLOW:
        *vec_push(arena, &program->flows) = (ProgramFlow){.name = decl->name.text, .decl = decl};
        return;
    }
}

// --- contracts
// ----------------------------------------------------------------------------------------
static const AstDecl *contract_bind(Resolver *resolver, const AstDecl *decl) {
    const Program *program = resolver->program;
    if (decl->contract.text == NULL) {
        return NULL;
    }
    if (decl->has_columns) {
        diag_add(resolver->diags,
                 DIAG_E074,
                 decl->columns.span,
                 "the %s `%s` has the contract `%s` and columns of its own",
                 syntax_decl_word(decl->kind),
                 decl->name.text,
                 decl->contract.text);
    }
    const AstDecl *contract =
        resolve_decl(program->ast, KIND(CONTRACT) | KIND(IMPORT), decl->contract.text);
    if (contract == NULL && !program->ast->is_broken && !resolver->has_imports) {
        Diag *diag = diag_add(resolver->diags,
                              DIAG_E070,
                              decl->contract.span,
                              "no contract is called `%s`",
                              decl->contract.text);
        resolve_suggest(resolver, diag, KIND(CONTRACT), decl->contract.text);
    }
    return contract != NULL && contract->kind == AST_DECL_CONTRACT ? contract : NULL;
}

static void contracts_bind(Resolver *resolver) {
    Program *program = resolver->program;
    for (uint32_t i = 0; i < program->sources.count; i++) {
        ProgramSource *source = &program->sources.items[i];
        source->contract = contract_bind(resolver, source->decl);
    }
    for (uint32_t i = 0; i < program->tables.count; i++) {
        ProgramTable *table = &program->tables.items[i];
        table->contract = contract_bind(resolver, table->decl);
    }
}

void resolve_suggest(Resolver *resolver, Diag *diag, uint32_t kinds, const char *name) {
    const Ast *ast = resolver->program->ast;
    const char **names = arena_array(resolver->arena, const char *, ast->decl_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        if ((kinds & 1U << ast->decls[i].kind) != 0 && ast->decls[i].name.text != NULL) {
            names[count++] = ast->decls[i].name.text;
        }
    }
    if ((kinds & KIND(SINK)) != 0) {
        names[count++] = "stdout";
    }
    diag_suggest(resolver->diags, diag, name, names, count);
}

// --- not built yet
// --------------------------------------------------------------------------------------
static void unsupported_report(Resolver *resolver, const AstDecl *decl) {
    Span word = decl->span;
    uint32_t length = (uint32_t)strlen(syntax_decl_word(decl->kind));
    word.end_line = word.start_line;
    word.end_column = word.start_column + length;
    word.end_offset = word.start_offset + length;
    if (decl->kind == AST_DECL_IMPORT && decl->import == AST_IMPORT_CONTRACT) {
        diag_unsupported(resolver->diags, word, UNSUPPORTED_IMPORT_CONTRACT);
        resolver->has_imports = true;
    }
}

static const char *program_name(Arena *arena, const Program *program, const char *file) {
    if (program->pipeline != NULL && program->pipeline->name.text != NULL) {
        return program->pipeline->name.text;
    }
    const char *slash = strrchr(file, '/');
    const char *base = slash != NULL ? slash + 1 : file;
    const char *suffix = strrchr(base, '.');
    bool has_suffix = suffix != NULL && str_equal(suffix, ".flow") && suffix > base;
    return arena_copy(arena, base, has_suffix ? (size_t)(suffix - base) : strlen(base));
}

Program *resolve_program(Arena *arena, const Ast *ast, DiagList *diags) {
    Program *program = arena_new(arena, Program);
    Resolver resolver = {arena, diags, program, false};
    program->ast = ast;
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        unsupported_report(&resolver, &ast->decls[i]);
    }
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        if (name_is_first(&resolver, &ast->decls[i])) {
            decl_take(&resolver, &ast->decls[i]);
        }
    }
    program->name = program_name(arena, program, diags->sources.files.items[ast->file].name);
    contracts_bind(&resolver);
    resolve_tables(&resolver);
    resolve_flows(&resolver);
    resolve_order(&resolver);
    return program;
}
