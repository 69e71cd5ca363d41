// Headers and the places of blocks.
#include "format/avro/file.h"
#include "format/avro/cursor.h"

enum {
    MAGIC_BYTES = 4,
    HEADER_BYTES_FIRST = 64 * 1024,
    BLOCK_HEAD_MAX = 20, // two numbers
    PIECE_BYTES_WANTED = READ_CHUNK_BYTES,
};

// What the header says, before it is known to be whole.
typedef struct Header {
    const char *schema;
    size_t schema_length;
    const char *codec;
    size_t codec_length;
    size_t length;
} Header;

// --- header --------------------------------------------------------------------------------------
static void entry_take(Header *header, AvroCursor *cursor) {
    int64_t key_length = avro_long(cursor);
    const char *key = (const char *)avro_take(cursor, key_length);
    int64_t length = avro_long(cursor);
    const char *value = (const char *)avro_take(cursor, length);
    if (value == NULL || key == NULL) {
        return;
    }
    if (key_length == 11 && memcmp(key, "avro.schema", 11) == 0) {
        header->schema = value;
        header->schema_length = (size_t)length;
    } else if (key_length == 10 && memcmp(key, "avro.codec", 10) == 0) {
        header->codec = value;
        header->codec_length = (size_t)length;
    }
}

// False: it breaks off, or is none.
static bool header_read(AvroFile *file, const uint8_t *bytes, size_t length, Header *header) {
    AvroCursor cursor = {.next = bytes, .end = bytes + length};
    const uint8_t *magic = avro_take(&cursor, MAGIC_BYTES);
    int64_t ignored;
    *header = (Header){.codec = "null", .codec_length = 4};
    if (magic == NULL || memcmp(magic, "Obj\x01", MAGIC_BYTES) != 0) {
        return false;
    }
    for (int64_t count = avro_items(&cursor, false, &ignored); count > 0;
         count = avro_items(&cursor, false, &ignored)) {
        for (int64_t i = 0; i < count && !cursor.is_damaged; i++) {
            entry_take(header, &cursor);
        }
    }
    const uint8_t *mark = avro_take(&cursor, AVRO_MARK_BYTES);
    if (mark == NULL || header->schema == NULL) {
        return false;
    }
    memcpy(file->mark, mark, AVRO_MARK_BYTES);
    header->length = (size_t)(cursor.next - bytes);
    return true;
}

// Most headers are short; of a longer one more is read until it is whole.
static Outcome header_find(AvroFile *file, Buffer *bytes, Header *header, bool *is_found) {
    int64_t most = file->bytes < AVRO_HEADER_BYTES_MAX ? file->bytes : AVRO_HEADER_BYTES_MAX;
    int64_t length = 0;
    *is_found = false;
    while (!*is_found && length < most) {
        length = length == 0 ? HEADER_BYTES_FIRST : length * 8;
        length = length < most ? length : most;
        buffer_clear(bytes);
        buffer_reserve(bytes, (size_t)length);
        TRY(file->read(file->user, 0, bytes->data, (size_t)length));
        bytes->length = (size_t)length;
        *is_found = header_read(file, (const uint8_t *)bytes->data, bytes->length, header);
    }
    return OUTCOME_OK;
}

static Outcome codec_take(AvroFile *file, const Header *header) {
    static const char *const names[] = {"null", "deflate", "snappy", "zstandard"};
    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        if (strlen(names[i]) == header->codec_length &&
            memcmp(names[i], header->codec, header->codec_length) == 0) {
            file->codec = (AvroCodec)i;
            return OUTCOME_OK;
        }
    }
    int shown = header->codec_length < 40 ? (int)header->codec_length : 40;
    return failure_set(file->failure,
                       OUTCOME_REFUSED,
                       "the Avro file's codec `%.*s` is not supported; null, deflate, snappy and "
                       "zstandard are",
                       shown,
                       header->codec);
}

static Outcome schema_take(AvroFile *file, const Header *header, bool *is_sound) {
    AvroSchemaResult result =
        avro_schema_read(&file->arena, header->schema, header->schema_length, &file->schema);
    *is_sound = result == AVRO_SCHEMA_OK;
    if (result == AVRO_SCHEMA_LARGE) {
        return failure_set(file->failure,
                           OUTCOME_REFUSED,
                           "the Avro file's schema has more than %d types",
                           AVRO_TYPES_MAX);
    }
    if (*is_sound && file->schema.root->kind != AVRO_RECORD) {
        return failure_set(file->failure,
                           OUTCOME_REFUSED,
                           "what the Avro file holds are no records with fields, which alone are "
                           "supported");
    }
    return OUTCOME_OK;
}

// --- blocks --------------------------------------------------------------------------------------
typedef struct BlockHead {
    int64_t rows;
    int64_t length; // of its content
    int64_t offset; // of its content
} BlockHead;

