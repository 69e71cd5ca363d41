// abi: what generated code, the compiler and the runtime agree on.
//
// Includes nothing. Three lists are the truth: `type.def` (kinds of scalar types), `struct.def`
// (structs, in field order) and `function.def` (functions that generated code calls). This header
// expands them into C; compiler/gen expands the same lists into LLVM types and declarations and
// checks sizes and offsets against the C ones. A change of any of them makes FLOW_ABI_VERSION
// one more, so that a runtime refuses an object made for another.
#ifndef FLOW_ABI_H
#define FLOW_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef __int128 i128;
typedef unsigned __int128 u128;

#define FLOW_ABI_VERSION 11
#define FLOW_BATCH_ROWS_MAX 4096 // rows that move together; columns have 64 rows of slack
#define FLOW_BATCH_ROWS_SLACK 64
#define FLOW_NO_INDEX (-1)

typedef enum FlowKind {
#define TYPE(name, text, width) FLOW_##name,
#include "abi/type.def"
#undef TYPE
    FLOW_KIND_COUNT,
} FlowKind;

// A string or bytes value: up to 12 bytes inline (zero padded), else a 4-byte prefix and a pointer
// to bytes that somebody else owns (the chunk it was read from, or the batch's arena).
typedef struct FlowView {
    uint32_t length;
    char prefix[4];
    union {
        char rest[8];
        const char *data;
    };
} FlowView;
#define FLOW_VIEW_INLINE_MAX 12u

// A list's elements, a map's entries (key, value, key, value, …) or a struct's fields. Immutable,
// and owned by whoever owns the strings of the same row. `count` is that of elements, entries or
// fields.
typedef struct FlowNested FlowNested;

// A lambda with the values that it takes from around it; see FlowLambdaFn.
typedef struct FlowLambda FlowLambda;

// One value of any kind, 16 bytes. BOOL is 0/1 in `i64`; all integers, DATE, TIMESTAMP, DURATION,
// ENUM codes are in `i64` sign-extended; FLOAT32 is widened into `f64`; DECIMAL is in `i128`,
// whatever its precision; STRING and BYTES in `view`.
typedef union FlowValue {
    int64_t i64;
    double f64;
    i128 i128;
    FlowView view;
    const FlowNested *nested; // LIST, MAP, STRUCT
    const FlowLambda *lambda; // argument of a built-in
} FlowValue;

struct FlowNested {
    int64_t count;
    const FlowValue *items;  // a map has two for each entry
    const uint8_t *validity; // a byte for each item, 1: there is a value; NULL: all are there
};

// Status of a scalar kernel or built-in function.
enum { FLOW_VALUE_OK = 0, FLOW_VALUE_NULL = 1, FLOW_VALUE_ERROR = 2 };

// Reactions of a check, in order of gravity.
enum {
    FLOW_REACTION_WARN = 0,
    FLOW_REACTION_DROP = 1,
    FLOW_REACTION_REJECT = 2,
    FLOW_REACTION_FAIL = 3
};

// What a generated pipeline function, an emit or a group update returns.
enum { FLOW_RUN_OK = 0, FLOW_RUN_STOP = 1 }; // STOP: ctx->runtime says why (fail, environment)

// Classes of rejection (LANGUAGE 7).
typedef enum FlowRejectClass {
    FLOW_REJECT_MALFORMED,
    FLOW_REJECT_SCHEMA,
    FLOW_REJECT_CONTRACT,
    FLOW_REJECT_EXPRESSION,
    FLOW_REJECT_LATE,
    FLOW_REJECT_SINK,
} FlowRejectClass;

// Columns of the ledger (FlowContext.counters: per flow, then per source, FLOW_COUNTER_COUNT each).
typedef enum FlowCounter {
    FLOW_COUNTER_IN,
    FLOW_COUNTER_OUT,
    FLOW_COUNTER_FILTERED,
    FLOW_COUNTER_DROPPED,
    FLOW_COUNTER_LATE,
    FLOW_COUNTER_DLQ,
    FLOW_COUNTER_WARNED,
    FLOW_COUNTER_ADDED,   // rows that unnest and joins made more: in + added = out + filtered + …
    FLOW_COUNTER_UNKNOWN, // of a source: fields of its records that the contract lacks, passed over
    FLOW_COUNTER_COUNT,
} FlowCounter;

