// Runs from files. A run that a manifest refers to was durable before the manifest was, so what is
// wrong with one is corruption: it is told with file and offset, and nothing is guessed.
#include "checkpoint/run_file.h"
#include "checkpoint/run_form.h"

static Outcome refuse(const RunReader *reader, const FrameDamage *damage) {
    return sys_fail(reader->place->sys,
                    OUTCOME_REFUSED,
                    "%s %s/%s: at byte %zu: %s",
                    damage->code,
                    reader->place->directory,
                    reader->ref->name,
                    damage->offset,
                    damage->text);
}

static Outcome corrupt(const RunReader *reader, int64_t offset, const char *text) {
    FrameDamage damage = {0};
    frame_damaged(&damage, (size_t)offset, "%s", text);
    return refuse(reader, &damage);
}

static Outcome bytes_read(RunReader *reader, int64_t offset, char *bytes, size_t length) {
    size_t got = 0;
    TRY(sys_read(reader->place->sys, reader->file, offset, bytes, length, &got));
    return got == length ? OUTCOME_OK : corrupt(reader, offset, "the file ends too early");
}

static Outcome header_read(RunReader *reader) {
    char bytes[FRAME_HEADER_BYTES];
    FrameHeader header = {.magic = RUN_MAGIC};
    FrameDamage damage = {0};
    TRY(bytes_read(reader, 0, bytes, sizeof(bytes)));
    reader->offset = FRAME_HEADER_BYTES;
    return frame_header_read(bytes, reader->place->uuid, &header, &damage)
               ? OUTCOME_OK
               : refuse(reader, &damage);
}

Outcome run_read_begin(RunReader *reader, const RunPlace *place, const RunRef *ref) {
    *reader = (RunReader){.place = place, .ref = ref};
    const char *path = run_path(&reader->arena, place, ref->name);
    SysStat stat;
    TRY(sys_stat(place->sys, path, &stat));
    if (!stat.exists || stat.size_bytes != ref->bytes) {
        return corrupt(reader,
                       stat.exists ? stat.size_bytes : 0,
                       stat.exists ? "its length is not that of the manifest"
                                   : "the file is missing");
    }
    TRY(sys_open(place->sys, path, SYS_READ, &reader->file));
    return header_read(reader);
}

// Behind the last block: what was read is what the manifest refers to.
static Outcome end_check(RunReader *reader) {
    char bytes[FRAME_FOOTER_BYTES];
    FrameFooter footer = {0};
    FrameDamage damage = {0};
    TRY(bytes_read(reader, reader->offset, bytes, sizeof(bytes)));
    if (!frame_footer_read(bytes, (size_t)reader->offset, &footer, &damage)) {
        return refuse(reader, &damage);
    }
    const RunRef *ref = reader->ref;
    bool is_same = reader->hash.low == ref->hash.low && reader->hash.high == ref->hash.high &&
                   footer.hash.low == ref->hash.low && footer.hash.high == ref->hash.high &&
                   reader->entries == ref->entries;
    return is_same ? OUTCOME_OK
                   : corrupt(reader, reader->offset, "it is not the run that was written");
}

static Outcome block_read(RunReader *reader) {
    char header[RUN_BLOCK_HEADER_BYTES];
    int64_t rest = reader->ref->bytes - FRAME_FOOTER_BYTES - reader->offset;
    TRY(bytes_read(reader, reader->offset, header, sizeof(header)));
    int64_t length = (int64_t)frame_integer_at(header, 4);
    if (length > rest - RUN_BLOCK_HEADER_BYTES || length > RUN_BLOCK_BYTES_MAX) {
        return corrupt(reader, reader->offset, "a block is longer than the rest of the file");
    }
    buffer_clear(&reader->block);
    buffer_reserve(&reader->block, (size_t)length);
    TRY(bytes_read(
        reader, reader->offset + RUN_BLOCK_HEADER_BYTES, reader->block.data, (size_t)length));
    reader->block.length = (size_t)length;
    if (crc32c(0, reader->block.data, (size_t)length) != frame_integer_at(header + 4, 4)) {
        return corrupt(reader, reader->offset, "the crc32c of a block is another");
    }
    reader->hash = run_hash_chain(reader->hash, hash128(reader->block.data, (size_t)length));
    reader->offset += RUN_BLOCK_HEADER_BYTES + length;
    reader->at = 0;
    return OUTCOME_OK;
}

static Outcome entry_read(RunReader *reader) {
    const Buffer *block = &reader->block;
    size_t rest = block->length - reader->at;
    const char *at = block->data + reader->at;
    uint64_t key_length = rest < RUN_ENTRY_BYTES ? rest : frame_integer_at(at, 4);
    uint64_t told = rest < RUN_ENTRY_BYTES ? 0 : frame_integer_at(at + 4, 4);
    uint64_t value_length = told == RUN_REMOVED ? 0 : told;
    if (RUN_ENTRY_BYTES + key_length + value_length > rest) {
        return corrupt(reader, reader->offset, "an entry is cut off");
    }
    reader->entry = (StateEntry){
        .key = at + RUN_ENTRY_BYTES,
        .key_length = key_length,
        .value = told == RUN_REMOVED ? NULL : at + RUN_ENTRY_BYTES + key_length,
        .value_length = value_length,
    };
    reader->at += RUN_ENTRY_BYTES + key_length + value_length;
    reader->entries++;
    return OUTCOME_OK;
}

Outcome run_read_next(RunReader *reader) {
    reader->has_entry = reader->at < reader->block.length ||
                        reader->offset < reader->ref->bytes - FRAME_FOOTER_BYTES;
    if (!reader->has_entry) {
        return end_check(reader);
    }
    if (reader->at == reader->block.length) {
        TRY(block_read(reader));
    }
    return entry_read(reader);
}

void run_read_close(RunReader *reader) {
    if (reader->file != NULL) {
        Failure kept = reader->place->sys->failure;
        // Nothing was written: an error of this close loses nothing.
        (void)!sys_close(reader->place->sys, reader->file);
        reader->place->sys->failure = kept;
    }
    buffer_free(&reader->block);
    arena_free(&reader->arena);
}
