// Walks over the imports of a program, depth first, and puts all declarations into one tree.
#include "import/import.h"

// A module is one literal, longer than C promises to take.
#pragma clang diagnostic ignored "-Woverlength-strings"

typedef struct Module {
    const char *name;
    const char *text;
} Module;

static const Module modules[] = {
#define MODULE(name, text) {name, text},
#include "import/stdlib.inc"
#undef MODULE
};

typedef struct Visit {
    const char *path;
    bool is_open; // its own imports are being read: to import it again would be a cycle
} Visit;

typedef struct Importer {
    Arena *arena;
    DiagList *diags;
    const ImportSource *source;
    VEC(Visit) visits;
    VEC(AstDecl) decls;
    bool is_broken;
} Importer;

const char *import_module_name(uint32_t index) {
    return index < COUNT_OF(modules) ? modules[index].name : NULL;
}

const char *import_module_text(uint32_t index) {
    return index < COUNT_OF(modules) ? modules[index].text : NULL;
}

static const Module *module_find(const char *name) {
    for (size_t i = 0; i < COUNT_OF(modules); i++) {
        if (str_equal(modules[i].name, name)) {
            return &modules[i];
        }
    }
    return NULL;
}

// --- paths --------------------------------------------------------------------------------------
static const char *folder_of(Arena *arena, const char *file) {
    const char *slash = strrchr(file, '/');
    return slash == NULL ? "" : arena_copy(arena, file, (size_t)(slash + 1 - file));
}

// "a/b/../c.flow" and "a/./c.flow" are "a/c.flow": one file is read once.
static const char *path_clean(Arena *arena, const char *path) {
    Buffer clean = {0};
    const char *at = path;
    if (*at == '/') {
        buffer_char(&clean, '/');
    }
    size_t root = clean.length;
    while (*at != '\0') {
        size_t part = strcspn(at, "/");
        bool is_up = part == 2 && at[0] == '.' && at[1] == '.';
        bool is_above =
            clean.length < root + 3 || memcmp(clean.data + clean.length - 3, "../", 3) == 0;
        if (is_up && !(clean.length == root || (is_above && clean.length >= root + 3))) {
            clean.length--;
            while (clean.length > root && clean.data[clean.length - 1] != '/') {
                clean.length--;
            }
        } else if (part > 0 && !(part == 1 && at[0] == '.')) {
            buffer_append(&clean, at, part);
            buffer_char(&clean, '/');
        }
        at += part + (at[part] == '/');
    }
    size_t length = clean.length - (clean.length > root);
    const char *result = arena_copy(arena, clean.data, length);
    buffer_free(&clean);
    return result;
}

static const char *import_path(Importer *importer, const char *from, const AstDecl *decl) {
    const char *text = decl->text.text;
    if (text[0] == '/') {
        return path_clean(importer->arena, text);
    }
    const char *folder = folder_of(importer->arena, from);
    return path_clean(importer->arena, arena_format(importer->arena, "%s%s", folder, text));
}

// --- files
// ----------------------------------------------------------------------------------------
static void file_take(Importer *importer, const char *file, const char *bytes, size_t length);

static Visit *visit_find(Importer *importer, const char *path) {
    for (uint32_t i = 0; i < importer->visits.count; i++) {
        if (str_equal(importer->visits.items[i].path, path)) {
            return &importer->visits.items[i];
        }
    }
    return NULL;
}

static void cycle_report(Importer *importer, const AstDecl *decl, const char *path) {
    Diag *diag = diag_add(importer->diags, DIAG_E076, decl->span, "`%s` imports itself", path);
    for (uint32_t i = 0; i < importer->visits.count; i++) {
        if (importer->visits.items[i].is_open) {
            diag_help(importer->diags, diag, "by way of `%s`", importer->visits.items[i].path);
        }
    }
}

// Whether the file has still to be read.
static bool is_new(Importer *importer, const AstDecl *decl, const char *path) {
    const Visit *visit = visit_find(importer, path);
    if (visit != NULL && visit->is_open) {
        cycle_report(importer, decl, path);
    }
    if (visit == NULL && importer->visits.count == IMPORTS_MAX) {
        diag_add(
            importer->diags, DIAG_E063, decl->span, "a program of more than %d files", IMPORTS_MAX);
        importer->is_broken = true;
        return false;
    }
    return visit == NULL;
}

static void file_import(Importer *importer, const char *from, const AstDecl *decl) {
    const char *path = import_path(importer, from, decl);
    const char *why = "there are no other files here";
    char *bytes = NULL;
    size_t length = 0;
    const ImportSource *source = importer->source;
    if (!is_new(importer, decl, path)) {
        return;
    }
    if (source->read == NULL ||
        !source->read(source->user, importer->arena, path, &bytes, &length, &why)) {
        diag_add(importer->diags, DIAG_E077, decl->text.span, "`%s`: %s", decl->text.text, why);
        importer->is_broken = true;
        return;
    }
    file_take(importer, path, bytes, length);
}

static void module_import(Importer *importer, const AstDecl *decl) {
    bool is_std = decl->path.count == 2 && str_equal(decl->path.items[0].text, "std");
    const char *name = decl->path.items[decl->path.count - 1].text;
    const Module *module = is_std ? module_find(name) : NULL;
    if (module == NULL) {
        Diag *diag = diag_add(
            importer->diags, DIAG_E077, decl->path.span, "the standard library has no such module");
        const char *names[COUNT_OF(modules)];
        for (size_t i = 0; i < COUNT_OF(modules); i++) {
            names[i] = modules[i].name;
        }
        diag_suggest(importer->diags, diag, name, names, COUNT_OF(modules));
        importer->is_broken = true;
        return;
    }
    const char *path = arena_format(importer->arena, "std.%s", name);
    if (is_new(importer, decl, path)) {
        file_take(importer, path, module->text, strlen(module->text));
    }
}

static void imports_take(Importer *importer, const Ast *ast, const char *file) {
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        const AstDecl *decl = &ast->decls[i];
        if (decl->kind == AST_DECL_IMPORT && decl->import == AST_IMPORT_FILE) {
            file_import(importer, file, decl);
        } else if (decl->kind == AST_DECL_IMPORT && decl->import == AST_IMPORT_STD) {
            module_import(importer, decl);
        }
    }
}

static void decls_take(Importer *importer, const Ast *ast, bool is_main) {
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        if (is_main || ast->decls[i].kind != AST_DECL_TEST) {
            *vec_push(importer->arena, &importer->decls) = ast->decls[i];
        }
    }
}

static void file_take(Importer *importer, const char *file, const char *bytes, size_t length) {
    uint32_t visit = importer->visits.count;
    *vec_push(importer->arena, &importer->visits) = (Visit){file, true};
    Ast *ast = syntax_parse(importer->arena, importer->diags, file, bytes, length);
    importer->is_broken |= ast->is_broken;
    decls_take(importer, ast, visit == 0);
    imports_take(importer, ast, file);
    importer->visits.items[visit].is_open = false;
}

Ast *import_parse(Arena *arena, DiagList *diags, const ImportSource *source) {
    Importer importer = {.arena = arena, .diags = diags, .source = source};
    uint32_t first_file = diags->sources.files.count;
    file_take(&importer, path_clean(arena, source->file), source->bytes, source->length);
    Ast *ast = arena_new(arena, Ast);
    *ast = (Ast){.file = first_file,
                 .decls = importer.decls.items,
                 .decl_count = importer.decls.count,
                 .is_broken = importer.is_broken};
    return ast;
}
