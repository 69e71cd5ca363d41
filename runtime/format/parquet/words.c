// How Flow's types are stored: the table of physical and logical types, in one place for the
// writers of flat tables and of trees.
#include "format/parquet/words.h"

#include "scalar/scalar.h"

static ParquetElement
element(ParquetType type, ParquetConverted converted, ParquetLogical logical) {
    return (ParquetElement){
        .type = type,
        .converted = converted,
        .logical = logical,
        .repetition = PARQUET_OPTIONAL,
    };
}

static ParquetElement integer_element(ParquetConverted converted, int32_t bit_width) {
    ParquetElement made = element(PARQUET_TYPE_INT32, converted, PARQUET_LOGICAL_INTEGER);
    made.bit_width = bit_width;
    made.is_signed = true;
    return made;
}

static ParquetElement plain_element(ParquetType type) {
    return element(type, PARQUET_CONVERTED_NONE, PARQUET_LOGICAL_NONE);
}

// The smallest n for which 10^precision fits into n bytes of two's complement.
static int32_t decimal_bytes(int32_t precision) {
    int32_t bytes = 9; // 18 digits and fewer are INT64
    while (bytes < 16 && (u128)1 << (8 * bytes - 1) < (u128)decimal_power10(precision)) {
        bytes++;
    }
    return bytes;
}

static ParquetElement decimal_element(const FlowTypeDesc *type) {
    ParquetType physical = type->precision <= 9    ? PARQUET_TYPE_INT32
                           : type->precision <= 18 ? PARQUET_TYPE_INT64
                                                   : PARQUET_TYPE_FIXED;
    ParquetElement made = element(physical, PARQUET_CONVERTED_DECIMAL, PARQUET_LOGICAL_DECIMAL);
    made.type_length = physical == PARQUET_TYPE_FIXED ? decimal_bytes(type->precision) : 0;
    made.precision = type->precision;
    made.scale = type->scale;
    return made;
}

static ParquetElement timestamp_element(void) {
    ParquetElement made =
        element(PARQUET_TYPE_INT64, PARQUET_CONVERTED_TIMESTAMP_MICROS, PARQUET_LOGICAL_TIMESTAMP);
    made.unit = PARQUET_UNIT_MICROS;
    return made;
}

ParquetElement parquet_element_of(const FlowTypeDesc *type) {
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        return plain_element(PARQUET_TYPE_BOOLEAN);
    case FLOW_INT8:
        return integer_element(PARQUET_CONVERTED_INT_8, 8);
    case FLOW_INT16:
        return integer_element(PARQUET_CONVERTED_INT_16, 16);
    case FLOW_INT32:
        return plain_element(PARQUET_TYPE_INT32);
    case FLOW_INT64:
    case FLOW_DURATION:
        return plain_element(PARQUET_TYPE_INT64);
    case FLOW_FLOAT32:
        return plain_element(PARQUET_TYPE_FLOAT);
    case FLOW_FLOAT64:
        return plain_element(PARQUET_TYPE_DOUBLE);
    case FLOW_DECIMAL:
        return decimal_element(type);
    case FLOW_STRING:
    case FLOW_ENUM:
        return element(PARQUET_TYPE_BYTE_ARRAY, PARQUET_CONVERTED_UTF8, PARQUET_LOGICAL_STRING);
    case FLOW_BYTES:
        return plain_element(PARQUET_TYPE_BYTE_ARRAY);
    case FLOW_DATE:
        return element(PARQUET_TYPE_INT32, PARQUET_CONVERTED_DATE, PARQUET_LOGICAL_DATE);
    case FLOW_TIMESTAMP:
        return timestamp_element();
    case FLOW_LIST: // put together from leaves
    case FLOW_MAP:
    case FLOW_STRUCT:
    case FLOW_NULL:
    case FLOW_KIND_COUNT:
        break;
    }
    flow_bug(__FILE__, __LINE__, "a column of this type cannot be stored");
}

uint32_t parquet_plain_width(ParquetType type, int32_t type_length) {
    switch (type) {
    case PARQUET_TYPE_INT32:
    case PARQUET_TYPE_FLOAT:
        return 4;
    case PARQUET_TYPE_INT64:
    case PARQUET_TYPE_DOUBLE:
        return 8;
    case PARQUET_TYPE_INT96:
        return 12;
    case PARQUET_TYPE_FIXED:
        return (uint32_t)type_length;
    case PARQUET_TYPE_NONE:
    case PARQUET_TYPE_BOOLEAN:
    case PARQUET_TYPE_BYTE_ARRAY:
        return 0;
    }
    return 0;
}
