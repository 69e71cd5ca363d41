// links: compiler
//
// Random programs through both implementations of the plan: generated code and the interpreter,
// under the same engine, on two disks in memory. Standard output, ledger and DLQ must be the same.
// The interpreter gets the program without any rewrite; generated code with all of them, with all
// but one, or with none.
//
//   differential [--seed N] [--count N] [--sql DIR] [--show]
//
// --sql leaves the cases that DuckDB can judge in a folder, for judge.py. A failure prints the
// seed.
#include "generate.h"
#include "oracle.h"

#include "driver/driver.h"
#include "engine/engine.h"
#include "store/store.h"
#include "sys/sys_memory.h"

#define SKIPPED_PERCENT_MAX                                                                        \
    10 // programs that the checker refuses, e.g. a constant division by zero

typedef struct Outputs {
    int status;
    Buffer printed;
    Buffer ledger;
    Buffer rejected; // the DLQ's rows, sorted
    Buffer side;     // those of lake/side
} Outputs;

typedef enum Way { GENERATED, INTERPRETED } Way;

// --- rewrites -----------------------------------------------------------------------------------
static const char *const rewrite_names[] = {
#define REWRITE(name, text) #name,
#define LATER(name, text) #name,
#include "rewrite/rewrite.def"
#undef LATER
#undef REWRITE
};

static const char all_rewrites[] =
#define REWRITE(name, text) #name ","
#define LATER(name, text) #name ","
#include "rewrite/rewrite.def"
#undef LATER
#undef REWRITE
    ;

// What generated code does without.
static const char *rewrites_off(uint64_t seed) {
    uint64_t turn = seed / 2 % (COUNT_OF(rewrite_names) * 2 + 2); // every other seed is DuckDB's
    if (turn < COUNT_OF(rewrite_names)) {
        return rewrite_names[turn];
    }
    return turn == COUNT_OF(rewrite_names) ? all_rewrites : NULL;
}

// --- what a run leaves behind -------------------------------------------------------------------
static int line_compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// Everything of a row but the time of its rejection.
static void table_row(const Batch *batch, uint32_t row, Buffer *out) {
    int32_t columns[COLUMNS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch->column_count; i++) {
        if (!str_equal(batch->descs[i].name, "rejected_at")) {
            columns[count++] = (int32_t)i;
        }
    }
    batch_row_json(batch, row, columns, count, out);
}

// Behind a step that keeps rows, `raw` is the row as it was kept: what `prune` left of it.
static const char *placed_part(Buffer *line) {
    char *raw = strstr(buffer_cstring(line), ",\"raw\":\"");
    if (raw != NULL && strstr(line->data, "\"position\":null") != NULL) {
        *raw = '\0';
    }
    return line->data;
}

static void table_lines(DeltaTable *table, Arena *arena, Buffer *out) {
    uint32_t column_count = delta_column_count(table);
    Batch *batch = batch_new(delta_columns(table), column_count);
    int32_t slots[COLUMNS_MAX];
    for (uint32_t i = 0; i < column_count; i++) {
        slots[i] = (int32_t)i;
    }
    DeltaScan *scan = NULL;
    VEC(char *) lines = {0};
    ASSERT(delta_scan_open(table, delta_columns(table), column_count, &scan) == OUTCOME_OK);
    for (;;) {
        batch_clear(batch);
        ASSERT(delta_scan_next(scan, batch, slots) == OUTCOME_OK);
        if (batch->abi.row_count == 0) {
            break;
        }
        for (int32_t row = 0; row < batch->abi.row_count; row++) {
            Buffer line = {0};
            table_row(batch, (uint32_t)row, &line);
            *vec_push(arena, &lines) = arena_string(arena, placed_part(&line));
            buffer_free(&line);
        }
    }
    delta_scan_close(scan);
    batch_free(batch);
    if (lines.count > 0) {
        qsort(lines.items, lines.count, sizeof(char *), line_compare);
    }
    for (uint32_t i = 0; i < lines.count; i++) {
        buffer_format(out, "%s\n", lines.items[i]);
    }
}

// A filter in front of a join or an unnest counts a row once that it would have counted as each of
// the rows that it becomes (decision 091): `filtered` less `added` is the same.
static char *ledger_netted(const char *line, Arena *arena) {
    static const char added[] = "\"added\":";
    static const char filtered[] = "\"filtered\":";
    Buffer netted = {0};
    long long more = 0;
    while (*line != '\0') {
        char *rest = NULL;
        if (strncmp(line, added, strlen(added)) == 0) {
            more = strtoll(line + strlen(added), &rest, 10);
            line = rest + 1; // the comma
        } else if (strncmp(line, filtered, strlen(filtered)) == 0) {
            long long count = strtoll(line + strlen(filtered), &rest, 10);
            buffer_format(&netted, "\"filtered less added\":%lld", count - more);
            line = rest;
            more = 0;
        } else {
            buffer_char(&netted, *line++);
        }
    }
    char *copy = arena_copy(arena, netted.data, netted.length);
    buffer_free(&netted);
    return copy;
}

