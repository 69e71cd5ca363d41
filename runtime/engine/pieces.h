// Pieces of a pipeline's input, in order: cut one after the other, run by any worker, handed over
// in order again. Inside of engine.
//
// What a piece gives to the outside goes there at once when all pieces before it are handed over
// (worker_has_turn), else into its parcel. So one worker alone never fills a parcel. The first
// piece that fails, in order, decides how the run ends, and nothing behind it counts.
#ifndef FLOW_ENGINE_PIECES_H
#define FLOW_ENGINE_PIECES_H

#include "engine/parcel.h"
#include "source/source.h"

struct Worker;

typedef enum PieceState { PIECE_FREE, PIECE_RUNNING, PIECE_DONE } PieceState;

typedef struct Piece {
    PieceState state;
    uint64_t number;
    SourcePiece text;   // of a source
    DeltaPiece table;   // of a table
    uint64_t first;     // of a stage: the first result
    int64_t rows;       // that it gave
    int64_t records;    // of a source
    int64_t bytes_read; // of the source, when the piece was cut
    Batch *results;     // of groups that are not in memory: read when the piece is cut
    uint16_t *overflow; // … and which of them overflow
    Parcel parcel;
    int64_t greatest_us; // event time in it …
    bool is_timed;       // … if that is known
    int64_t before_us;   // the greatest in those before it, once they and this one are known
    Outcome outcome;
    Failure failure;
} Piece;

#define PIECE_NONE UINT64_MAX

// The pipeline's pieces: those of number `out` .. `cut` are in flight, piece k in pieces[k %
// count].
typedef struct Pieces {
    Piece *pieces;
    uint32_t count;
    uint64_t cut; // number of the next piece to be cut
    uint64_t out; // … to be handed over: read without the lock, so atomically
    uint64_t
        timed; // … whose greatest event time is not known: those before it are in `greatest_us`
    int64_t greatest_us;
    uint64_t stop; // the first one that failed, or PIECE_NONE; atomically too
    bool is_cutting;
    bool is_handing_over;
    bool is_end;
    int64_t rows_out;     // of the pieces handed over
    size_t bytes_waiting; // in parcels; atomically
    ParcelSpare spare;
} Pieces;

// Runs all pieces of the pipeline that the workers' inputs are set for.
NODISCARD Outcome pieces_run(struct Run *run);
// Whether what the worker's piece gives may go to the outside now.
bool worker_has_turn(struct Worker *worker);
// Waits for that; false: the piece does not count any more.
bool worker_await_turn(struct Worker *worker);
// After something was put into the piece's parcel: waits if too much is in there. FLOW_RUN_*.
int32_t worker_parcel_grown(struct Worker *worker, size_t bytes_before);
// Whether no piece before the worker's has failed.
bool piece_counts(const struct Worker *worker);
// The greatest event time of the worker's piece is known.
void piece_time_publish(struct Worker *worker, int64_t greatest_us);
// That of all pieces before the worker's; false: not known, or, if it waits for that, never will
// be.
bool piece_time_before(struct Worker *worker, bool waits, int64_t *greatest_us);
void pieces_init(struct Run *run);
void pieces_free(struct Run *run);

#endif
