// Earley's method with one token of look-ahead: sets of items "this far into that production, begun
// there", one set behind each token.
#include "recognise.h"

typedef struct Production {
    uint32_t left; // a nonterminal
    uint32_t length;
    uint32_t *symbols;   // terminals first, then nonterminals
    uint32_t first_item; // its item with the dot before all; the others follow
} Production;

typedef struct Range { // of productions with the same left side
    uint32_t start, end;
} Range;

struct Grammar {
    uint32_t terminal_count, nonterminal_count, production_count, kind_count, item_count;
    Production *productions; // by left side
    Range *of;               // [nonterminal]
    uint32_t *production_of; // [item]
    bool *is_nullable;       // [nonterminal]
    bool *is_first;          // [nonterminal * kinds + kind]
    bool *is_never;          // [nonterminal * kinds + kind]: it may not begin so
    bool *takes;             // [terminal * kinds + kind]
};

typedef struct Item {
    uint32_t item;
    uint32_t origin;
} Item;

typedef struct Sets {
    const Grammar *grammar;
    Arena *arena;
    VEC(Item) items;
    uint32_t *starts; // [set]: its first item
    uint32_t current;
    // The items of the current set: a list for each item number, by links to the one before.
    uint32_t *stamps; // [item]: the set that `heads` is about, plus one
    uint32_t *heads;  // [item]: index of the newest, plus one
    VEC(uint32_t) links;
} Sets;

// --- the table
// -----------------------------------------------------------------------------------
static uint32_t number_read(FILE *file) {
    unsigned number = 0;
    ASSERT(fscanf(file, "%u", &number) == 1);
    return number;
}

static int production_order(const void *a, const void *b) {
    uint32_t left = ((const Production *)a)->left;
    uint32_t right = ((const Production *)b)->left;
    return (left > right) - (left < right);
}

static void productions_read(Grammar *grammar, Arena *arena, FILE *file) {
    for (uint32_t i = 0; i < grammar->production_count; i++) {
        Production *production = &grammar->productions[i];
        production->left = number_read(file);
        production->length = number_read(file);
        production->symbols = arena_array(arena, uint32_t, production->length + 1);
        for (uint32_t j = 0; j < production->length; j++) {
            production->symbols[j] = number_read(file);
        }
    }
    qsort(grammar->productions, grammar->production_count, sizeof(Production), production_order);
}

static void productions_number(Grammar *grammar, Arena *arena) {
    for (uint32_t i = 0; i < grammar->production_count; i++) {
        Production *production = &grammar->productions[i];
        production->first_item = grammar->item_count;
        grammar->item_count += production->length + 1;
        Range *range = &grammar->of[production->left];
        if (range->end == 0) {
            range->start = i;
        }
        range->end = i + 1;
    }
    grammar->production_of = arena_array(arena, uint32_t, grammar->item_count);
    for (uint32_t i = 0; i < grammar->production_count; i++) {
        for (uint32_t j = 0; j <= grammar->productions[i].length; j++) {
            grammar->production_of[grammar->productions[i].first_item + j] = i;
        }
    }
}

static bool is_terminal(const Grammar *grammar, uint32_t symbol) {
    return symbol < grammar->terminal_count;
}

// Adds what `symbol` begins with to the nonterminal; true if that is news.
static bool first_add(Grammar *grammar, uint32_t nonterminal, uint32_t symbol) {
    uint32_t kinds = grammar->kind_count;
    const bool *from = is_terminal(grammar, symbol)
                           ? grammar->takes + (size_t)symbol * kinds
                           : grammar->is_first + (size_t)(symbol - grammar->terminal_count) * kinds;
    bool *to = grammar->is_first + (size_t)nonterminal * kinds;
    bool is_news = false;
    for (uint32_t kind = 0; kind < kinds; kind++) {
        is_news |= from[kind] && !to[kind];
        to[kind] |= from[kind];
    }
    return is_news;
}

static bool production_spread(Grammar *grammar, const Production *production) {
    bool is_news = false;
    for (uint32_t i = 0; i < production->length; i++) {
        uint32_t symbol = production->symbols[i];
        is_news |= first_add(grammar, production->left, symbol);
        if (is_terminal(grammar, symbol) ||
            !grammar->is_nullable[symbol - grammar->terminal_count]) {
            return is_news;
        }
    }
    is_news |= !grammar->is_nullable[production->left];
    grammar->is_nullable[production->left] = true;
    return is_news;
}

static void kinds_read(Grammar *grammar, FILE *file) {
    for (uint32_t kind = 0; kind < grammar->kind_count; kind++) {
        for (uint32_t left = number_read(file); left > 0; left--) {
            grammar->takes[(size_t)number_read(file) * grammar->kind_count + kind] = true;
        }
    }
}

const Grammar *grammar_read(Arena *arena, FILE *file) {
    Grammar *grammar = arena_new(arena, Grammar);
    grammar->terminal_count = number_read(file);
    grammar->nonterminal_count = number_read(file);
    grammar->production_count = number_read(file);
    grammar->kind_count = number_read(file);
    uint32_t never_count = number_read(file);
    size_t nonterminal_kinds = (size_t)grammar->nonterminal_count * grammar->kind_count;
    grammar->productions = arena_array(arena, Production, grammar->production_count);
    grammar->of = arena_array(arena, Range, grammar->nonterminal_count);
    grammar->is_nullable = arena_array(arena, bool, grammar->nonterminal_count);
    grammar->is_first = arena_array(arena, bool, nonterminal_kinds);
    grammar->is_never = arena_array(arena, bool, nonterminal_kinds);
    grammar->takes =
        arena_array(arena, bool, (size_t)grammar->terminal_count * grammar->kind_count);
    productions_read(grammar, arena, file);
    productions_number(grammar, arena);
    kinds_read(grammar, file);
    for (uint32_t i = 0; i < never_count; i++) {
        size_t row = (size_t)number_read(file) * grammar->kind_count;
        grammar->is_never[row + number_read(file)] = true;
    }
    for (bool is_news = true; is_news;) {
        is_news = false;
        for (uint32_t i = 0; i < grammar->production_count; i++) {
            is_news |= production_spread(grammar, &grammar->productions[i]);
        }
    }
    return grammar;
}

