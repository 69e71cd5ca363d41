// Minima and maxima: of pages for the column index, of chunks for statistics, of files for Delta.
#include "format/parquet/column.h"

#include "format/parquet/packing.h"
#include "scalar/scalar.h"

#include <math.h>

// --- comparing ---------------------------------------------------------------------------------
// Eight bytes of both decide most comparisons.
static inline bool text_less(const FlowView *a, const FlowView *b) {
    const char *a_data = flow_view_data(a);
    const char *b_data = flow_view_data(b);
    if (a->length >= 8 && b->length >= 8) {
        uint64_t a_word = __builtin_bswap64(parquet_load64(a_data));
        uint64_t b_word = __builtin_bswap64(parquet_load64(b_data));
        if (a_word != b_word) {
            return a_word < b_word;
        }
    }
    uint32_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(a_data, b_data, shorter);
    return order != 0 ? order < 0 : a->length < b->length;
}

static bool bound_less(ParquetOrder order, const FlowValue *a, const FlowValue *b) {
    switch (order) {
    case PARQUET_ORDER_INT:
        return a->i64 < b->i64;
    case PARQUET_ORDER_FLOAT:
        return a->f64 < b->f64;
    case PARQUET_ORDER_WIDE:
        return a->i128 < b->i128;
    case PARQUET_ORDER_TEXT:
        return text_less(&a->view, &b->view);
    }
    return false;
}

void parquet_bounds_merge(ParquetOrder order, ParquetBounds *bounds, const ParquetBounds *more) {
    bounds->has_nan |= more->has_nan;
    if (!more->has_values) {
        return;
    }
    if (!bounds->has_values || bound_less(order, &more->min, &bounds->min)) {
        bounds->min = more->min;
    }
    if (!bounds->has_values || bound_less(order, &bounds->max, &more->max)) {
        bounds->max = more->max;
    }
    bounds->has_values = true;
}

// --- pages -------------------------------------------------------------------------------------
#define BOUNDS_INT(name, type, how)                                                                \
    how static ParquetBounds name(const Buffer *staged, uint32_t count) {                          \
        const type *values = (const type *)staged->data;                                           \
        type min = values[0];                                                                      \
        type max = values[0];                                                                      \
        for (uint32_t i = 1; i < count; i++) {                                                     \
            min = values[i] < min ? values[i] : min;                                               \
            max = values[i] > max ? values[i] : max;                                               \
        }                                                                                          \
        return (ParquetBounds){.has_values = true, .min.i64 = min, .max.i64 = max};                \
    }
BOUNDS_INT(bounds_bool, uint8_t, )
BOUNDS_INT(bounds_32, int32_t, )
BOUNDS_INT(bounds_64_plain, int64_t, )
#if defined(__x86_64__)
BOUNDS_INT(bounds_64_avx2, int64_t, __attribute__((target("avx2"))))
#endif
#undef BOUNDS_INT

// What every machine can do has no comparison of 64 bits.
static ParquetBounds bounds_64(const Buffer *staged, uint32_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        return bounds_64_avx2(staged, count);
    }
#endif
    return bounds_64_plain(staged, count);
}

// NaN compares with nothing: the bounds are of the others, and has_nan makes them void anyway.
#define BOUNDS_FLOAT(name, type)                                                                   \
    static ParquetBounds name(const Buffer *staged, uint32_t count) {                              \
        const type *values = (const type *)staged->data;                                           \
        type min = (type)INFINITY;                                                                 \
        type max = (type) - INFINITY;                                                              \
        bool has_nan = false;                                                                      \
        for (uint32_t i = 0; i < count; i++) {                                                     \
            has_nan |= values[i] != values[i];                                                     \
            min = values[i] < min ? values[i] : min;                                               \
            max = values[i] > max ? values[i] : max;                                               \
        }                                                                                          \
        return (ParquetBounds){                                                                    \
            .has_values = !has_nan, .has_nan = has_nan, .min.f64 = min, .max.f64 = max};           \
    }
BOUNDS_FLOAT(bounds_float, float)
BOUNDS_FLOAT(bounds_double, double)
#undef BOUNDS_FLOAT

