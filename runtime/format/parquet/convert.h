// convert: from a file's physical values to the values of a Flow column.
//
// Private to parquet. What is to be done is settled once for a column, when it is opened; then it
// is done for many dense values at a time.
#ifndef FLOW_PARQUET_CONVERT_H
#define FLOW_PARQUET_CONVERT_H

#include "format/parquet/words.h"

// A BYTE_ARRAY or FIXED value, where it lies in a page.
typedef struct ParquetSlice {
    const uint8_t *data;
    uint32_t length;
} ParquetSlice;

typedef enum ParquetConvert {
    PARQUET_CONVERT_COPY,    // the bytes are the same
    PARQUET_CONVERT_INTEGER, // between integer widths, units and small decimals
    PARQUET_CONVERT_WIDE,    // to a decimal, from anything
    PARQUET_CONVERT_FLOAT,   // FLOAT to float64
    PARQUET_CONVERT_HALF,    // FLOAT16
    PARQUET_CONVERT_INT96,
    PARQUET_CONVERT_TEXT, // verified
    PARQUET_CONVERT_BYTES,
    PARQUET_CONVERT_ENUM,
} ParquetConvert;

typedef struct ParquetConversion {
    ParquetConvert kind;
    ParquetType physical;
    bool is_unsigned;
    const FlowTypeDesc *type;
    uint32_t width;     // bytes of a Flow value
    int64_t divisor;    // NANOS: 1000
    int64_t multiplier; // MILLIS: 1000; decimals: a power of ten
    int64_t min;        // of the result
    int64_t max;
    int32_t scale; // decimals: of the file
} ParquetConversion;

// Why a value is none of the column's type.
typedef enum ParquetFault {
    PARQUET_FAULT_NONE,
    PARQUET_FAULT_RANGE,
    PARQUET_FAULT_ENUM,
    PARQUET_FAULT_UTF8,
    PARQUET_FAULT_CALENDAR,
    // of rows:
    PARQUET_FAULT_NULL,
    PARQUET_FAULT_MISSING,
    PARQUET_FAULT_KIND,
    PARQUET_FAULT_UNKNOWN, // the file has columns that nobody looks for
    PARQUET_FAULT_SIZE,    // more items than NESTED_ITEMS_MAX
} ParquetFault;
const char *parquet_fault_text(ParquetFault fault); // of a value

// False: the file's column cannot become this type.
bool parquet_conversion_of(const ParquetElement *element,
                           const FlowTypeDesc *type,
                           bool is_julian,
                           ParquetConversion *conversion);

// Plain integers as instants, in units of `unit_us` microseconds.
bool parquet_conversion_of_number(const ParquetElement *element,
                                  const FlowTypeDesc *type,
                                  int64_t unit_us,
                                  ParquetConversion *conversion);

// Whether all values that fit have the same bytes here and there; and whether these, copied, do
// fit.
bool parquet_is_copy(const ParquetConversion *conversion);
bool parquet_copy_fits(const ParquetConversion *conversion, const void *values, uint32_t count);
// NONE, or what is wrong with a value. With `faults`, a byte for each value, it is said of every
// value, and the others are converted all the same. `physical` holds 1 byte (BOOLEAN), 4, 8 or 12
// bytes a value, or ParquetSlices; `out` the column's values. Texts borrow the bytes of the slices.
ParquetFault parquet_convert(const ParquetConversion *conversion,
                             const void *physical,
                             uint32_t count,
                             void *out,
                             uint8_t *faults);

#endif