// Reads the head of the block at `offset`, and before it the mark of the one that ends there.
static Outcome head_read(const AvroFile *file, int64_t offset, BlockHead *head, bool *is_sound) {
    uint8_t bytes[BLOCK_HEAD_MAX];
    int64_t left = file->bytes - offset;
    size_t length = left < BLOCK_HEAD_MAX ? (size_t)left : BLOCK_HEAD_MAX;
    TRY(file->read(file->user, offset, bytes, length));
    AvroCursor cursor = {.next = bytes, .end = bytes + length};
    head->rows = avro_long(&cursor);
    head->length = avro_long(&cursor);
    head->offset = offset + (cursor.next - bytes);
    *is_sound = !cursor.is_damaged && head->rows >= 0 && head->rows <= AVRO_BLOCK_BYTES_MAX &&
                head->length >= 0 && head->length <= AVRO_BLOCK_BYTES_MAX &&
                head->length + AVRO_MARK_BYTES <= file->bytes - head->offset;
    return OUTCOME_OK;
}

static Outcome mark_check(const AvroFile *file, const BlockHead *head, bool *is_sound) {
    uint8_t mark[AVRO_MARK_BYTES];
    if (!*is_sound) {
        return OUTCOME_OK;
    }
    TRY(file->read(file->user, head->offset + head->length, mark, sizeof mark));
    *is_sound = memcmp(mark, file->mark, sizeof mark) == 0;
    return OUTCOME_OK;
}

static AvroPiece *piece_new(AvroFile *file, int64_t offset, int64_t first_row) {
    AvroPiece *piece = vec_push(&file->arena, &file->pieces);
    *piece = (AvroPiece){.offset = offset, .end = offset, .first_row = first_row};
    return piece;
}

// A block counts if the file's mark stands behind it; where it does not, nobody knows where the
// next one begins.
static Outcome pieces_find(AvroFile *file, int64_t offset) {
    int64_t rows = 0;
    bool is_sound = true;
    AvroPiece *piece = NULL;
    while (offset < file->bytes) {
        BlockHead head;
        TRY(head_read(file, offset, &head, &is_sound));
        TRY(mark_check(file, &head, &is_sound));
        if (!is_sound) {
            piece_new(file, offset, rows)->is_rest = true;
            return OUTCOME_OK;
        }
        if (piece == NULL || offset - piece->offset >= PIECE_BYTES_WANTED) {
            piece = piece_new(file, offset, rows);
        }
        offset = head.offset + head.length + AVRO_MARK_BYTES;
        piece->end = offset;
        rows += head.rows;
    }
    return OUTCOME_OK;
}

static Outcome file_open(AvroFile *file, Buffer *bytes) {
    Header header;
    bool is_sound;
    TRY(header_find(file, bytes, &header, &is_sound));
    if (is_sound) {
        TRY(codec_take(file, &header));
        TRY(schema_take(file, &header, &is_sound));
    }
    if (!is_sound) {
        piece_new(file, 0, 0)->is_rest = true;
        return OUTCOME_OK;
    }
    return pieces_find(file, (int64_t)header.length);
}

Outcome avro_file_open(AvroFile *file) {
    Buffer bytes = {0};
    Outcome outcome = file_open(file, &bytes);
    buffer_free(&bytes);
    return outcome;
}

void avro_file_close(AvroFile *file) {
    arena_free(&file->arena);
}

// More records than bytes there can only be if they are empty, and then not many.
static bool rows_are_possible(const AvroBlock *block) {
    return block->rows <= AVRO_EMPTY_ROWS_MAX || (uint64_t)block->rows <= block->length;
}

Outcome
avro_file_block(const AvroFile *file, int64_t offset, AvroUnpacker *unpacker, AvroBlock *block) {
    BlockHead head;
    bool is_sound;
    TRY(head_read(file, offset, &head, &is_sound));
    if (!is_sound) { // it was when the file was opened
        return failure_set(file->failure, OUTCOME_REFUSED, "the file changed while it was read");
    }
    AvroBlock *stored = file->codec == AVRO_CODEC_NULL ? block : &unpacker->packed;
    avro_block_reserve(block, 0); // it has an address, even if nothing comes of the unpacking
    block->length = 0;
    avro_block_reserve(stored, (size_t)head.length);
    stored->length = (size_t)head.length;
    TRY(file->read(file->user, head.offset, stored->data, stored->length));
    block->rows = head.rows;
    block->end = head.offset + head.length + AVRO_MARK_BYTES;
    block->is_damaged = head.rows > 0 && file->codec != AVRO_CODEC_NULL &&
                        !avro_unpack(unpacker, file->codec, block);
    block->is_damaged = block->is_damaged || !rows_are_possible(block);
    return OUTCOME_OK;
}
