// `flow new was old`: whose state the flow goes on with.
#include "check/check_internal.h"

static const AstDecl *flow_named(const Checker *c, const char *name) {
    for (uint32_t i = 0; i < c->program->flows.count; i++) {
        if (str_equal(c->program->flows.items[i].decl->name.text, name)) {
            return c->program->flows.items[i].decl;
        }
    }
    return NULL;
}

static const AstDecl *flow_that_was(const Checker *c, const char *was, uint32_t before) {
    for (uint32_t i = 0; i < before; i++) {
        const AstDecl *decl = c->program->flows.items[i].decl;
        if (decl->was.text != NULL && str_equal(decl->was.text, was)) {
            return decl;
        }
    }
    return NULL;
}

static void rename_check(Checker *c, uint32_t index) {
    const AstDecl *decl = c->program->flows.items[index].decl;
    if (decl->was.text == NULL) {
        return;
    }
    const AstDecl *same = flow_named(c, decl->was.text);
    const AstDecl *other = flow_that_was(c, decl->was.text, index);
    if (same != NULL) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E259,
                              decl->was.span,
                              "the program still has a flow `%s`",
                              decl->was.text);
        diag_note_at(c->diags, diag, same->name.span, "it is here");
    } else if (other != NULL) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E260,
                              decl->was.span,
                              "the flow `%s` was `%s`, too",
                              other->name.text,
                              decl->was.text);
        diag_note_at(c->diags, diag, other->was.span, "said here");
    } else {
        *vec_push(c->arena, &c->out->settings.renames) =
            (GraphRename){decl->name.text, decl->was.text};
    }
}

void renames_check(Checker *c) {
    for (uint32_t i = 0; i < c->program->flows.count; i++) {
        rename_check(c, i);
    }
}
