// A target of the byte fuzzer: what is done with each input, in the form that libFuzzer knows, so
// that the same file also links with -fsanitize=fuzzer.
#ifndef FLOW_FUZZ_BYTES_H
#define FLOW_FUZZ_BYTES_H

#include <stddef.h>
#include <stdint.h>

// Returns 0; what is wrong ends the process.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
// Pieces that are worth putting in, up to NULL.
extern const char *const fuzz_words[];

#endif