static ParquetBounds bounds_wide(const Buffer *staged, uint32_t count) {
    const i128 *values = (const i128 *)staged->data;
    ParquetBounds bounds = {.has_values = true, .min.i128 = values[0], .max.i128 = values[0]};
    for (uint32_t i = 1; i < count; i++) {
        bounds.min.i128 = values[i] < bounds.min.i128 ? values[i] : bounds.min.i128;
        bounds.max.i128 = values[i] > bounds.max.i128 ? values[i] : bounds.max.i128;
    }
    return bounds;
}

// Minimum and maximum so far. Most texts lie between them, and the first word in which those two
// differ tells so: the words before it must be theirs.
typedef struct TextBounds {
    bool has_any;
    ParquetBytes min;
    ParquetBytes max;
    bool has_word;
    uint32_t shared; // bytes of the words that both begin with
    uint64_t min_word;
    uint64_t max_word;
} TextBounds;

static inline uint64_t word_at(const char *bytes) {
    return __builtin_bswap64(parquet_load64(bytes)); // in the order of its bytes
}

static inline bool is_between(const TextBounds *bounds, const char *data, uint32_t length) {
    if (!bounds->has_word || length < bounds->shared + sizeof(uint64_t)) {
        return false;
    }
    for (uint32_t i = 0; i < bounds->shared; i += sizeof(uint64_t)) {
        if (parquet_load64(data + i) != parquet_load64(bounds->min.data + i)) {
            return false;
        }
    }
    uint64_t word = word_at(data + bounds->shared);
    return word > bounds->min_word && word < bounds->max_word;
}

static void word_choose(TextBounds *bounds) {
    uint32_t min = bounds->min.length;
    uint32_t shorter = min < bounds->max.length ? min : bounds->max.length;
    bounds->has_word = false;
    for (uint32_t at = 0; at + sizeof(uint64_t) <= shorter && !bounds->has_word; at += 8) {
        bounds->min_word = word_at(bounds->min.data + at);
        bounds->max_word = word_at(bounds->max.data + at);
        bounds->shared = at;
        bounds->has_word = bounds->min_word != bounds->max_word;
    }
}

static bool bytes_less(ParquetBytes a, ParquetBytes b) {
    int order = memcmp(a.data, b.data, a.length < b.length ? a.length : b.length);
    return order != 0 ? order < 0 : a.length < b.length;
}

static void text_bounds_move(TextBounds *bounds, ParquetBytes text) {
    bool is_less = !bounds->has_any || bytes_less(text, bounds->min);
    bool is_more = !bounds->has_any || bytes_less(bounds->max, text);
    bounds->min = is_less ? text : bounds->min;
    bounds->max = is_more ? text : bounds->max;
    bounds->has_any = true;
    if (is_less || is_more) {
        word_choose(bounds);
    }
}

static inline void text_bounds_widen(TextBounds *bounds, const char *data, uint32_t length) {
    if (!is_between(bounds, data, length)) {
        text_bounds_move(bounds, (ParquetBytes){data, length});
    }
}

static TextBounds bounds_plain_texts(const Buffer *texts) {
    TextBounds bounds = {0};
    for (size_t at = 0; at < texts->length;) {
        uint32_t length = parquet_load32(texts->data + at);
        text_bounds_widen(&bounds, texts->data + at + 4, length);
        at += 4 + (size_t)length;
    }
    return bounds;
}

// Each entry that the page uses is looked at once: `marks` knows the page that used it last.
static TextBounds bounds_dictionary_texts(ParquetColumn *column) {
    size_t had = column->marks.length;
    size_t bytes = column->dictionary.count * sizeof(uint32_t);
    if (bytes > had) {
        buffer_reserve(&column->marks, bytes - had);
        memset(column->marks.data + had, 0, bytes - had);
        column->marks.length = bytes;
    }
    uint32_t *marks = (uint32_t *)column->marks.data;
    uint32_t page = column->pages.count + 1;
    const uint32_t *indexes = (const uint32_t *)column->staged.data;
    TextBounds bounds = {0};
    for (uint32_t i = 0; i < column->value_count; i++) {
        if (marks[indexes[i]] != page) {
            marks[indexes[i]] = page;
            uint32_t length;
            const char *text = parquet_dictionary_bytes(&column->dictionary, indexes[i], &length);
            text_bounds_widen(&bounds, text, length);
        }
    }
    return bounds;
}

