// What generated code does for every row, in C: compiled to bitcode and inlined into each pipeline,
// and once more into libflowrt.a for those who call it from C. Nothing here calls a library.
#include "abi/abi.h"

#include <string.h>

enum { MASK_BYTES = 8 };

// A mask has slack behind its last row, but its bytes there are anything: whole words go only as
// far as there are rows.
int32_t flow_h_select_dense(void *mask, int32_t row_count, void *selection) {
    const uint8_t *bytes = mask;
    int32_t *rows = selection;
    int32_t count = 0;
    int32_t row = 0;
    for (; row + MASK_BYTES <= row_count; row += MASK_BYTES) {
        uint64_t word;
        memcpy(&word, bytes + row, sizeof(word));
        if (word == 0) {
            continue;
        }
        for (int32_t i = 0; i < MASK_BYTES; i++) {
            rows[count] = row + i;
            count += bytes[row + i];
        }
    }
    for (; row < row_count; row++) {
        rows[count] = row;
        count += bytes[row];
    }
    return count;
}

int32_t flow_h_select_sparse(void *mask, void *selection, int32_t selected_count) {
    const uint8_t *bytes = mask;
    int32_t *rows = selection;
    int32_t count = 0;
    for (int32_t i = 0; i < selected_count; i++) {
        int32_t row = rows[i];
        rows[count] = row;
        count += bytes[row];
    }
    return count;
}

// Equal bytes, by words: the last word may overlap the one before.
static _Bool bytes_equal(const char *a, const char *b, int64_t length) {
    if (length < 8) {
        uint8_t differs = 0;
        for (int64_t i = 0; i < length; i++) {
            differs |= (uint8_t)(a[i] ^ b[i]);
        }
        return differs == 0;
    }
    uint64_t left;
    uint64_t right;
    for (int64_t i = 0; i + 8 <= length; i += 8) {
        memcpy(&left, a + i, sizeof(left));
        memcpy(&right, b + i, sizeof(right));
        if (left != right) {
            return 0;
        }
    }
    memcpy(&left, a + length - 8, sizeof(left));
    memcpy(&right, b + length - 8, sizeof(right));
    return left == right;
}

// Short views are equal when their 16 bytes are, because the unused ones are zero.
_Bool flow_h_view_equal(void *a, void *b) {
    uint64_t left[2];
    uint64_t right[2];
    memcpy(left, a, sizeof(left));
    memcpy(right, b, sizeof(right));
    if (left[0] != right[0]) {
        return 0; // length and first bytes
    }
    uint32_t length = ((const FlowView *)a)->length;
    if (length <= FLOW_VIEW_INLINE_MAX || left[1] == right[1]) {
        return left[1] == right[1];
    }
    return bytes_equal(((const FlowView *)a)->data, ((const FlowView *)b)->data, length);
}

int32_t flow_h_view_compare(void *a, void *b) {
    const FlowView *left = a;
    const FlowView *right = b;
    uint32_t shorter = left->length < right->length ? left->length : right->length;
    int order = memcmp(flow_view_data(left), flow_view_data(right), shorter);
    if (order == 0) {
        return (left->length > right->length) - (left->length < right->length);
    }
    return order < 0 ? -1 : 1;
}

static char *put_big_endian(char *to, uint64_t bits) {
    uint64_t swapped = __builtin_bswap64(bits);
    memcpy(to, &swapped, sizeof(swapped));
    return to + sizeof(swapped);
}

void *flow_h_key_null(void *to) {
    *(char *)to = 0;
    return (char *)to + 1;
}

void *flow_h_key_i64(void *to, int64_t value) {
    *(char *)to = 1;
    return put_big_endian((char *)to + 1, (uint64_t)value ^ UINT64_C(1) << 63);
}

void *flow_h_key_i128(void *to, void *value) {
    i128 number;
    memcpy(&number, value, sizeof(number));
    u128 bits = (u128)number ^ (u128)1 << 127;
    *(char *)to = 1;
    char *middle = put_big_endian((char *)to + 1, (uint64_t)(bits >> 64));
    return put_big_endian(middle, (uint64_t)bits);
}

void *flow_h_key_f64(void *to, void *value) {
    double number;
    memcpy(&number, value, sizeof(number));
    double canonical = number != number ? __builtin_nan("") : number == 0.0 ? 0.0 : number;
    uint64_t bits;
    memcpy(&bits, &canonical, sizeof(bits));
    *(char *)to = 1;
    return put_big_endian((char *)to + 1, (bits >> 63) != 0 ? ~bits : bits | UINT64_C(1) << 63);
}

void *flow_h_key_view(void *to, void *view) {
    const FlowView *text = view;
    const char *bytes = flow_view_data(text);
    char *at = to;
    *at++ = 1;
    for (uint32_t i = 0; i < text->length; i++) {
        *at++ = bytes[i];
        if (bytes[i] == 0) {
            *at++ = (char)0xFF;
        }
    }
    *at++ = 0;
    *at++ = 0;
    return at;
}
