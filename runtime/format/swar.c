// The tables of swar.h, and what is too long to be inlined.
#include "format/swar.h"

const int64_t swar_power10[19] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

#define ALL UINT64_MAX
const uint64_t swar_low_masks[17] = {
    0,
    ALL >> 56,
    ALL >> 48,
    ALL >> 40,
    ALL >> 32,
    ALL >> 24,
    ALL >> 16,
    ALL >> 8,
    ALL,
    ALL,
    ALL,
    ALL,
    ALL,
    ALL,
    ALL,
    ALL,
    ALL,
};
const uint64_t swar_high_masks[17] = {
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    ALL >> 56,
    ALL >> 48,
    ALL >> 40,
    ALL >> 32,
    ALL >> 24,
    ALL >> 16,
    ALL >> 8,
    ALL,
};

// Fewer than eight digits are fine here too.
Digits digits_read_long(const char *p) {
    int64_t value = 0;
    uint64_t total = 0;
    for (;;) {
        uint64_t digits = load_u64(p + total) ^ SWAR_ZEROS;
        uint32_t count = digits_count(digits);
        if (total == 16 && count > 2) {
            return (Digits){0, 19};
        }
        if (count < 8) {
            value = value * swar_power10[count] + (int64_t)digits_value(digits, count);
            return (Digits){value, total + count};
        }
        value = value * 100000000 + (int64_t)digits8_value(digits);
        total += 8;
    }
}