static FlowView view_keep(Arena *arena, ParquetBytes text) {
    FlowView view = view_of(text.data, text.length);
    if (view.length > FLOW_VIEW_INLINE_MAX) {
        view.data = arena_copy(arena, view.data, view.length);
    }
    return view;
}

static ParquetBounds bounds_texts(ParquetColumn *column) {
    TextBounds texts = column->mode == PARQUET_MODE_PLAIN ? bounds_plain_texts(&column->text)
                                                          : bounds_dictionary_texts(column);
    return (ParquetBounds){
        .has_values = texts.has_any,
        .min.view = view_keep(&column->chunk_arena, texts.min),
        .max.view = view_keep(&column->chunk_arena, texts.max),
    };
}

ParquetBounds parquet_page_bounds(ParquetColumn *column) {
    if (column->value_count == 0) {
        return (ParquetBounds){0};
    }
    switch (column->stage) {
    case PARQUET_STAGE_BOOL:
        return bounds_bool(&column->staged, column->value_count);
    case PARQUET_STAGE_32:
        return (column->order == PARQUET_ORDER_FLOAT ? bounds_float : bounds_32)(
            &column->staged, column->value_count);
    case PARQUET_STAGE_64:
        return (column->order == PARQUET_ORDER_FLOAT ? bounds_double : bounds_64)(
            &column->staged, column->value_count);
    case PARQUET_STAGE_128:
        return bounds_wide(&column->staged, column->value_count);
    case PARQUET_STAGE_TEXT:
        return bounds_texts(column);
    }
    return (ParquetBounds){0};
}

// The order of a column index. A false claim makes readers skip pages that they need.
static int bound_compare(ParquetOrder order, const FlowValue *a, const FlowValue *b) {
    return bound_less(order, a, b) ? -1 : bound_less(order, b, a) ? 1 : 0;
}

enum { ORDER_NONE = 0, ORDER_ASCENDING = 1, ORDER_DESCENDING = 2 };

static int pages_compare(ParquetOrder order, const ParquetPage *a, const ParquetPage *b) {
    int min = bound_compare(order, &a->bounds.min, &b->bounds.min);
    int max = bound_compare(order, &a->bounds.max, &b->bounds.max);
    return min == max || max == 0 ? min : min == 0 ? max : 2; // 2: neither before nor behind
}

int32_t parquet_boundary_order(ParquetOrder order, const ParquetPage *pages, uint32_t page_count) {
    const ParquetPage *last = NULL;
    bool is_ascending = true;
    bool is_descending = true;
    for (uint32_t i = 0; i < page_count; i++) {
        const ParquetPage *page = &pages[i];
        if (page->value_count == 0) {
            continue;
        }
        int step = last == NULL ? 0 : pages_compare(order, last, page);
        is_ascending &= step == -1 || step == 0;
        is_descending &= step == 1 || step == 0;
        last = page;
    }
    return is_ascending ? ORDER_ASCENDING : is_descending ? ORDER_DESCENDING : ORDER_NONE;
}

// --- files -------------------------------------------------------------------------------------
static FlowView file_text(Buffer *kept, FlowView view) {
    buffer_clear(kept);
    buffer_append(kept, flow_view_data(&view), view.length);
    return view_of(kept->data, kept->length);
}

void parquet_column_bounds_add(ParquetColumn *column, const ParquetBounds *chunk) {
    ParquetBounds before = column->bounds;
    parquet_bounds_merge(column->order, &column->bounds, chunk);
    if (column->order != PARQUET_ORDER_TEXT || !chunk->has_values) {
        return;
    }
    if (!before.has_values || memcmp(&before.min, &column->bounds.min, sizeof before.min) != 0) {
        column->bounds.min.view = file_text(&column->min_text, column->bounds.min.view);
    }
    if (!before.has_values || memcmp(&before.max, &column->bounds.max, sizeof before.max) != 0) {
        column->bounds.max.view = file_text(&column->max_text, column->bounds.max.view);
    }
}

