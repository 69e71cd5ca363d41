// The protocol over the manifest log: RECOVER (R1 to R5), DECIDE, the mark after COMMIT, GC.
//
// The order of the steps is that of the checked model; each that looks superfluous closes one of
// its counterexamples (docs/decisions/011-manifest-log.md). Without a directory the same state
// moves in memory and the log is left out.
#include "checkpoint/checkpoint.h"

#include "checkpoint/format_file.h"
#include "checkpoint/manifest_log.h"

enum { LOCK_BYTES_MAX = 256 };

struct Checkpoint {
    Sys *sys;
    Arena arena;
    const char *plan_hash;
    const char *directory;
    const char *lock_path; // NULL: in memory
    ManifestLog log;
    CheckpointFormat format;
    int64_t incarnation;
    ManifestRef head;       // our newest slot
    ManifestRef last_epoch; // slot 0: none
    CheckpointEpoch last;
    Arena last_arena; // of an epoch that this run has decided
    bool is_last_committed;
};

static bool is_durable(const Checkpoint *checkpoint) {
    return checkpoint->lock_path != NULL;
}

// No cleanup, no acknowledgement, no collection: the log belongs to another run now.
static Outcome fenced(Checkpoint *checkpoint) {
    sys_poison(checkpoint->sys);
    return sys_fail(checkpoint->sys,
                    OUTCOME_FENCED,
                    "%s: another run has taken over this checkpoint",
                    checkpoint->log.directory);
}

// --- one slot -----------------------------------------------------------------------------------

static Manifest manifest_next(const Checkpoint *checkpoint, ManifestType type) {
    return (Manifest){
        .type = type,
        .slot = checkpoint->head.slot + 1,
        .incarnation = checkpoint->incarnation,
        .previous = checkpoint->head,
        .last_epoch = checkpoint->last_epoch,
    };
}

// After the link: make it durable, then see that nothing is above. A very late link may succeed at
// a slot that was collected long ago; only the head tells.
static Outcome slot_confirm(Checkpoint *checkpoint, int64_t slot) {
    TRY(manifest_log_sync(&checkpoint->log));
    int64_t head = 0;
    TRY(manifest_log_head(&checkpoint->log, &head));
    return head == slot ? OUTCOME_OK : fenced(checkpoint);
}

// Once the link is tried, only the next run can tell whether the slot is ours: nothing that it
// might need may be cleaned up by this one.
static Outcome slot_take(Checkpoint *checkpoint, const Manifest *manifest, ManifestRef *ref) {
    ManifestPut put = MANIFEST_PUT_DONE;
    TRY(manifest_log_put(&checkpoint->log, manifest, ref, &put));
    Outcome outcome =
        put == MANIFEST_PUT_DONE ? slot_confirm(checkpoint, manifest->slot) : fenced(checkpoint);
    if (outcome != OUTCOME_OK) {
        sys_poison(checkpoint->sys);
    }
    return outcome;
}

static Outcome slot_append(Checkpoint *checkpoint, const Manifest *manifest) {
    ManifestRef ref = {.slot = manifest->slot};
    if (is_durable(checkpoint)) {
        TRY(slot_take(checkpoint, manifest, &ref));
    }
    checkpoint->head = ref;
    return OUTCOME_OK;
}

// --- recover ------------------------------------------------------------------------------------

// Who holds the lock, as far as it says; the text is for people.
static const char *lock_holder(Checkpoint *checkpoint) {
    char *text = NULL;
    size_t length = 0;
    Sys *sys = checkpoint->sys;
    Outcome outcome = sys_read_all(
        sys, &checkpoint->arena, checkpoint->lock_path, LOCK_BYTES_MAX, &text, &length);
    if (outcome != OUTCOME_OK) {
        sys_forgive(sys);
        return "";
    }
    const char *line = arena_copy(&checkpoint->arena, text, length);
    size_t line_length = strcspn(line, "\n");
    return line_length == 0 ? ""
                            : arena_format(&checkpoint->arena, " (%.*s)", (int)line_length, line);
}

static Outcome lock_take(Checkpoint *checkpoint, const char *directory) {
    bool got = false;
    TRY(sys_make_directories(checkpoint->sys, directory));
    TRY(sys_lock(checkpoint->sys, checkpoint->lock_path, &got));
    if (got) {
        return OUTCOME_OK;
    }
    const char *holder = lock_holder(checkpoint);
    checkpoint->lock_path = NULL; // Not ours to give back.
    return sys_fail(
        checkpoint->sys, OUTCOME_FENCED, "E710 %s: another instance runs%s", directory, holder);
}

