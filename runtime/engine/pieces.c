// The order of pieces. Everything that decides is under the pool's lock; what takes long (cutting,
// running, handing over) is not, but at most one thread cuts and at most one hands over.
#include "engine/run.h"

enum { PIECES_PER_WORKER = 2 };

static uint64_t number_get(const uint64_t *number) {
    return __atomic_load_n(number, __ATOMIC_ACQUIRE);
}

static void number_set(uint64_t *number, uint64_t value) {
    __atomic_store_n(number, value, __ATOMIC_RELEASE);
}

static Piece *piece_at(const Pieces *pieces, uint64_t number) {
    return &pieces->pieces[number % pieces->count];
}

// The first failure in the order of the pieces.
static void stop_at(Pieces *pieces, uint64_t number) {
    if (number < number_get(&pieces->stop)) {
        number_set(&pieces->stop, number);
    }
}

static void failure_take(Failure *to, Failure *from) {
    if (to->outcome == OUTCOME_OK && from->outcome != OUTCOME_OK) {
        *to = *from;
    }
    from->outcome = OUTCOME_OK;
}

// --- turns ---------------------------------------------------------------------------------------

static bool is_next(const Worker *worker) {
    return number_get(&worker->run->pieces.out) == worker->piece->number;
}

bool piece_counts(const Worker *worker) {
    return number_get(&worker->run->pieces.stop) >= worker->piece->number;
}

bool worker_has_turn(Worker *worker) {
    if (!worker->has_turn && is_next(worker)) {
        worker->has_turn = true;
        worker_stop(worker, hand_over(worker->run, &worker->piece->parcel));
    }
    return worker->has_turn;
}

bool worker_await_turn(Worker *worker) {
    Tasks *tasks = worker->run->tasks;
    if (!is_next(worker)) {
        tasks_enter(tasks);
        while (!is_next(worker) && piece_counts(worker)) {
            tasks_wait(tasks);
        }
        tasks_leave(tasks);
    }
    return piece_counts(worker) && worker_has_turn(worker);
}

int32_t worker_parcel_grown(Worker *worker, size_t bytes_before) {
    Run *run = worker->run;
    size_t grown = worker->piece->parcel.bytes - bytes_before;
    size_t waiting = __atomic_add_fetch(&run->pieces.bytes_waiting, grown, __ATOMIC_RELAXED);
    if (waiting <= run->parcel_bytes_max || worker_await_turn(worker)) {
        return worker->outcome == OUTCOME_OK ? FLOW_RUN_OK : FLOW_RUN_STOP;
    }
    worker_stop(worker, OUTCOME_STOPPED); // What decides is a piece before this one.
    return FLOW_RUN_STOP;
}

// --- in --------------------------------------------------------------------------------------

static bool may_cut(const Pieces *pieces) {
    return pieces->cut - pieces->out < pieces->count && !pieces->is_cutting;
}

static bool is_over(const Run *run) {
    const Pieces *pieces = &run->pieces;
    return pieces->is_end || pieces->stop != PIECE_NONE || run_is_interrupted(run);
}

// Cuts without the lock. NULL: there is none.
static Piece *piece_cut(Run *run) {
    Pieces *pieces = &run->pieces;
    Piece *piece = piece_at(pieces, pieces->cut);
    bool has_piece = false;
    ASSERT(piece->state == PIECE_FREE);
    pieces->is_cutting = true;
    tasks_leave(run->tasks);
    piece->rows = 0;
    piece->is_timed = false;
    piece->records = 0;
    piece->failure.outcome = OUTCOME_OK;
    piece->outcome = input_cut(run, piece, &has_piece);
    tasks_enter(run->tasks);
    pieces->is_cutting = false;
    if (piece->outcome == OUTCOME_OK && !has_piece) {
        pieces->is_end = true;
        return NULL;
    }
    piece->number = pieces->cut++;
    piece->state = PIECE_RUNNING;
    return piece;
}

static Piece *piece_claim(Worker *worker) {
    Run *run = worker->run;
    Pieces *pieces = &run->pieces;
    Piece *piece = NULL;
    tasks_enter(run->tasks);
    while (piece == NULL && !is_over(run)) {
        if (may_cut(pieces)) {
            piece = piece_cut(run);
            tasks_wake(run->tasks);
        } else {
            tasks_wait(run->tasks);
        }
    }
    tasks_leave(run->tasks);
    return piece;
}

// --- out -------------------------------------------------------------------------------------

static void piece_hand_over(Run *run, Piece *piece) {
    Pieces *pieces = &run->pieces;
    Outcome outcome = hand_over(run, &piece->parcel);
    if (outcome == OUTCOME_OK && piece->outcome != OUTCOME_OK) {
        failure_take(&run->sys->failure, &piece->failure);
        outcome = piece->outcome;
    }
    outcome = outcome == OUTCOME_OK ? limit_piece_end(run, piece->records) : outcome;
    run->outcome = outcome;
    pieces->rows_out += piece->rows;
    run->progress.rows += piece->rows;
    run->progress.bytes = piece->bytes_read;
    observe_update(run);
}

