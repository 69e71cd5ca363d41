// Views and UTF-8: the two things that every string passes through, so both have a fast path.
#include "scalar/scalar.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

FlowView view_of(const char *bytes, size_t length) {
    ASSERT(length <= UINT32_MAX);
    FlowView view;
    memset(&view, 0, sizeof(view)); // Equal short strings must be equal 16 bytes.
    view.length = (uint32_t)length;
    if (length <= FLOW_VIEW_INLINE_MAX) {
        if (length > 0) {
            memcpy((char *)&view + offsetof(FlowView, prefix), bytes, length);
        }
        return view;
    }
    memcpy(view.prefix, bytes, sizeof(view.prefix));
    view.data = bytes;
    return view;
}

int view_compare(const FlowView *a, const FlowView *b) {
    uint32_t shorter = a->length < b->length ? a->length : b->length;
    int order = shorter == 0 ? 0 : memcmp(flow_view_data(a), flow_view_data(b), shorter);
    if (order != 0) {
        return order < 0 ? -1 : 1;
    }
    return (a->length > b->length) - (a->length < b->length);
}

// Bytes at the start that are ASCII, counted in whole vectors.
static size_t ascii_prefix(const char *bytes, size_t length) {
    size_t done = 0;
#if defined(__SSE2__)
    while (length - done >= 16) {
        __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(bytes + done));
        if (_mm_movemask_epi8(part) != 0) {
            return done;
        }
        done += 16;
    }
#else
    while (length - done >= 8) {
        uint64_t part;
        memcpy(&part, bytes + done, sizeof(part));
        if ((part & 0x8080808080808080u) != 0) {
            return done;
        }
        done += 8;
    }
#endif
    return done;
}

static bool is_tail(uint8_t byte) {
    return (byte & 0xC0u) == 0x80u;
}

// Bytes of the code point at `at`, 0 if it is none. Overlong forms, surrogates and what lies past
// U+10FFFF are caught by the range of the second byte.
static size_t sequence_length(const uint8_t *at, size_t left) {
    uint8_t first = at[0];
    if (first < 0x80u) {
        return 1;
    }
    if (first < 0xC2u || first > 0xF4u) {
        return 0;
    }
    size_t wanted = first < 0xE0u ? 2 : first < 0xF0u ? 3 : 4;
    if (left < wanted) {
        return 0;
    }
    uint8_t low = first == 0xE0u ? 0xA0u : first == 0xF0u ? 0x90u : 0x80u;
    uint8_t high = first == 0xEDu ? 0x9Fu : first == 0xF4u ? 0x8Fu : 0xBFu;
    if (at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < wanted; i++) {
        if (!is_tail(at[i])) {
            return 0;
        }
    }
    return wanted;
}

bool utf8_is_valid(const char *bytes, size_t length) {
    size_t at = ascii_prefix(bytes, length);
    while (at < length) {
        size_t step = sequence_length((const uint8_t *)bytes + at, length - at);
        if (step == 0) {
            return false;
        }
        at += step;
        if (step == 1) {
            at += ascii_prefix(bytes + at, length - at);
        }
    }
    return true;
}

size_t utf8_length(const char *bytes, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        count += !is_tail((uint8_t)bytes[i]);
    }
    return count;
}

size_t utf8_skip(const char *bytes, size_t length, size_t count) {
    size_t at = 0;
    while (at < length && count > 0) {
        at++;
        while (at < length && is_tail((uint8_t)bytes[at])) {
            at++;
        }
        count--;
    }
    return at;
}

bool text_is_name(const char *text) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return strspn(text, letters) > 0 && text[strspn(text, all)] == '\0';
}