// What we refer to must be durable before our slot is: otherwise a power loss could leave a slot
// above a hole.
static Outcome head_read(Checkpoint *checkpoint, Manifest *manifest) {
    int64_t head = 0;
    TRY(manifest_log_head(&checkpoint->log, &head));
    TRY(manifest_log_sync(&checkpoint->log));
    checkpoint->head = (ManifestRef){.slot = head};
    checkpoint->last_epoch = (ManifestRef){0};
    if (head == 0) {
        return OUTCOME_OK;
    }
    TRY(manifest_log_read(&checkpoint->log, &checkpoint->arena, head, manifest, &checkpoint->head));
    checkpoint->last_epoch =
        manifest->type == MANIFEST_EPOCH ? checkpoint->head : manifest->last_epoch;
    return OUTCOME_OK;
}

// A head that cannot be read is corrupt, unless it has been collected since: then the log has
// grown.
static Outcome head_read_or_moved(Checkpoint *checkpoint, bool *has_moved) {
    Manifest head = {0};
    *has_moved = false;
    Outcome outcome = head_read(checkpoint, &head);
    if (outcome != OUTCOME_REFUSED) {
        return outcome;
    }
    Failure failure = checkpoint->sys->failure;
    int64_t slot = 0;
    TRY(manifest_log_head(&checkpoint->log, &slot));
    *has_moved = slot > checkpoint->head.slot;
    checkpoint->sys->failure = *has_moved ? (Failure){0} : failure;
    return *has_moved ? OUTCOME_OK : outcome;
}

static Outcome open_try(Checkpoint *checkpoint, ManifestRef *ref, ManifestPut *put) {
    bool has_moved = false;
    TRY(head_read_or_moved(checkpoint, &has_moved));
    if (has_moved) {
        *put = MANIFEST_PUT_TAKEN;
        return OUTCOME_OK;
    }
    checkpoint->incarnation = checkpoint->head.slot + 1;
    Manifest manifest = manifest_next(checkpoint, MANIFEST_OPEN);
    return manifest_log_put(&checkpoint->log, &manifest, ref, put);
}

// R2 to R4: the fence. Whoever wanted this slot has lost.
static Outcome slot_open(Checkpoint *checkpoint, ManifestRef *before) {
    for (int attempt = 0; attempt < CHECKPOINT_OPEN_ATTEMPTS_MAX; attempt++) {
        ManifestRef ref = {0};
        ManifestPut put = MANIFEST_PUT_DONE;
        TRY(open_try(checkpoint, &ref, &put));
        if (put == MANIFEST_PUT_DONE) {
            *before = checkpoint->head;
            checkpoint->head = ref;
            return slot_confirm(checkpoint, ref.slot);
        }
    }
    return fenced(checkpoint);
}

static bool is_same_ref(ManifestRef a, ManifestRef b) {
    return a.slot == b.slot && a.hash.low == b.hash.low && a.hash.high == b.hash.high;
}

static Outcome chain_broken(Checkpoint *checkpoint, int64_t slot) {
    return sys_fail(checkpoint->sys,
                    OUTCOME_REFUSED,
                    "E702 %s/%020lld: it is not the manifest that the next slot was chained to",
                    checkpoint->log.directory,
                    (long long)slot);
}

// What one slot between the last epoch and our OPEN says.
static void slot_learn(Checkpoint *checkpoint, const Manifest *manifest) {
    if (manifest->type == MANIFEST_EPOCH) {
        checkpoint->last = manifest->epoch;
    } else if (manifest->type == MANIFEST_COMMITTED) {
        checkpoint->is_last_committed |= is_same_ref(manifest->last_epoch, checkpoint->last_epoch);
    }
}

// R5: from the slot below ours down to the last epoch, each as its successor has hashed it.
static Outcome chain_verify(Checkpoint *checkpoint, ManifestRef before) {
    ManifestRef wanted = before;
    while (checkpoint->last_epoch.slot > 0 && wanted.slot >= checkpoint->last_epoch.slot) {
        Manifest manifest = {0};
        ManifestRef found = {0};
        TRY(manifest_log_read(
            &checkpoint->log, &checkpoint->arena, wanted.slot, &manifest, &found));
        bool is_last = wanted.slot == checkpoint->last_epoch.slot;
        bool is_epoch_right =
            manifest.type == MANIFEST_EPOCH && is_same_ref(found, checkpoint->last_epoch);
        if (!is_same_ref(found, wanted) || (is_last && !is_epoch_right) ||
            manifest.previous.slot != wanted.slot - 1) {
            return chain_broken(checkpoint, wanted.slot);
        }
        slot_learn(checkpoint, &manifest);
        wanted = manifest.previous;
    }
    return OUTCOME_OK;
}

Outcome checkpoint_damaged(Checkpoint *checkpoint, Outcome outcome) {
    if (outcome != OUTCOME_REFUSED || !is_durable(checkpoint)) {
        return outcome;
    }
    Failure failure = checkpoint->sys->failure;
    int64_t head = 0;
    TRY(manifest_log_head(&checkpoint->log, &head));
    if (head > checkpoint->head.slot) {
        sys_forgive(checkpoint->sys);
        return fenced(checkpoint);
    }
    checkpoint->sys->failure = failure;
    return outcome;
}

