// reader: batches of a flat or nested table out of a file, for the door and for rows of sources.
//
// Private to parquet.
#ifndef FLOW_PARQUET_READER_H
#define FLOW_PARQUET_READER_H

#include "format/parquet/nested.h"

typedef enum ReaderForm {
    READER_MISSING, // the file has no such column: nulls, or the default
    READER_UNREAD,  // none is looked for: it is computed
    READER_UNFIT,   // it has one that cannot become the type: only nulls fit
    READER_FLAT,
    READER_NESTED,
} ReaderForm;

typedef struct ReaderColumn {
    const FlowColumnDesc *desc;
    ReaderForm form;
    const ParquetSchemaNode *node; // in the file, or NULL
    bool has_default;              // or the table has a value for all rows of the file
    FlowValue default_value;
    int32_t of_table;          // the table's column that it is, or -1
    ParquetFault absent_fault; // MISSING: what is wrong with rows that have no value
    bool is_passed_over;       // in this row group: not wanted, and nothing can be wrong in it
    ParquetLeaf leaf;          // FLAT; UNFIT: its levels, if it has a leaf
    ParquetNested *nested;
} ReaderColumn;

struct ParquetReader {
    ParquetFile file;
    const ParquetTable *table;
    const ParquetFixed *fixed;
    ParquetLeafScratch scratch;
    ReaderColumn *columns;
    uint32_t column_count;
    bool has_nested;
    ParquetRowFaults *faults; // NULL: the first fault refuses the file
    uint32_t next_group;
    uint32_t group_end;       // row groups from here on are not read
    int64_t group_left;       // rows
    int64_t row;              // of the file: the first that parquet_reader_next has not given
    const FormatTests *tests; // of who reads a table: which row groups are passed over; or NULL
    int64_t skipped;          // rows of these
    bool is_left_out;         // the row group: only what can have faults is read of it
    uint32_t rows_next;       // how many are read at a time, if there are nested values
    uint8_t definitions[PARQUET_READ_MAX];
};

typedef struct ParquetReaderOptions {
    FormatReadFn read;
    void *user;
    int64_t file_bytes;
    const FlowColumnDesc *columns;
    uint32_t column_count;
    const FlowWire *wires;     // of each column; NULL: all are as they are called
    int64_t unit_us;           // timestamps that are plain numbers count these; 0: they do not fit
    ParquetRowFaults *faults;  // NULL: the first fault refuses the file
    const ParquetTable *table; // or NULL
    const ParquetFixed *fixed;
} ParquetReaderOptions;

NODISCARD Outcome parquet_reader_begin(const ParquetReaderOptions *options,
                                       Failure *failure,
                                       ParquetReader **reader);
// Goes forward to the row group that holds the row of this number, if it lies ahead.
void parquet_reader_seek(ParquetReader *reader, int64_t row);
bool parquet_reader_looks_for(const ParquetReader *reader, uint32_t table_column);
int32_t parquet_table_find(const ParquetTable *table, const char *name); // -1: none
// Whether rows of this chunk of the column can have faults.
bool parquet_reader_can_fault(const ParquetReader *reader,
                              const ReaderColumn *column,
                              const ParquetGroupMeta *group);

#endif
