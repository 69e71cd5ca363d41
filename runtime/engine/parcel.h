// What a piece of input gives to sinks, the DLQ and the warnings while it is not its turn: kept,
// and handed over in the order of the pieces. Inside of engine.
#ifndef FLOW_ENGINE_PARCEL_H
#define FLOW_ENGINE_PARCEL_H

#include "dlq/dlq.h"
#include "record/record.h"

enum { WARNINGS_SHOWN_MAX = 5 }; // of each site, in a run

struct Run;

// Rows for one sink: a batch whose slots are the columns of the sink.
typedef struct ParcelRows {
    uint32_t sink;
    Batch *batch;
} ParcelRows;

typedef VEC(ParcelRows) ParcelBatches;

typedef struct ParcelWarning {
    int32_t site;
    const char *line;
} ParcelWarning;

// Empty batches for the parcels to come, of all pieces: under the pool's lock.
typedef struct ParcelSpare {
    Arena arena;
    ParcelBatches batches; // the one that was given back last is still in the caches
} ParcelSpare;

typedef struct Parcel {
    Arena arena;
    ParcelBatches rows; // in order; at most the last of each sink has room; NULL: given back
    VEC(DlqRecord) rejects;
    VEC(ParcelWarning) warnings; // the first of each site, as texts …
    int64_t *warned;             // … and how many of each site; NULL: none
    size_t bytes;                // about what all of it takes up
} Parcel;

// The selected rows' slots, strings and nested values included.
void parcel_emit(
    Parcel *parcel, struct Run *run, uint32_t sink, const FlowBatch *batch, const int32_t *slots);
void parcel_reject(Parcel *parcel, const DlqRecord *record);
// The line is made by the caller only where parcel_wants_warning says so.
bool parcel_wants_warning(const Parcel *parcel, int32_t site);
void parcel_warn(Parcel *parcel, const struct Run *run, int32_t site, const char *line);
void parcel_warnings_join(Parcel *parcel, const struct Run *run, const Parcel *from);
// Its rows are where they belong.
void parcel_give_back(struct Run *run, ParcelRows *rows);
void parcel_clear(Parcel *parcel, struct Run *run);
void parcel_spare_free(ParcelSpare *spare);

#endif