typedef enum FlowFormat {
    FLOW_FORMAT_BY_SUFFIX,
    FLOW_FORMAT_NDJSON,
    FLOW_FORMAT_CSV,
    FLOW_FORMAT_PARQUET,
    FLOW_FORMAT_JSON,     // one document: the records are elements of an array
    FLOW_FORMAT_DEBEZIUM, // NDJSON of envelopes
    FLOW_FORMAT_DELTA,    // a table: its files are Parquet
    FLOW_FORMAT_AVRO,
} FlowFormat;
// What becomes of fields that the contract lacks.
typedef enum FlowUnknown {
    FLOW_UNKNOWN_IGNORE,
    FLOW_UNKNOWN_REJECT,
    FLOW_UNKNOWN_CAPTURE
} FlowUnknown;
// Changes that may lack a column which has to be there otherwise.
enum { FLOW_EXCUSED_DELETE = 1, FLOW_EXCUSED_TRUNCATE = 2 };
// What a setting that a param gives belongs to, and the form of its field.
typedef enum FlowOwner {
    FLOW_OWNER_PROGRAM,
    FLOW_OWNER_SOURCE,
    FLOW_OWNER_TABLE,
    FLOW_OWNER_GENERATE, // FlowSource.generate
    FLOW_OWNER_SINK,
} FlowOwner;
typedef enum FlowSettingForm {
    FLOW_SETTING_TEXT,      // STR
    FLOW_SETTING_CHARACTER, // I32: a text of one ASCII character
    FLOW_SETTING_SWITCH,    // I32: a bool
    FLOW_SETTING_SMALL,     // I32: a number
    FLOW_SETTING_NUMBER,    // I64: a number, or a duration's microseconds
    FLOW_SETTING_SIZE,      // I64: bytes; of a param that is a text, "64 MiB"
} FlowSettingForm;
typedef enum FlowTriggerKind {
    FLOW_TRIGGER_ONCE,          // one epoch, which reads everything
    FLOW_TRIGGER_AVAILABLE_NOW, // what is new at the start, then the end
    FLOW_TRIGGER_EVERY,
    FLOW_TRIGGER_CONTINUOUS,
    FLOW_TRIGGER_FILES_ARRIVE,
} FlowTriggerKind;
typedef enum FlowTimestampUnit {
    FLOW_UNIT_NONE,
    FLOW_UNIT_SECONDS,
    FLOW_UNIT_MS,
    FLOW_UNIT_US
} FlowTimestampUnit;
typedef enum FlowSinkKind {
    FLOW_SINK_TABLE_APPEND,
    FLOW_SINK_TABLE_MERGE,
    FLOW_SINK_TABLE_OVERWRITE,
    FLOW_SINK_STDOUT,
    FLOW_SINK_FILES,
    FLOW_SINK_DISCARD,
} FlowSinkKind;
// What a merge keeps of the past (LANGUAGE 3 table).
typedef enum FlowHistory { FLOW_HISTORY_SCD1, FLOW_HISTORY_SCD2 } FlowHistory;
// When a group gives its results (LANGUAGE 4 `emit`).
typedef enum FlowEmit {
    FLOW_EMIT_CLOSE,  // when the watermark has passed the window's end
    FLOW_EMIT_CHANGE, // in each epoch, those that have changed
    FLOW_EMIT_EVERY,  // those that have changed, when as much processing time is over
} FlowEmit;
// Which version of a table is read. One that is written is read as it will be after the epoch.
typedef enum FlowAsOf { FLOW_AS_OF_NOW, FLOW_AS_OF_VERSION, FLOW_AS_OF_TIMESTAMP } FlowAsOf;
typedef enum FlowInputKind {
    FLOW_INPUT_SOURCE,
    FLOW_INPUT_TABLE,
    FLOW_INPUT_GROUP,
    FLOW_INPUT_SORT,
    FLOW_INPUT_BAND,
    FLOW_INPUT_CALLED, // by FORWARD, UNNEST, JOIN or a band of another pipeline, within its run
} FlowInputKind;
typedef enum FlowJoinKind {
    FLOW_JOIN_INNER,
    FLOW_JOIN_LEFT,
    FLOW_JOIN_SEMI,
    FLOW_JOIN_ANTI,
    FLOW_JOIN_RIGHT, // of bands only, as FULL
    FLOW_JOIN_FULL
} FlowJoinKind;
// Which of the matches of a row of ours go on. NEWEST: of those near in time and of equal keys the
// last one, if it matches.
typedef enum FlowBandKeep {
    FLOW_BAND_ALL,
    FLOW_BAND_FIRST,
    FLOW_BAND_LAST,
    FLOW_BAND_NEWEST
} FlowBandKeep;
typedef enum FlowSortKind {
    FLOW_SORT_TOP,
    FLOW_SORT_DEDUP,
    FLOW_SORT_RUNNING,
    FLOW_SORT_UNIQUE,
    FLOW_SORT_FILL // texts that changes left out as unchanged
} FlowSortKind;
// What a source of envelopes writes in place of a value that it left out as unchanged.
#define FLOW_UNCHANGED_TEXT "__debezium_unavailable_value"
// What FlowProgram.dlq_limit and .retry_jitter are parts of.
#define FLOW_RATIO_WHOLE INT64_C(1000000000)
// What happened to a row, in the order of the enum that meta.operation is.
typedef enum FlowOperation {
    FLOW_OPERATION_INSERT,
    FLOW_OPERATION_UPDATE,
    FLOW_OPERATION_DELETE,
    FLOW_OPERATION_TRUNCATE,
    FLOW_OPERATION_READ
} FlowOperation;
// Extra columns of a scan, after the contract's columns.
typedef enum FlowMetaKind {
    FLOW_META_NONE,
    FLOW_META_POSITION,    // INT64: byte offset in the decompressed text, or row number
    FLOW_META_FILE,        // STRING: path below the root
    FLOW_META_INGESTED_AT, // TIMESTAMP: now()
    FLOW_META_OPERATION,   // ENUM, coded by FlowOperation
    FLOW_META_SEQUENCE,    // orders changes of a key: of its column's type; INT64 of envelopes
    FLOW_META_TIMESTAMP,   // TIMESTAMP?: of an envelope
    FLOW_META_BEFORE,      // STRUCT?: the row before the change, of an envelope; parts may be null
    FLOW_META_WATERMARK,   // TIMESTAMP: of the row's partition just before it; set by
                           // flow_rt_watermark
    FLOW_META_REPLAY, // STRING: of a record that is sent again: ",a,b,": the flows that it is for
} FlowMetaKind;
// Simple predicate that a decoder may apply before it materialises a row (FlowScanTest.op).
typedef enum FlowTestOp {
    FLOW_TEST_EQ,
    FLOW_TEST_NE,
    FLOW_TEST_LT,
    FLOW_TEST_LE,
    FLOW_TEST_GT,
    FLOW_TEST_GE
} FlowTestOp;