static Outcome recover(Checkpoint *checkpoint, const char *directory, const char *program) {
    TRY(lock_take(checkpoint, directory));
    TRY(format_file_open(checkpoint->sys, directory, program, &checkpoint->format));
    format_uuid_bytes(checkpoint->format.uuid, checkpoint->log.uuid);
    // Fsyncs the directory, and with it FORMAT, also when another run had made both.
    TRY(sys_make_directories(checkpoint->sys, checkpoint->log.directory));
    ManifestRef before = {0};
    TRY(slot_open(checkpoint, &before));
    return checkpoint_damaged(checkpoint, chain_verify(checkpoint, before));
}

static void open_in_memory(Checkpoint *checkpoint) {
    sys_uuid(checkpoint->sys, checkpoint->format.uuid);
    checkpoint->incarnation = 1;
    checkpoint->head.slot = 1;
}

static Checkpoint *checkpoint_new(Sys *sys, const char *directory, const char *plan_hash) {
    Checkpoint *checkpoint = memory_alloc(sizeof(Checkpoint));
    *checkpoint = (Checkpoint){.sys = sys};
    Arena *arena = &checkpoint->arena;
    checkpoint->plan_hash = arena_string(arena, plan_hash);
    checkpoint->log.sys = sys;
    if (directory != NULL) {
        checkpoint->directory = arena_string(arena, directory);
        checkpoint->lock_path = arena_format(arena, "%s/LOCK", directory);
        checkpoint->log.directory = arena_format(arena, "%s/log", directory);
    }
    return checkpoint;
}

Outcome checkpoint_open(Sys *sys,
                        const char *directory,
                        const char *program_name,
                        const char *plan_hash,
                        Checkpoint **checkpoint) {
    *checkpoint = NULL;
    Checkpoint *opened = checkpoint_new(sys, directory, plan_hash);
    if (directory == NULL) {
        open_in_memory(opened);
        *checkpoint = opened;
        return OUTCOME_OK;
    }
    Outcome outcome = recover(opened, directory, program_name);
    if (outcome != OUTCOME_OK) {
        checkpoint_close(opened);
        return outcome;
    }
    *checkpoint = opened;
    return OUTCOME_OK;
}

void checkpoint_close(Checkpoint *checkpoint) {
    if (checkpoint == NULL) {
        return;
    }
    if (checkpoint->lock_path != NULL) {
        sys_unlock(checkpoint->sys, checkpoint->lock_path);
    }
    arena_free(&checkpoint->last_arena);
    arena_free(&checkpoint->arena);
    memory_free(checkpoint);
}

// --- what is known ------------------------------------------------------------------------------

const CheckpointEpoch *checkpoint_last(const Checkpoint *checkpoint) {
    return checkpoint->last_epoch.slot > 0 ? &checkpoint->last : NULL;
}

bool checkpoint_last_is_committed(const Checkpoint *checkpoint) {
    return checkpoint->is_last_committed;
}

const char *checkpoint_uuid(const Checkpoint *checkpoint) {
    return checkpoint->format.uuid;
}

int64_t checkpoint_next_slot(const Checkpoint *checkpoint) {
    return checkpoint->head.slot + 1;
}

int64_t checkpoint_incarnation(const Checkpoint *checkpoint) {
    return checkpoint->incarnation;
}

int64_t checkpoint_clock(Checkpoint *checkpoint) {
    int64_t now_us = sys_wall_us(checkpoint->sys);
    int64_t last_us = checkpoint_last(checkpoint) == NULL ? now_us : checkpoint->last.clock_us;
    return now_us > last_us ? now_us : last_us;
}

// No checkpoint takes a slot a microsecond, so this stays below the time that it is by then.
int64_t checkpoint_order(const Checkpoint *checkpoint) {
    return checkpoint->format.created_us + checkpoint_next_slot(checkpoint);
}

// --- decide, committed, collect -----------------------------------------------------------------

static CheckpointOutbox outbox_copy(Arena *arena, const CheckpointOutbox *outbox) {
    return (CheckpointOutbox){
        .sink = arena_string(arena, outbox->sink),
        .kind = arena_string(arena, outbox->kind),
        .bytes = arena_copy(arena, outbox->bytes, outbox->length),
        .length = outbox->length,
    };
}

static const char *text_copy(Arena *arena, const char *text) {
    return arena_string(arena, text == NULL ? "" : text);
}

static CheckpointRun run_copy(Arena *arena, const CheckpointRun *run) {
    CheckpointRun copy = *run;
    copy.operator_id = arena_string(arena, run->operator_id);
    copy.name = arena_string(arena, run->name);
    return copy;
}