// The ledger's line up to what differs between runs (bytes and seconds), and the warnings, sorted:
// in which order two checks of one batch speak is nobody's promise.
static void messages_collect(const Buffer *errors, Arena *arena, Buffer *out) {
    VEC(char *) lines = {0};
    for (size_t at = 0; at < errors->length;) {
        const char *line = errors->data + at;
        const char *end = memchr(line, '\n', errors->length - at);
        size_t length = end == NULL ? errors->length - at : (size_t)(end - line);
        char *copy = arena_copy(arena, line, length);
        char *tail = strstr(copy, "\"epochs\"");
        if (tail != NULL) {
            *tail = '\0';
            copy = ledger_netted(copy, arena);
        }
        *vec_push(arena, &lines) = copy;
        at += length + 1;
    }
    if (lines.count > 0) {
        qsort(lines.items, lines.count, sizeof(char *), line_compare);
    }
    for (uint32_t i = 0; i < lines.count; i++) {
        buffer_format(out, "%s\n", lines.items[i]);
    }
}

static void table_collect(Sys *sys, const char *path, Buffer *out) {
    Arena arena = {0};
    DeltaTable *table = NULL;
    if (delta_open(sys, path, DELTA_LATEST, &table) == OUTCOME_OK && table != NULL) {
        table_lines(table, &arena, out);
        delta_close(table);
    }
    arena_free(&arena);
}

static void outputs_collect(Sys *sys, Outputs *outputs) {
    Arena arena = {0};
    const Buffer *printed = sys_memory_stream(sys, 1);
    buffer_append(&outputs->printed, printed->data, printed->length);
    messages_collect(sys_memory_stream(sys, 2), &arena, &outputs->ledger);
    if (outputs->status == 0) {
        table_collect(sys, "lake/dlq", &outputs->rejected);
        table_collect(sys, "lake/side", &outputs->side);
    }
    arena_free(&arena);
}

static void outputs_free(Outputs *outputs) {
    buffer_free(&outputs->printed);
    buffer_free(&outputs->ledger);
    buffer_free(&outputs->rejected);
    buffer_free(&outputs->side);
}

// --- running
// --------------------------------------------------------------------------------------
static void run_generated(Compile *compile, Sys *sys, Outputs *outputs) {
    BackendCode *code = backend_load(&compile->object, backend_runtime_symbols());
    EngineOptions options = {.summary = ENGINE_SUMMARY_JSON};
    outputs->status = engine_run(sys, backend_program(code), &options);
    backend_unload(code);
}

static void run_interpreted(Compile *compile, Sys *sys, Outputs *outputs) {
    EngineOptions options = {.summary = ENGINE_SUMMARY_JSON};
    oracle_install(&compile->layout);
    outputs->status = engine_run(sys, compile->layout.program, &options);
}

// False: the checker refused the program.
static bool run(const Case *made, Way way, Outputs *outputs) {
    Sys *sys = sys_memory_new(made->seed);
    sys_memory_put(
        sys, "rows.ndjson", made->data.data == NULL ? "" : made->data.data, made->data.length);
    sys_memory_put(sys,
                   "others.ndjson",
                   made->others.data == NULL ? "" : made->others.data,
                   made->others.length);
    Compile compile;
    compile_init(&compile, sys, "random.flow", made->program.data, made->program.length);
    compile.options.backend.optimise = made->seed % 4 == 1 ? 2 : made->seed % 4 == 3 ? 1 : 0;
    compile.options.rewrites_off = way == INTERPRETED ? all_rewrites : rewrites_off(made->seed);
    bool is_compiled = compile_run(&compile, way == INTERPRETED ? PASS_layout : PASS_emit);
    if (is_compiled) {
        if (way == INTERPRETED) {
            run_interpreted(&compile, sys, outputs);
        } else {
            run_generated(&compile, sys, outputs);
        }
        outputs_collect(sys, outputs);
    }
    compile_free(&compile);
    sys_memory_free(sys);
    return is_compiled;
}

static bool is_same(const char *what, const Buffer *a, const Buffer *b) {
    if (a->length == b->length && (a->length == 0 || memcmp(a->data, b->data, a->length) == 0)) {
        return true;
    }
    printf("%s differ\n--- generated\n%.*s\n--- interpreted\n%.*s\n",
           what,
           (int)a->length,
           a->data == NULL ? "" : a->data,
           (int)b->length,
           b->data == NULL ? "" : b->data);
    return false;
}