// Under the lock: hands over what is next in order and done.
static void pieces_advance(Run *run) {
    Pieces *pieces = &run->pieces;
    while (!pieces->is_handing_over && run->outcome == OUTCOME_OK && pieces->out < pieces->cut) {
        Piece *piece = piece_at(pieces, pieces->out);
        if (piece->state != PIECE_DONE) {
            return;
        }
        pieces->is_handing_over = true;
        tasks_leave(run->tasks);
        piece_hand_over(run, piece);
        tasks_enter(run->tasks);
        pieces->is_handing_over = false;
        piece->state = PIECE_FREE;
        if (run->outcome != OUTCOME_OK) {
            stop_at(pieces, piece->number);
        } else {
            number_set(&pieces->out, pieces->out + 1);
        }
        tasks_wake(run->tasks);
    }
}

static void piece_done(Worker *worker, Piece *piece) {
    Run *run = worker->run;
    piece->outcome = piece->outcome != OUTCOME_OK ? piece->outcome : worker->outcome;
    failure_take(&piece->failure, &worker->sys->failure);
    tasks_enter(run->tasks);
    piece->state = PIECE_DONE;
    if (piece->outcome != OUTCOME_OK) {
        stop_at(&run->pieces, piece->number);
    }
    pieces_advance(run);
    tasks_leave(run->tasks);
}

// --- event times -----------------------------------------------------------------------------

void piece_time_publish(Worker *worker, int64_t greatest_us) {
    Run *run = worker->run;
    Pieces *pieces = &run->pieces;
    tasks_enter(run->tasks);
    worker->piece->greatest_us = greatest_us;
    worker->piece->is_timed = true;
    while (pieces->timed < pieces->cut && piece_at(pieces, pieces->timed)->is_timed) {
        Piece *next = piece_at(pieces, pieces->timed++);
        next->before_us = pieces->greatest_us;
        bool is_greater = next->greatest_us > pieces->greatest_us;
        pieces->greatest_us = is_greater ? next->greatest_us : pieces->greatest_us;
    }
    tasks_wake(run->tasks);
    tasks_leave(run->tasks);
}

bool piece_time_before(Worker *worker, bool waits, int64_t *greatest_us) {
    Run *run = worker->run;
    const Pieces *pieces = &run->pieces;
    tasks_enter(run->tasks);
    while (waits && pieces->timed < worker->piece->number && piece_counts(worker)) {
        tasks_wait(run->tasks);
    }
    bool is_known = pieces->timed >= worker->piece->number;
    bool is_next = pieces->timed == worker->piece->number;
    *greatest_us = is_next ? pieces->greatest_us : worker->piece->before_us;
    tasks_leave(run->tasks);
    return is_known;
}

// --- a worker ------------------------------------------------------------------------------------

static void worker_loop(void *user, uint32_t index, uint32_t thread) {
    Run *run = user;
    Worker *worker = &run->workers[thread];
    (void)index;
    Piece *piece;
    while ((piece = piece_claim(worker)) != NULL) {
        worker->piece = piece;
        worker->has_turn = false;
        worker->outcome = OUTCOME_OK;
        if (piece->outcome == OUTCOME_OK) {
            worker_stop(worker, input_run(worker, piece));
            worker_stop(worker, worker_groups_bound(worker));
        }
        piece_done(worker, piece);
    }
}

Outcome pieces_run(Run *run) {
    Pieces *pieces = &run->pieces;
    pieces->cut = 0;
    pieces->is_end = false;
    pieces->rows_out = 0;
    pieces->bytes_waiting = 0;
    pieces->timed = 0;
    number_set(&pieces->out, 0);
    number_set(&pieces->stop, PIECE_NONE);
    tasks_run(run->tasks, run->worker_count, worker_loop, run);
    for (uint32_t i = 0; i < pieces->count; i++) {
        // After a stop there are some that nobody hands over.
        pieces->pieces[i].state = PIECE_FREE;
        parcel_clear(&pieces->pieces[i].parcel, run);
        batch_free(pieces->pieces[i].results);
        pieces->pieces[i].results = NULL;
    }
    return run->outcome;
}

void pieces_init(Run *run) {
    // Some are done and wait, while others run.
    uint32_t count = run->worker_count == 1 ? 1 : run->worker_count * PIECES_PER_WORKER;
    run->pieces.pieces = arena_array(&run->epoch_arena, Piece, count);
    run->pieces.count = count;
}

void pieces_free(Run *run) {
    for (uint32_t i = 0; i < run->pieces.count; i++) {
        source_piece_free(&run->pieces.pieces[i].text);
        parcel_clear(&run->pieces.pieces[i].parcel, run);
    }
    parcel_spare_free(&run->pieces.spare);
}
