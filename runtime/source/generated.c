// Pieces of a `generate` source: a fixed number of rows each, so that what a piece holds depends on
// its number alone.
#include "source/generated.h"

#include "generate/generate.h"

enum { PIECE_ROWS = 8192 };

struct Generated {
    Sys *sys;
    const FlowSource *desc;
    Generator *generator;
    int64_t rows[PIECE_ROWS];     // of the text, in its order
    uint32_t offsets[PIECE_ROWS]; // where each begins
    uint32_t count;
    int64_t again[PIECE_ROWS]; // rows to be drawn again
    uint32_t again_count;
    uint32_t piece_rows;
    int64_t attempt;
    Buffer why; // the last one was refused
};

uint32_t generated_pieces(const FlowSource *desc) {
    return (uint32_t)((desc->generate->rows + PIECE_ROWS - 1) / PIECE_ROWS);
}

Outcome generated_new(Sys *sys, const FlowSource *desc, Generated **generated) {
    Failure failure = {0};
    Generator *generator = NULL;
    *generated = NULL;
    if (generator_new(desc, &failure, &generator) != OUTCOME_OK) {
        return sys_fail(sys, failure.outcome, "source %s: %s", desc->name, failure.text);
    }
    *generated = memory_alloc(sizeof(Generated));
    **generated = (Generated){.sys = sys, .desc = desc, .generator = generator};
    return OUTCOME_OK;
}

void generated_free(Generated *generated) {
    if (generated != NULL) {
        generator_free(generated->generator);
        buffer_free(&generated->why);
        memory_free(generated);
    }
}

static void text_make(Generated *g, SourcePiece *text) {
    Buffer out = {.data = text->bytes, .capacity = text->capacity};
    for (uint32_t i = 0; i < g->count; i++) {
        g->offsets[i] = (uint32_t)out.length;
        generator_record(g->generator, g->rows[i], g->attempt, &out);
    }
    buffer_reserve(&out, FORMAT_SLACK_BYTES);
    memset(out.data + out.length, 0, FORMAT_SLACK_BYTES);
    *text = (SourcePiece){.bytes = out.data,
                          .length = out.length,
                          .capacity = out.capacity,
                          .file = text->file,
                          .format = FLOW_FORMAT_NDJSON,
                          .is_first = true,
                          .is_last = true};
    g->again_count = 0;
}

int64_t generated_begin(Generated *g, uint32_t part, SourcePiece *text) {
    int64_t first = (int64_t)part * PIECE_ROWS;
    int64_t left = g->desc->generate->rows - first;
    g->count = left < PIECE_ROWS ? (uint32_t)left : PIECE_ROWS;
    g->piece_rows = g->count;
    g->attempt = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        g->rows[i] = first + i;
    }
    text_make(g, text);
    return g->count;
}

static bool is_vain(const Generated *g) {
    bool has_none = g->again_count == g->piece_rows;
    return g->attempt >= GENERATE_DRAWS_MAX ||
           (has_none && g->attempt * g->piece_rows >= GENERATE_VAIN_DRAWS_MAX);
}

Outcome generated_next(Generated *g, SourcePiece *text, bool *has_text) {
    *has_text = g->again_count > 0;
    if (!*has_text) {
        return OUTCOME_OK;
    }
    g->attempt++;
    if (is_vain(g)) {
        return sys_fail(g->sys,
                        OUTCOME_REFUSED,
                        "source %s: no record %lld that was made up in %lld draws meets the "
                        "contract: %s",
                        g->desc->name,
                        (long long)g->again[g->again_count - 1],
                        (long long)g->attempt,
                        buffer_cstring(&g->why));
    }
    memcpy(g->rows, g->again, g->again_count * sizeof(g->again[0]));
    g->count = g->again_count;
    text_make(g, text);
    return OUTCOME_OK;
}

int64_t generated_row(const Generated *g, int64_t offset) {
    uint32_t low = 0;
    uint32_t high = g->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (g->offsets[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return g->rows[low];
}

void generated_again(Generated *g, int64_t row, const char *why, const char *where) {
    ASSERT(g->again_count < PIECE_ROWS);
    g->again[g->again_count++] = row;
    buffer_clear(&g->why);
    buffer_format(&g->why,
                  "%s%s%s%s",
                  why,
                  where == NULL ? "" : " (",
                  where == NULL ? "" : where,
                  where == NULL ? "" : ")");
}
