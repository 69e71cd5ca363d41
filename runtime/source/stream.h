// The bytes of a file, decompressed: gzip and zstd are recognised by what the file begins with.
// Inside of source only. Nothing is read beyond the size that the file had when it was listed.
#ifndef FLOW_SOURCE_STREAM_H
#define FLOW_SOURCE_STREAM_H

#include "sys/sys.h"

typedef struct Stream Stream;

NODISCARD Outcome stream_open(Sys *sys, const char *path, int64_t size_bytes, Stream **stream);
// Up to `length` bytes, fewer only at the end; *got 0: the end. Where compressed data breaks off or
// is damaged the bytes before it are given, and stream_is_broken from then on.
NODISCARD Outcome stream_read(Stream *stream, char *bytes, size_t length, size_t *got);
bool stream_is_broken(const Stream *stream);
int64_t stream_bytes_read(const Stream *stream); // of the file, compressed
NODISCARD Outcome stream_close(Stream *stream);

#endif
