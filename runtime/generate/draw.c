// Numbers that follow from a seed and a place, so that no draw depends on another one. They are
// splitmix64's: a counter, mixed.
#include "generate/internal.h"

static uint64_t mixed(uint64_t value) {
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

static const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);

Draw draw_new(int64_t seed, int64_t row, uint64_t column, int64_t attempt) {
    uint64_t state = mixed((uint64_t)seed + golden);
    state = mixed(state ^ ((uint64_t)row + golden));
    state = mixed(state ^ (column + golden));
    return (Draw){mixed(state ^ ((uint64_t)attempt + golden))};
}

uint64_t draw_below(Draw *draw, uint64_t count) {
    draw->state += golden;
    return (uint64_t)(((u128)mixed(draw->state) * count) >> 64);
}