typedef enum FlowAggKind {
#define AGG(name, ...) FLOW_AGG_##name,
#include "abi/agg.def"
#undef AGG
    FLOW_AGG_COUNT_KINDS,
} FlowAggKind;

struct FlowContext;
struct FlowBatch;
typedef int32_t (*FlowPipelineFn)(struct FlowContext *ctx, struct FlowBatch *batch);

// --- structs, from struct.def ---------------------------------------------------------------
#define FLOW_C_I32(owner, field) int32_t field;
#define FLOW_C_I64(owner, field) int64_t field;
#define FLOW_C_STR(owner, field) const char *field;
#define FLOW_C_PTR(owner, field) void *field;
#define FLOW_C_FN(owner, field) FlowPipelineFn field;
#define STRUCT(name)                                                                               \
    typedef struct name name;                                                                      \
    struct name {
#define FIELD(owner, type, field) FLOW_C_##type(owner, field)
#define FIELD_REF(owner, field, target) const struct target *field;
#define FIELD_ARRAY(owner, field, target)                                                          \
    const struct target *field;                                                                    \
    int64_t field##_count;
#define FIELD_INTS(owner, field)                                                                   \
    const int32_t *field;                                                                          \
    int64_t field##_count;
#define END_STRUCT(name)                                                                           \
    }                                                                                              \
    ;
#include "abi/struct.def"
#undef STRUCT
#undef FIELD
#undef FIELD_REF
#undef FIELD_ARRAY
#undef FIELD_INTS
#undef END_STRUCT

// --- functions, from function.def -----------------------------------------------------------
#define FLOW_T_VOID void
#define FLOW_T_I1 _Bool
#define FLOW_T_I32 int32_t
#define FLOW_T_I64 int64_t
#define FLOW_T_PTR void *
#define FLOW_ARGS_0(...) void
#define FN(name, result, ...) FLOW_T_##result name(FLOW_FN_ARGS(__VA_ARGS__));
#define FLOW_FN_ARG(t) FLOW_T_##t
#define FLOW_FN_1(a) FLOW_T_##a
#define FLOW_FN_2(a, b) FLOW_T_##a, FLOW_T_##b
#define FLOW_FN_3(a, b, c) FLOW_FN_2(a, b), FLOW_T_##c
#define FLOW_FN_4(a, b, c, d) FLOW_FN_3(a, b, c), FLOW_T_##d
#define FLOW_FN_5(a, b, c, d, e) FLOW_FN_4(a, b, c, d), FLOW_T_##e
#define FLOW_FN_6(a, b, c, d, e, f) FLOW_FN_5(a, b, c, d, e), FLOW_T_##f
#define FLOW_FN_PICK(_1, _2, _3, _4, _5, _6, pick, ...) pick
#define FLOW_FN_ARGS(...)                                                                          \
    FLOW_FN_PICK(__VA_ARGS__, FLOW_FN_6, FLOW_FN_5, FLOW_FN_4, FLOW_FN_3, FLOW_FN_2, FLOW_FN_1, )  \
    (__VA_ARGS__)