// --- bytes -------------------------------------------------------------------------------------
static uint32_t utf8_start(const char *bytes, uint32_t at) {
    while (at > 0 && ((uint8_t)bytes[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

static uint32_t utf8_decode(const char *bytes, uint32_t length) {
    static const uint8_t first_bits[] = {0x7F, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = (uint8_t)bytes[0] & first_bits[length];
    for (uint32_t i = 1; i < length; i++) {
        code = code << 6 | ((uint8_t)bytes[i] & 0x3F);
    }
    return code;
}

static uint32_t utf8_encode(char *bytes, uint32_t code) {
    static const uint8_t first_marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    uint32_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (uint32_t i = length; i > 1; i--, code >>= 6) {
        bytes[i - 1] = (char)(0x80 | (code & 0x3F));
    }
    bytes[0] = (char)(first_marks[length] | code);
    return length;
}

// The smallest text above all that begin like this one, at most four bytes longer; 0: there is
// none.
static uint32_t text_raise(char *bytes, uint32_t length) {
    while (length > 0) {
        uint32_t start = utf8_start(bytes, length - 1);
        ASSERT(length - start <= 4); // a string is valid UTF-8 wherever it came from
        uint32_t code = utf8_decode(bytes + start, length - start) + 1;
        if (code <= 0x10FFFF) {
            code = code == 0xD800 ? 0xE000 : code; // surrogates are no characters
            return start + utf8_encode(bytes + start, code);
        }
        length = start;
    }
    return 0;
}

static uint32_t bytes_raise(char *bytes, uint32_t length) {
    while (length > 0 && (uint8_t)bytes[length - 1] == 0xFF) {
        length--;
    }
    if (length > 0) {
        bytes[length - 1] = (char)((uint8_t)bytes[length - 1] + 1);
    }
    return length;
}

static ParquetBytes text_bound(
    const ParquetColumn *column, const FlowView *text, bool is_max, bool *is_exact, Arena *arena) {
    const char *bytes = flow_view_data(text);
    *is_exact = text->length <= PARQUET_BOUND_BYTES_MAX;
    if (*is_exact) {
        return (ParquetBytes){arena_copy(arena, bytes, text->length), text->length};
    }
    bool is_text = column->type->kind != FLOW_BYTES;
    uint32_t length =
        is_text ? utf8_start(bytes, PARQUET_BOUND_BYTES_MAX) : PARQUET_BOUND_BYTES_MAX;
    char *cut = arena_alloc(arena, PARQUET_BOUND_BYTES_MAX + 8);
    memcpy(cut, bytes, length);
    if (is_max) {
        length = is_text ? text_raise(cut, length) : bytes_raise(cut, length);
    }
    return (ParquetBytes){length > 0 ? cut : NULL, length};
}

static ParquetBytes wide_bound(const ParquetColumn *column, i128 value, Arena *arena) {
    uint32_t length = (uint32_t)column->element.type_length;
    char *bytes = arena_alloc(arena, length);
    for (uint32_t i = 0; i < length; i++) {
        bytes[i] = (char)(value >> (8 * (length - 1 - i)));
    }
    return (ParquetBytes){bytes, length};
}

// Zero stands for both zeros: the minimum is the negative one, the maximum the positive one.
static ParquetBytes
float_bound(const ParquetColumn *column, double value, bool is_max, Arena *arena) {
    double bound = value == 0.0 ? (is_max ? 0.0 : -0.0) : value;
    if (column->stage == PARQUET_STAGE_64) {
        return (ParquetBytes){arena_copy(arena, (const char *)&bound, sizeof bound), sizeof bound};
    }
    float narrow = (float)bound;
    return (ParquetBytes){arena_copy(arena, (const char *)&narrow, sizeof narrow), sizeof narrow};
}

ParquetBytes parquet_bound_bytes(const ParquetColumn *column,
                                 const FlowValue *value,
                                 bool is_max,
                                 bool *is_exact,
                                 Arena *arena) {
    *is_exact = true;
    switch (column->order) {
    case PARQUET_ORDER_INT:
        return (ParquetBytes){arena_copy(arena, (const char *)&value->i64, column->width),
                              column->width};
    case PARQUET_ORDER_FLOAT:
        return float_bound(column, value->f64, is_max, arena);
    case PARQUET_ORDER_WIDE:
        return wide_bound(column, value->i128, arena);
    case PARQUET_ORDER_TEXT:
        return text_bound(column, &value->view, is_max, is_exact, arena);
    }
    return (ParquetBytes){0};
}