static bool outputs_agree(const Outputs *a, const Outputs *b) {
    if (a->status != b->status) {
        printf("exit status %d generated, %d interpreted\n", a->status, b->status);
        return false;
    }
    return is_same("rows", &a->printed, &b->printed) &&
           is_same("ledgers", &a->ledger, &b->ledger) &&
           is_same("rejections", &a->rejected, &b->rejected) &&
           is_same("rows beside", &a->side, &b->side);
}

// --- cases for DuckDB
// -------------------------------------------------------------------------------
static void file_write(Sys *sys, const char *folder, const char *name, const Buffer *bytes) {
    Arena arena = {0};
    const char *path = arena_format(&arena, "%s/%s", folder, name);
    ASSERT(sys_write_new(sys, path, bytes->data == NULL ? "" : bytes->data, bytes->length) ==
           OUTCOME_OK);
    arena_free(&arena);
}

static void
sql_case_write(Sys *disk, const char *folder, const Case *made, const Outputs *outputs) {
    Arena arena = {0};
    const char *path = arena_format(&arena, "%s/%llu", folder, (unsigned long long)made->seed);
    ASSERT(sys_make_directories(disk, path) == OUTCOME_OK);
    file_write(disk, path, "rows.ndjson", &made->data);
    file_write(disk, path, "others.ndjson", &made->others);
    file_write(disk, path, "program.flow", &made->program);
    file_write(disk, path, "question.sql", &made->sql);
    file_write(disk, path, "answer.ndjson", &outputs->printed);
    arena_free(&arena);
}

// --- main
// -----------------------------------------------------------------------------------------
typedef struct Options {
    uint64_t seed;
    uint64_t count;
    const char *sql;
    bool show;
} Options;

typedef enum Verdict { AGREED, SKIPPED, DIFFERED } Verdict;

static Verdict case_run(const Options *options, Sys *disk, uint64_t seed) {
    Case made;
    case_make(seed, &made);
    if (options->show) {
        printf("%s\n%s\n%s\n",
               buffer_cstring(&made.program),
               buffer_cstring(&made.data),
               buffer_cstring(&made.sql));
    }
    Outputs generated = {0};
    Outputs interpreted = {0};
    Verdict verdict = SKIPPED;
    if (run(&made, GENERATED, &generated) && run(&made, INTERPRETED, &interpreted)) {
        verdict = outputs_agree(&generated, &interpreted) ? AGREED : DIFFERED;
    }
    if (verdict == DIFFERED) {
        const char *off = rewrites_off(seed);
        printf("seed %llu, without %s: repeat with --seed %llu --count 1 --show\n%s\n",
               (unsigned long long)seed,
               off == NULL ? "nothing" : off,
               (unsigned long long)seed,
               buffer_cstring(&made.program));
    }
    if (verdict == AGREED && made.has_sql && options->sql != NULL && generated.status == 0) {
        sql_case_write(disk, options->sql, &made, &generated);
    }
    outputs_free(&generated);
    outputs_free(&interpreted);
    case_free(&made);
    return verdict;
}

static Options options_parse(int argc, char **argv) {
    Options options = {.seed = 1, .count = 2000};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (str_equal(argv[i], "--show")) {
            options.show = true;
        } else if (str_equal(argv[i], "--seed")) {
            options.seed = strtoull(value, NULL, 10);
            i++;
        } else if (str_equal(argv[i], "--count")) {
            options.count = strtoull(value, NULL, 10);
            i++;
        } else if (str_equal(argv[i], "--sql")) {
            options.sql = value;
            i++;
        }
    }
    return options;
}

int main(int argc, char **argv) {
    Options options = options_parse(argc, argv);
    Sys *disk = sys_posix_new(NULL);
    uint64_t counts[3] = {0};
    for (uint64_t i = 0; i < options.count; i++) {
        counts[case_run(&options, disk, options.seed + i)]++;
    }
    sys_posix_free(disk);
    printf("%llu cases from seed %llu: %llu agree, %llu differ, %llu refused by the checker\n",
           (unsigned long long)options.count,
           (unsigned long long)options.seed,
           (unsigned long long)counts[AGREED],
           (unsigned long long)counts[DIFFERED],
           (unsigned long long)counts[SKIPPED]);
    bool too_many_skipped =
        options.count >= 100 && counts[SKIPPED] * 100 > options.count * SKIPPED_PERCENT_MAX;
    return counts[DIFFERED] > 0 || too_many_skipped ? 1 : 0;
}
