// What the tests of a file have not shown: steps to which no row came, checks that no row broke.
#include "driver/coverage.h"

static bool is_probe(const FlowSite *site) {
    return site->code[0] == '\0';
}

static bool is_check(const FlowSite *site) {
    return site->reject_class == FLOW_REJECT_CONTRACT || site->reject_class == FLOW_REJECT_LATE;
}

static bool is_same(const FlowSite *a, const FlowSite *b) {
    return strcmp(a->code, b->code) == 0 && strcmp(a->location, b->location) == 0 &&
           strcmp(a->expression, b->expression) == 0;
}

static void point_add(Arena *arena, CoveragePoints *points, const FlowSite *site, int64_t rows) {
    for (uint32_t i = 0; i < points->count; i++) {
        if (is_same(points->items[i].site, site)) {
            points->items[i].rows += rows;
            return;
        }
    }
    *vec_push(arena, points) = (CoveragePoint){site, rows};
}

// `file:line:column`: by file, then as numbers.
static int location_compare(const char *a, const char *b) {
    const char *ends[2] = {a + strlen(a), b + strlen(b)};
    const char *const starts[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        for (int colons = 0; ends[i] > starts[i] && colons < 2;) {
            colons += *--ends[i] == ':';
        }
    }
    size_t lengths[2] = {(size_t)(ends[0] - a), (size_t)(ends[1] - b)};
    int order = memcmp(a, b, lengths[0] < lengths[1] ? lengths[0] : lengths[1]);
    if (order != 0 || lengths[0] != lengths[1]) {
        return order != 0 ? order : lengths[0] < lengths[1] ? -1 : 1;
    }
    long places[2][2] = {0};
    for (int i = 0; i < 2; i++) {
        (void)sscanf(ends[i], ":%ld:%ld", &places[i][0], &places[i][1]);
    }
    int half = places[0][0] == places[1][0] ? 1 : 0;
    return (places[0][half] > places[1][half]) - (places[0][half] < places[1][half]);
}

static int point_compare(const void *a, const void *b) {
    return location_compare(((const CoveragePoint *)a)->site->location,
                            ((const CoveragePoint *)b)->site->location);
}

static void text_print(const CoveragePoints *points, Buffer *out) {
    uint32_t counts[2] = {0};
    uint32_t reached[2] = {0};
    for (uint32_t i = 0; i < points->count; i++) {
        const CoveragePoint *point = &points->items[i];
        bool is_step = is_probe(point->site);
        counts[is_step]++;
        reached[is_step] += point->rows > 0;
        if (point->rows == 0) {
            buffer_format(out,
                          "%s: no test %s `%s`\n",
                          point->site->location,
                          is_step ? "reaches" : "breaks",
                          point->site->expression);
        }
    }
    buffer_format(out,
                  "reached: %u of %u steps; broken: %u of %u checks\n",
                  reached[1],
                  counts[1],
                  reached[0],
                  counts[0]);
}

static void json_print(const CoveragePoints *points, Buffer *out) {
    for (uint32_t i = 0; i < points->count; i++) {
        const FlowSite *site = points->items[i].site;
        buffer_format(out, "{\"coverage\":\"%s\",\"location\":", is_probe(site) ? "step" : "check");
        buffer_json_string(out, site->location, strlen(site->location));
        buffer_text(out, ",\"text\":");
        buffer_json_string(out, site->expression, strlen(site->expression));
        buffer_format(out, ",\"rows\":%lld}\n", (long long)points->items[i].rows);
    }
}

void coverage_add(Coverage *coverage, const FlowProgram *program, const int64_t *rows) {
    for (int64_t i = 0; i < program->sites_count; i++) {
        const FlowSite *site = &program->sites[i];
        if (is_probe(site) || is_check(site)) {
            point_add(&coverage->arena, &coverage->points, site, rows[i]);
        }
    }
}

void coverage_print(Coverage *coverage, bool as_json, Buffer *out) {
    CoveragePoints *points = &coverage->points;
    if (points->count > 0) {
        qsort(points->items, points->count, sizeof(CoveragePoint), point_compare);
    }
    if (as_json) {
        json_print(points, out);
    } else {
        text_print(points, out);
    }
    arena_free(&coverage->arena);
}
