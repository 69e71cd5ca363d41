// Files as streams. A gzip file may be several members one after the other, a zstd file several
// frames; zeros behind the last gzip member are padding, as gzip itself takes them. Damage is data,
// not an error of the environment: it ends the stream and leaves a mark.
#include "source/stream.h"

#include <zlib.h>
#include <zstd.h>

enum { INPUT_BYTES = 256 * 1024, GZIP_WINDOW_BITS = 15 + 16 };

typedef enum StreamKind { STREAM_PLAIN, STREAM_GZIP, STREAM_ZSTD } StreamKind;

struct Stream {
    Sys *sys;
    SysFile *file;
    const char *path;
    int64_t size_bytes;
    int64_t offset; // in the file
    StreamKind kind;
    bool is_broken;
    bool is_between; // members or frames: the file may end here
    char *input;     // compressed bytes; NULL for plain files
    size_t input_next;
    size_t input_end;
    z_stream gzip;
    ZSTD_DStream *zstd;
};

// --- opening -------------------------------------------------------------------------------------

static bool is_gzip(const unsigned char *bytes, size_t length) {
    return length >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

// A frame, or one that is to be skipped (0x184D2A50 .. 5F).
static bool is_zstd(const unsigned char *bytes, size_t length) {
    if (length < 4) {
        return false;
    }
    bool is_frame = bytes[0] == 0x28 && bytes[1] == 0xB5 && bytes[2] == 0x2F && bytes[3] == 0xFD;
    bool is_skipped =
        (bytes[0] & 0xF0) == 0x50 && bytes[1] == 0x2A && bytes[2] == 0x4D && bytes[3] == 0x18;
    return is_frame || is_skipped;
}

static Outcome kind_detect(Stream *stream) {
    unsigned char magic[4];
    size_t got;
    TRY(sys_read(stream->sys, stream->file, 0, magic, sizeof(magic), &got));
    if (is_gzip(magic, got)) {
        stream->kind = STREAM_GZIP;
    } else if (is_zstd(magic, got)) {
        stream->kind = STREAM_ZSTD;
    }
    return OUTCOME_OK;
}

static void *zlib_alloc(void *user, unsigned count, unsigned size) {
    (void)user;
    return memory_alloc((size_t)count * size);
}

static void zlib_free(void *user, void *memory) {
    (void)user;
    memory_free(memory);
}

static void decompression_begin(Stream *stream) {
    stream->is_between = true;
    if (stream->kind == STREAM_GZIP) {
        stream->gzip = (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free};
        ASSERT(inflateInit2(&stream->gzip, GZIP_WINDOW_BITS) == Z_OK);
    } else if (stream->kind == STREAM_ZSTD) {
        stream->zstd = ZSTD_createDStream();
        ASSERT(stream->zstd != NULL);
    }
    if (stream->kind != STREAM_PLAIN) {
        stream->input = memory_alloc(INPUT_BYTES);
    }
}

Outcome stream_open(Sys *sys, const char *path, int64_t size_bytes, Stream **stream) {
    SysFile *file;
    TRY(sys_open(sys, path, SYS_READ, &file));
    Stream *opened = memory_alloc(sizeof(Stream));
    *opened = (Stream){.sys = sys, .file = file, .path = path, .size_bytes = size_bytes};
    *stream = opened;
    TRY(kind_detect(opened)); // The caller closes what it got.
    decompression_begin(opened);
    return OUTCOME_OK;
}

Outcome stream_close(Stream *stream) {
    if (stream == NULL) {
        return OUTCOME_OK;
    }
    if (stream->kind == STREAM_GZIP) {
        inflateEnd(&stream->gzip);
    }
    ZSTD_freeDStream(stream->zstd);
    memory_free(stream->input);
    Outcome outcome = sys_close(stream->sys, stream->file);
    memory_free(stream);
    return outcome;
}

bool stream_is_broken(const Stream *stream) {
    return stream->is_broken;
}

int64_t stream_bytes_read(const Stream *stream) {
    return stream->offset;
}

// --- reading -------------------------------------------------------------------------------------

// The next bytes of the file itself.
static Outcome file_read(Stream *stream, char *bytes, size_t length, size_t *got) {
    int64_t left = stream->size_bytes - stream->offset;
    size_t wanted = (int64_t)length < left ? length : (size_t)left;
    *got = 0;
    if (wanted == 0) {
        return OUTCOME_OK;
    }
    TRY(sys_read(stream->sys, stream->file, stream->offset, bytes, wanted, got));
    if (*got < wanted) {
        return sys_fail(stream->sys,
                        OUTCOME_ENVIRONMENT,
                        "%s became shorter while it was being read",
                        stream->path);
    }
    stream->offset += (int64_t)*got;
    return OUTCOME_OK;
}

static void padding_skip(Stream *stream) {
    bool may_pad = stream->kind == STREAM_GZIP && stream->is_between;
    while (may_pad && stream->input_next < stream->input_end &&
           stream->input[stream->input_next] == '\0') {
        stream->input_next++;
    }
}

// *has_input is false at the end of the file.
static Outcome input_fill(Stream *stream, bool *has_input) {
    padding_skip(stream);
    while (stream->input_next == stream->input_end) {
        stream->input_next = 0;
        TRY(file_read(stream, stream->input, INPUT_BYTES, &stream->input_end));
        if (stream->input_end == 0) {
            break;
        }
        padding_skip(stream);
    }
    *has_input = stream->input_next < stream->input_end;
    return OUTCOME_OK;
}

static size_t gzip_step(Stream *stream, char *bytes, size_t length) {
    z_stream *gzip = &stream->gzip;
    gzip->next_in = (unsigned char *)stream->input + stream->input_next;
    gzip->avail_in = (unsigned)(stream->input_end - stream->input_next);
    gzip->next_out = (unsigned char *)bytes;
    gzip->avail_out = (unsigned)length;
    int result = inflate(gzip, Z_NO_FLUSH);
    stream->input_next = stream->input_end - gzip->avail_in;
    stream->is_between = result == Z_STREAM_END;
    stream->is_broken = result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END;
    if (result == Z_STREAM_END) {
        inflateReset(gzip);
    }
    return length - gzip->avail_out;
}

static size_t zstd_step(Stream *stream, char *bytes, size_t length) {
    ZSTD_inBuffer input = {stream->input, stream->input_end, stream->input_next};
    ZSTD_outBuffer output = {bytes, length, 0};
    size_t result = ZSTD_decompressStream(stream->zstd, &output, &input);
    stream->input_next = input.pos;
    stream->is_between = result == 0;
    stream->is_broken = ZSTD_isError(result);
    return output.pos;
}

// One step of the decompressor. *is_end: nothing more will come.
static Outcome step_read(Stream *stream, char *bytes, size_t length, size_t *got, bool *is_end) {
    bool has_input;
    *got = 0;
    TRY(input_fill(stream, &has_input));
    *is_end = !has_input && stream->is_between;
    if (*is_end) {
        return OUTCOME_OK;
    }
    *got = stream->kind == STREAM_GZIP ? gzip_step(stream, bytes, length)
                                       : zstd_step(stream, bytes, length);
    // Without input only what the decompressor still held can come; then the data broke off.
    stream->is_broken |= !has_input && *got == 0 && !stream->is_between;
    *is_end = stream->is_broken;
    return OUTCOME_OK;
}

Outcome stream_read(Stream *stream, char *bytes, size_t length, size_t *got) {
    if (stream->kind == STREAM_PLAIN) {
        return file_read(stream, bytes, length, got);
    }
    bool is_end = stream->is_broken;
    *got = 0;
    while (*got < length && !is_end) {
        size_t step;
        TRY(step_read(stream, bytes + *got, length - *got, &step, &is_end));
        *got += step;
    }
    return OUTCOME_OK;
}
