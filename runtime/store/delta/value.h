// Values as text of a log: of partition columns (store.md 2.5) and in statistics (2.6).
//
// Internal to store.
#ifndef FLOW_STORE_DELTA_VALUE_H
#define FLOW_STORE_DELTA_VALUE_H

#include "format/parquet/parquet.h"
#include "store/delta/action.h"

// What some engines log for null.
#define DELTA_HIVE_NULL "__HIVE_DEFAULT_PARTITION__"
// A value as a partition's text. False: the text would be read as null.
bool delta_partition_text(Buffer *out, const FlowTypeDesc *type, const FlowValue *value);
// And back; strings borrow the text. False: it is none of this type.
bool delta_partition_parse(Arena *arena,
                           const FlowTypeDesc *type,
                           const DeltaPair *pair,
                           FlowValue *value);
// `name=value/…` or an opaque two-digit directory (D12), without the slash behind; "" if there are
// none.
void delta_partition_directory(Buffer *out, const DeltaMap *partition);

// A file's statistics as JSON of its first `indexed` columns.
typedef struct DeltaStatsColumn {
    const FlowColumnDesc *desc;
    ParquetColumnStats stats;
} DeltaStatsColumn;
void delta_stats_write(Buffer *out, int64_t rows, const DeltaStatsColumn *columns, uint32_t count);

// What a file's statistics say of a column; a bound that is missing or cannot be read bounds
// nothing.
typedef struct DeltaBounds {
    bool has_min;
    bool has_max;
    FlowValue min;
    FlowValue max;
} DeltaBounds;
DeltaBounds delta_stats_bounds(Arena *arena,
                               const DeltaJson *stats,
                               const char *column,
                               const FlowTypeDesc *type);
int64_t delta_stats_nulls(const DeltaJson *stats, const char *column); // -1: not said
int64_t delta_stats_rows(Arena *arena, const char *stats);             // -1: not said

// How much of a text statistics surely hold.
size_t delta_stats_text_cut(const char *text, size_t length);

#endif
