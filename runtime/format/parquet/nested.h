// nested: a column of lists, maps or structs that is being read: values put together from leaves.
//
// Private to parquet. Every leaf below the column has a cursor; a row takes from each the positions
// that belong to it. The FlowNested values lie in the batch's arena, their texts in pages that stay
// until the next read.
#ifndef FLOW_PARQUET_NESTED_H
#define FLOW_PARQUET_NESTED_H

#include "format/parquet/cursor.h"

typedef struct ParquetNested ParquetNested;

// Why a row is none; the first column's fault counts.
typedef struct ParquetRowFaults {
    bool has_any;
    uint8_t kinds[PARQUET_READ_MAX];    // ParquetFault
    uint16_t columns[PARQUET_READ_MAX]; // that was wanted
} ParquetRowFaults;

static inline void
parquet_row_fault(ParquetRowFaults *faults, uint32_t row, ParquetFault fault, uint32_t column) {
    faults->has_any = true;
    if (faults->kinds[row] == PARQUET_FAULT_NONE) {
        faults->kinds[row] = (uint8_t)fault;
        faults->columns[row] = (uint16_t)column;
    }
}

typedef struct ParquetNestedOptions {
    ParquetFile *file;
    ParquetLeafScratch *scratch;
    const FlowTypeDesc *type;
    uint32_t column;          // its number among the wanted ones
    ParquetRowFaults *faults; // NULL: the first fault refuses the file
} ParquetNestedOptions;

// NULL: the file's column has another shape.
ParquetNested *parquet_nested_new(const ParquetNestedOptions *options,
                                  const ParquetSchemaNode *node);
NODISCARD Outcome parquet_nested_chunk(ParquetNested *nested, const ParquetGroupMeta *group);
// Rows row .. of the target. On failure those before *row were read.
NODISCARD Outcome parquet_nested_read(ParquetNested *nested,
                                      const FlowColumn *target,
                                      uint32_t *row,
                                      uint32_t row_count,
                                      Arena *arena);
void parquet_nested_abandon(ParquetNested *nested); // what is left of the chunk
void parquet_nested_release(ParquetNested *nested);
void parquet_nested_free(ParquetNested *nested);

#endif
