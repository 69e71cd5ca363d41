// Runs to files.
#include "checkpoint/run_file.h"
#include "checkpoint/run_form.h"

const char *run_path(Arena *arena, const RunPlace *place, const char *name) {
    return arena_format(arena, "%s/%s", place->directory, name);
}

int state_key_order(const StateEntry *a, const StateEntry *b) {
    return bytes_order(a->key, a->key_length, b->key, b->key_length);
}

Hash128 run_hash_chain(Hash128 hash, Hash128 block) {
    uint64_t both[] = {hash.low, hash.high, block.low, block.high};
    return hash128(both, sizeof(both));
}

static Outcome bytes_append(RunWriter *writer, const Buffer *bytes) {
    writer->ref.bytes += (int64_t)bytes->length;
    return sys_append(writer->place->sys, writer->file, bytes->data, bytes->length);
}

static Outcome block_end(RunWriter *writer) {
    Buffer *block = &writer->block;
    if (block->length == 0) {
        return OUTCOME_OK;
    }
    buffer_clear(&writer->frame);
    frame_integer_append(&writer->frame, block->length, 4);
    frame_integer_append(&writer->frame, crc32c(0, block->data, block->length), 4);
    writer->ref.hash = run_hash_chain(writer->ref.hash, hash128(block->data, block->length));
    TRY(bytes_append(writer, &writer->frame));
    TRY(bytes_append(writer, block));
    buffer_clear(block);
    return OUTCOME_OK;
}

Outcome
run_write_begin(RunWriter *writer, const RunPlace *place, int64_t slot, int64_t incarnation) {
    Arena arena = {0};
    FrameHeader header = {
        .magic = RUN_MAGIC,
        .slot = slot,
        .incarnation = incarnation,
        .body_length = FRAME_OPEN_END,
    };
    writer->place = place;
    frame_header_append(&writer->frame, &header, place->uuid);
    Outcome outcome = sys_open(
        place->sys, run_path(&arena, place, writer->ref.name), SYS_CREATE_NEW, &writer->file);
    arena_free(&arena);
    return outcome == OUTCOME_OK ? bytes_append(writer, &writer->frame) : outcome;
}

static void order_check(RunWriter *writer, const StateEntry *entry) {
    StateEntry last = {.key = writer->last_key.data, .key_length = writer->last_key.length};
    ASSERT(writer->ref.entries == 0 || state_key_order(&last, entry) < 0);
    buffer_clear(&writer->last_key);
    buffer_append(&writer->last_key, entry->key, entry->key_length);
}

Outcome run_write_put(RunWriter *writer, const StateEntry *entry) {
    Buffer *block = &writer->block;
    size_t value_length = entry->value == NULL ? 0 : entry->value_length;
    size_t length = RUN_ENTRY_BYTES + entry->key_length + value_length;
    ASSERT(length <= RUN_BLOCK_BYTES_MAX);
    order_check(writer, entry);
    if (block->length + length > RUN_BLOCK_BYTES) {
        TRY(block_end(writer));
    }
    frame_integer_append(block, entry->key_length, 4);
    frame_integer_append(block, entry->value == NULL ? RUN_REMOVED : value_length, 4);
    buffer_append(block, entry->key, entry->key_length);
    buffer_append(block, entry->value, value_length);
    writer->ref.entries++;
    return OUTCOME_OK;
}

Outcome run_write_end(RunWriter *writer) {
    Sys *sys = writer->place->sys;
    TRY(block_end(writer));
    FrameFooter footer = {
        .hash = writer->ref.hash,
        .body_length = (uint64_t)writer->ref.bytes - FRAME_HEADER_BYTES,
    };
    buffer_clear(&writer->frame);
    frame_footer_append(&writer->frame, &footer);
    TRY(bytes_append(writer, &writer->frame));
    TRY(sys_sync(sys, writer->file));
    SysFile *file = writer->file;
    writer->file = NULL;
    return sys_close(sys, file);
}

void run_write_close(RunWriter *writer) {
    if (writer->file != NULL) {
        Sys *sys = writer->place->sys;
        Failure kept = sys->failure;
        Arena arena = {0};
        // Nobody refers to it: what goes wrong here leaves garbage, which is collected later.
        (void)!sys_close(sys, writer->file);
        (void)!sys_unlink(sys, run_path(&arena, writer->place, writer->ref.name));
        arena_free(&arena);
        sys->failure = kept;
    }
    buffer_free(&writer->block);
    buffer_free(&writer->frame);
    buffer_free(&writer->last_key);
}