static CheckpointEpoch epoch_copy(Arena *arena, const CheckpointEpoch *epoch) {
    CheckpointRun *runs = arena_array(arena, CheckpointRun, epoch->run_count);
    for (uint32_t i = 0; i < epoch->run_count; i++) {
        runs[i] = run_copy(arena, &epoch->runs[i]);
    }
    CheckpointOutbox *outboxes = arena_array(arena, CheckpointOutbox, epoch->outbox_count);
    for (uint32_t i = 0; i < epoch->outbox_count; i++) {
        outboxes[i] = outbox_copy(arena, &epoch->outboxes[i]);
    }
    return (CheckpointEpoch){
        .slot = epoch->slot,
        .clock_us = epoch->clock_us,
        .plan_hash = text_copy(arena, epoch->plan_hash),
        .ledger_json = text_copy(arena, epoch->ledger_json),
        .positions = arena_copy(arena, epoch->positions, epoch->positions_length),
        .positions_length = epoch->positions_length,
        .outboxes = outboxes,
        .outbox_count = epoch->outbox_count,
        .runs = runs,
        .run_count = epoch->run_count,
        .notes = epoch->notes == NULL ? NULL : arena_string(arena, epoch->notes),
    };
}

// Invariant I7: at most one decided epoch is not yet committed.
Outcome checkpoint_decide(Checkpoint *checkpoint, const CheckpointEpoch *epoch) {
    ASSERT(epoch->slot == checkpoint_next_slot(checkpoint));
    ASSERT(checkpoint->last_epoch.slot == 0 || checkpoint->is_last_committed);
    Manifest manifest = manifest_next(checkpoint, MANIFEST_EPOCH);
    manifest.epoch = *epoch;
    if (manifest.epoch.plan_hash == NULL) {
        manifest.epoch.plan_hash = checkpoint->plan_hash;
    }
    TRY(slot_append(checkpoint, &manifest));
    arena_reset(&checkpoint->last_arena);
    checkpoint->last = epoch_copy(&checkpoint->last_arena, &manifest.epoch);
    checkpoint->last_epoch = checkpoint->head;
    checkpoint->is_last_committed = false;
    return OUTCOME_OK;
}

// A slot of its own, taken like any other: who was fenced in between learns it here, and the new
// run commits the epoch again, which changes nothing.
Outcome checkpoint_committed(Checkpoint *checkpoint, int64_t slot) {
    ASSERT(checkpoint->last_epoch.slot == slot);
    Manifest manifest = manifest_next(checkpoint, MANIFEST_COMMITTED);
    TRY(slot_append(checkpoint, &manifest));
    checkpoint->is_last_committed = true;
    return OUTCOME_OK;
}

// The epochs that are kept, newest first. The last one is among them: its successors are the fence
// against runs that are thought dead.
static Outcome
epochs_kept(const Checkpoint *checkpoint, Arena *arena, Manifest *epochs, uint32_t *count) {
    ManifestLog log = checkpoint->log;
    ManifestRef at = checkpoint->last_epoch;
    for (*count = 0; *count < CHECKPOINT_RETAIN && at.slot > 0; (*count)++) {
        ManifestRef found = {0};
        TRY(manifest_log_read(&log, arena, at.slot, &epochs[*count], &found));
        at = epochs[*count].last_epoch;
    }
    return OUTCOME_OK;
}

const char *checkpoint_directory(const Checkpoint *checkpoint) {
    return checkpoint->directory;
}

const uint8_t *checkpoint_uuid_bytes(const Checkpoint *checkpoint) {
    return checkpoint->log.uuid;
}

Outcome checkpoint_run_names(const Checkpoint *checkpoint, Arena *arena, CheckpointNames *names) {
    Manifest epochs[CHECKPOINT_RETAIN];
    uint32_t count = 0;
    TRY(epochs_kept(checkpoint, arena, epochs, &count));
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < epochs[i].epoch.run_count; j++) {
            *vec_push(arena, names) = epochs[i].epoch.runs[j].name;
        }
    }
    return OUTCOME_OK;
}

Outcome checkpoint_collect(Checkpoint *checkpoint) {
    if (!is_durable(checkpoint) || !checkpoint->is_last_committed) {
        return OUTCOME_OK;
    }
    Arena arena = {0};
    Manifest epochs[CHECKPOINT_RETAIN];
    uint32_t count = 0;
    Outcome outcome = epochs_kept(checkpoint, &arena, epochs, &count);
    if (outcome == OUTCOME_OK) {
        int64_t floor = count == CHECKPOINT_RETAIN ? epochs[count - 1].slot : 0;
        outcome = manifest_log_collect(&checkpoint->log, floor);
    }
    arena_free(&arena);
    return outcome;
}