// --- sets
// ----------------------------------------------------------------------------------------
static void item_add(Sets *sets, uint32_t item, uint32_t origin) {
    if (sets->stamps[item] != sets->current + 1) {
        sets->stamps[item] = sets->current + 1;
        sets->heads[item] = 0;
    }
    for (uint32_t at = sets->heads[item]; at > 0; at = sets->links.items[at - 1]) {
        if (sets->items.items[at - 1].origin == origin) {
            return;
        }
    }
    *vec_push(sets->arena, &sets->items) = (Item){item, origin};
    *vec_push(sets->arena, &sets->links) = sets->heads[item];
    sets->heads[item] = sets->items.count;
}

static const Production *production_at(const Grammar *grammar, uint32_t item, uint32_t *dot) {
    const Production *production = &grammar->productions[grammar->production_of[item]];
    *dot = item - production->first_item;
    return production;
}

// `kind`: of the next token; beyond the kinds: the end.
static void predict(Sets *sets, Item item, uint32_t nonterminal, uint32_t kind) {
    const Grammar *grammar = sets->grammar;
    bool is_nullable = grammar->is_nullable[nonterminal];
    if (is_nullable) {
        item_add(sets, item.item + 1, item.origin);
    }
    if (kind == grammar->kind_count) {
        return;
    }
    size_t place = (size_t)nonterminal * grammar->kind_count + kind;
    if (!grammar->is_first[place] || grammar->is_never[place]) {
        return;
    }
    Range range = grammar->of[nonterminal];
    for (uint32_t i = range.start; i < range.end; i++) {
        item_add(sets, grammar->productions[i].first_item, sets->current);
    }
}

static void complete(Sets *sets, uint32_t nonterminal, uint32_t origin) {
    const Grammar *grammar = sets->grammar;
    bool is_current = origin == sets->current;
    uint32_t end = is_current ? sets->items.count : sets->starts[origin + 1];
    for (uint32_t i = sets->starts[origin]; i < end; i++) {
        Item waiting = sets->items.items[i];
        uint32_t dot = 0;
        const Production *production = production_at(grammar, waiting.item, &dot);
        if (dot < production->length &&
            production->symbols[dot] == nonterminal + grammar->terminal_count) {
            item_add(sets, waiting.item + 1, waiting.origin);
        }
    }
}

static void set_close(Sets *sets, uint32_t kind) {
    const Grammar *grammar = sets->grammar;
    for (uint32_t i = sets->starts[sets->current]; i < sets->items.count; i++) {
        Item item = sets->items.items[i];
        uint32_t dot = 0;
        const Production *production = production_at(grammar, item.item, &dot);
        if (dot == production->length) {
            // What is begun and ended here is nullable, and was stepped over when it was met.
            if (item.origin != sets->current) {
                complete(sets, production->left, item.origin);
            }
        } else if (!is_terminal(grammar, production->symbols[dot])) {
            predict(sets, item, production->symbols[dot] - grammar->terminal_count, kind);
        }
    }
}

// Begins the next set with what takes the token; false: nothing does.
static bool set_scan(Sets *sets, uint32_t kind) {
    const Grammar *grammar = sets->grammar;
    uint32_t start = sets->starts[sets->current];
    uint32_t end = sets->items.count;
    sets->current++;
    sets->starts[sets->current] = end;
    for (uint32_t i = start; i < end; i++) {
        Item item = sets->items.items[i];
        uint32_t dot = 0;
        const Production *production = production_at(grammar, item.item, &dot);
        bool is_taken =
            dot < production->length && is_terminal(grammar, production->symbols[dot]) &&
            grammar->takes[(size_t)production->symbols[dot] * grammar->kind_count + kind];
        if (is_taken) {
            item_add(sets, item.item + 1, item.origin);
        }
    }
    return sets->items.count > end;
}

static bool is_complete(const Sets *sets) {
    const Grammar *grammar = sets->grammar;
    bool is_empty = sets->current == 0 && grammar->is_nullable[0];
    for (uint32_t i = sets->starts[sets->current]; i < sets->items.count && !is_empty; i++) {
        uint32_t dot = 0;
        const Production *production = production_at(grammar, sets->items.items[i].item, &dot);
        if (production->left == 0 && dot == production->length &&
            sets->items.items[i].origin == 0) {
            return true;
        }
    }
    return is_empty;
}

uint32_t recognise(
    const Grammar *grammar, Arena *arena, const uint16_t *kinds, uint32_t count, bool *is_program) {
    Sets sets = {.grammar = grammar, .arena = arena};
    sets.starts = arena_array(arena, uint32_t, count + 2);
    sets.stamps = arena_array(arena, uint32_t, grammar->item_count);
    sets.heads = arena_array(arena, uint32_t, grammar->item_count);
    for (uint32_t i = grammar->of[0].start; i < grammar->of[0].end; i++) {
        item_add(&sets, grammar->productions[i].first_item, 0);
    }
    for (uint32_t at = 0;; at++) {
        set_close(&sets, at < count ? kinds[at] : grammar->kind_count);
        if (at == count || !set_scan(&sets, kinds[at])) {
            *is_program = at == count && is_complete(&sets);
            return at;
        }
    }
}
