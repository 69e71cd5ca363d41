// A Delta log that someone else wrote, or damaged: opened, its history and its past read. The input
// is the text of commits, one behind the other; a line `---` ends a commit.
#include "bytes.h"

#include "store/store.h"
#include "sys/sys_memory.h"

const char *const fuzz_words[] = {"{\"add\":",
                                  "\"remove\":",
                                  "\"path\":",
                                  "\"partitionValues\":{",
                                  "\"stats\":\"",
                                  "\"metaData\":",
                                  "\"protocol\":",
                                  "\"txn\":",
                                  "\\\"",
                                  "null",
                                  "-1",
                                  "1e400",
                                  "9223372036854775807",
                                  "\n---\n",
                                  "\\ud800",
                                  "[[",
                                  "}}",
                                  NULL};

static const char *commit_end(const char *text, const char *end) {
    static const char mark[] = "\n---\n";
    for (; end - text >= 5; text++) {
        if (memcmp(text, mark, 5) == 0) {
            return text;
        }
    }
    return NULL;
}

static void log_put(Sys *sys, const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    const char *end = text + size;
    for (int version = 0; version < 20 && text < end; version++) {
        const char *cut = commit_end(text, end);
        const char *stop = cut == NULL ? end : cut + 1;
        char name[64];
        snprintf(name, sizeof(name), "t/_delta_log/%020d.json", version);
        sys_memory_put(sys, name, text, (size_t)(stop - text));
        text = cut == NULL ? end : cut + 5;
    }
}

static void table_read(Sys *sys, int64_t version) {
    DeltaTable *table = NULL;
    if (delta_open(sys, "t", version, &table) != OUTCOME_OK || table == NULL) {
        return;
    }
    uint32_t column_count = delta_column_count(table);
    DeltaScan *scan = NULL;
    if (delta_scan_open(table, delta_columns(table), column_count, &scan) == OUTCOME_OK) {
        delta_scan_close(scan);
    }
    delta_close(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Sys *sys = sys_memory_new(1);
    log_put(sys, data, size);
    table_read(sys, -1);
    table_read(sys, 0);
    sys_memory_free(sys);
    return 0;
}
