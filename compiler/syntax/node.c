// Small nodes and the growing lists that the grammar collects them in.
#include "syntax/parse.h"

List list_add(Parser *parser, List list, const void *item, size_t item_bytes) {
    vec_grow_(parser->arena, &list.items, list.count, &list.capacity, item_bytes);
    memcpy((char *)list.items + list.count * item_bytes, item, item_bytes);
    list.count++;
    return list;
}

List list_join(Parser *parser, List list, List more, size_t item_bytes) {
    for (uint32_t i = 0; i < more.count; i++) {
        list = list_add(parser, list, (char *)more.items + i * item_bytes, item_bytes);
    }
    list.is_broken |= more.is_broken;
    return list;
}

AstNames names_make(List list, Span span) {
    return (AstNames){list.items, list.count, span};
}

const AstType *type_make(Parser *parser, AstName name, List args, bool is_nullable, Span span) {
    AstType *type = arena_new(parser->arena, AstType);
    *type = (AstType){name, args.items, args.count, is_nullable, span};
    return type;
}

AstAssigns assigns_make(List list, Span span) {
    return (AstAssigns){list.items, list.count, list.is_broken, span};
}

AstExprs exprs_make(List list) {
    return (AstExprs){list.items, list.count};
}

AstExprs exprs_one(Parser *parser, const AstExpr *expr) {
    return exprs_make(LIST_ADD(parser, ((List){0}), expr));
}

AstDest dest_named(AstName name) {
    return (AstDest){false, name.text, name.span};
}

AstDest dest_path(const AstLiteral *path) {
    return (AstDest){true, path->text, path->span};
}

AstSetting setting_make(List items, Span span) {
    return (AstSetting){items.items, items.count, span};
}

AstSettings settings_make(List list, Span span) {
    return (AstSettings){list.items, list.count, list.is_broken, span};
}

AstItem item_group(AstItemKind kind, List settings, Span span) {
    return (AstItem){
        .kind = kind, .span = span, .settings = settings.items, .setting_count = settings.count};
}

const char *ast_item_word(const AstSetting *setting, uint32_t index) {
    if (index >= setting->item_count) {
        return NULL;
    }
    const AstItem *item = &setting->items[index];
    return item->kind == AST_ITEM_PATH && item->path.count == 1 ? item->path.items[0].text : NULL;
}

const char *ast_setting_name(const AstSetting *setting) {
    return ast_item_word(setting, 0);
}