#include "abi/function.def"
#undef FN

// A lambda's body: arguments as values with a validity byte each; returns FLOW_VALUE_*, and says in
// ctx->failed_site where it failed. `captures` are the columns around it that it reads.
typedef int32_t (*FlowLambdaFn)(FlowContext *ctx,
                                const FlowLambda *lambda,
                                const FlowValue *arguments,
                                const uint8_t *validity,
                                FlowValue *result);
struct FlowLambda {
    FlowLambdaFn run;
    const FlowValue *captures;
    const uint8_t *capture_validity;
};

// A scalar kernel: args and result as FlowValue, null already handled by the caller unless
// kernel.def says NULLS. `info` points to a constant in the object. Returns FLOW_VALUE_*.
typedef int32_t (*FlowKernelFn)(FlowContext *ctx,
                                const FlowValue *args,
                                FlowValue *result,
                                const FlowKernelInfo *info);
#define KERNEL(name)                                                                               \
    int32_t flow_rt_k_##name(FlowContext *, const FlowValue *, FlowValue *, const FlowKernelInfo *);
#include "abi/kernel.def"
#undef KERNEL

// A built-in function: FLOW_BUILTIN rows of builtin.def; one C file each in runtime/scalar/fn/.
#define BUILTIN(name, ...)                                                                         \
    int32_t flow_rt_fn_##name(                                                                     \
        FlowContext *, const FlowValue *, FlowValue *, const FlowKernelInfo *);
#include "abi/builtin.def"
#undef BUILTIN

static inline uint32_t flow_kind_width(FlowKind kind, int32_t precision) {
    static const uint8_t widths[] = {
#define TYPE(name, text, width) width,
#include "abi/type.def"
#undef TYPE
    };
    return kind == FLOW_DECIMAL && precision > 18 ? 16u : widths[kind];
}

// Bytes of an aggregate's accumulator in a group's slot, always a multiple of 8: the compiler lays
// slots out by it, the runtime keeps its forms (state/state.h) within it. COUNT's input is NULL.
static inline uint32_t flow_agg_bytes(FlowAggKind kind, FlowKind input, int32_t precision) {
    bool is_sum = kind == FLOW_AGG_SUM || kind == FLOW_AGG_AVG;
    bool is_float = input == FLOW_FLOAT32 || input == FLOW_FLOAT64;
    if (kind == FLOW_AGG_MIN || kind == FLOW_AGG_MAX) {
        return 32;
    }
    if (kind == FLOW_AGG_COUNT || kind == FLOW_AGG_COUNT_VALUES || kind == FLOW_AGG_COUNT_IF) {
        return 8;
    }
    if (!is_sum || is_float || (kind == FLOW_AGG_AVG && input != FLOW_DECIMAL)) {
        return 16;
    }
    return input == FLOW_DECIMAL && precision > 18 ? 40 : 24;
}

// Where an accumulator begins behind `end` bytes of others: that of MIN and MAX, which hold a whole
// value, at a multiple of 16.
static inline uint32_t flow_agg_offset(FlowAggKind kind, uint32_t end) {
    bool is_whole = kind == FLOW_AGG_MIN || kind == FLOW_AGG_MAX;
    return is_whole ? (end + 15) & ~UINT32_C(15) : end;
}

static inline bool flow_agg_is_ordered(FlowAggKind kind) {
    static const bool is_ordered[] = {
#define AGG(name, text, arguments, is_ordered, ...) is_ordered,
#include "abi/agg.def"
#undef AGG
    };
    return is_ordered[kind];
}

static inline uint32_t flow_agg_arguments(FlowAggKind kind) {
    static const uint8_t counts[] = {
#define AGG(name, text, arguments, ...) arguments,
#include "abi/agg.def"
#undef AGG
    };
    return counts[kind];
}

static inline const char *flow_view_data(const FlowView *view) {
    return view->length <= FLOW_VIEW_INLINE_MAX ? view->prefix : view->data;
}

#endif
