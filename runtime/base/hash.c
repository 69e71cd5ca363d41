// Checksums of files (CRC-32C) and hashes of keys, names and contents (xxh3). Both are part of what
// is written to disk, so they are the same on every machine.
#include "base/base.h"

#define XXH_INLINE_ALL // most keys are short: the call would cost as much as the hash
#include <xxhash.h>

// CRC-32C of the sixteen nibbles, reflected polynomial 0x82F63B78: small enough to be read, and
// only machines without the instruction use it.
static const uint32_t crc_nibbles[16] = {
    0x00000000,
    0x105EC76F,
    0x20BD8EDE,
    0x30E349B1,
    0x417B1DBC,
    0x5125DAD3,
    0x61C69362,
    0x7198540D,
    0x82F63B78,
    0x92A8FC17,
    0xA24BB5A6,
    0xB21572C9,
    0xC38D26C4,
    0xD3D3E1AB,
    0xE330A81A,
    0xF36E6F75,
};

static uint32_t crc32c_table(uint32_t crc, const uint8_t *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ crc_nibbles[crc & 15];
        crc = (crc >> 4) ^ crc_nibbles[crc & 15];
    }
    return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t
crc32c_machine(uint32_t crc, const uint8_t *bytes, size_t length) {
    uint64_t wide = crc;
    for (; length >= 8; length -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof(word));
        wide = _mm_crc32_u64(wide, word);
    }
    crc = (uint32_t)wide;
    for (; length > 0; length--, bytes++) {
        crc = _mm_crc32_u8(crc, *bytes);
    }
    return crc;
}

static bool has_machine_crc(void) {
    return __builtin_cpu_supports("sse4.2");
}
#else
static uint32_t crc32c_machine(uint32_t crc, const uint8_t *bytes, size_t length) {
    return crc32c_table(crc, bytes, length);
}

static bool has_machine_crc(void) {
    return false;
}
#endif

uint32_t crc32c(uint32_t crc, const void *bytes, size_t length) {
    return has_machine_crc() ? ~crc32c_machine(~crc, bytes, length)
                             : ~crc32c_table(~crc, bytes, length);
}

uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
    return ~crc32c_table(~crc, bytes, length);
}

uint64_t hash64(const void *bytes, size_t length) {
    return XXH3_64bits(bytes, length);
}

Hash128 hash128(const void *bytes, size_t length) {
    XXH128_hash_t hash = XXH3_128bits(bytes, length);
    return (Hash128){hash.low64, hash.high64};
}

// High half first, as xxhsum prints it.
void hash128_hex(Hash128 hash, char text[33]) {
    snprintf(
        text, 33, "%016llx%016llx", (unsigned long long)hash.high, (unsigned long long)hash.low);
}
