// Shared by several functions: change of case, texts as results, numbers, comparing bytes.
#include "scalar/fn/fn.h"
#include "scalar/number.h"

bool bytes_equal(const char *a, const char *b, size_t length) {
    return length == 0 || memcmp(a, b, length) == 0;
}

// Letters whose upper case is several code points, found by halving.
static const char *upper_special(utf8proc_int32_t point) {
    static const struct {
        utf8proc_int32_t point;
        const char *text;
    } letters[] = {
#define UPPER(point, text) {point, text},
#include "scalar/fn/special_upper.def"
#undef UPPER
    };
    size_t low = 0;
    size_t high = COUNT_OF(letters);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (letters[middle].point < point) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < COUNT_OF(letters) && letters[low].point == point ? letters[low].text : NULL;
}

static bool is_letter(const char *bytes, size_t length) {
    utf8proc_int32_t point = -1;
    if (length == 0 ||
        utf8proc_iterate((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)length, &point) <= 0) {
        return false;
    }
    return utf8proc_category(point) >= UTF8PROC_CATEGORY_LU &&
           utf8proc_category(point) <= UTF8PROC_CATEGORY_LO;
}

static bool is_letter_before(const char *begin, const char *at) {
    const char *previous = at;
    while (previous > begin && ((uint8_t)*--previous & 0xC0u) == 0x80u) {
    }
    return previous < at && is_letter(previous, (size_t)(at - previous));
}

static void point_append(Buffer *out, utf8proc_int32_t point) {
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t length = utf8proc_encode_char(point, bytes);
    buffer_append(out, bytes, (size_t)length);
}

static void upper_append(Buffer *out, utf8proc_int32_t point) {
    const char *special = upper_special(point);
    if (special != NULL) {
        buffer_text(out, special);
    } else {
        point_append(out, utf8proc_toupper(point));
    }
}

// A capital sigma is final where a letter stands before it and none after it; the dotted capital I
// keeps its dot as a mark.
static void
lower_append(Buffer *out, utf8proc_int32_t point, const char *begin, const char *at, size_t left) {
    enum { CAPITAL_SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2, DOTTED_I = 0x130 };
    if (point == CAPITAL_SIGMA && is_letter_before(begin, at) && !is_letter(at + 2, left - 2)) {
        point_append(out, FINAL_SIGMA);
    } else if (point == DOTTED_I) {
        buffer_text(out, "i\u0307");
    } else {
        point_append(out, utf8proc_tolower(point));
    }
}

static bool ascii_change(const char *from, char *to, size_t length, CaseKind kind) {
    char first = kind == CASE_LOWER ? 'A' : 'a';
    uint8_t seen = 0;
    for (size_t i = 0; i < length; i++) {
        seen |= (uint8_t)from[i];
        to[i] = (char)((uint8_t)(from[i] - first) < 26 ? from[i] ^ 0x20 : from[i]);
    }
    return seen < 0x80;
}

FlowView case_change(FlowContext *ctx, FlowView text, CaseKind kind) {
    const char *bytes = flow_view_data(&text);
    char few[FLOW_VIEW_INLINE_MAX];
    char *fresh = text.length <= FLOW_VIEW_INLINE_MAX
                      ? few
                      : (char *)flow_rt_bytes_new(ctx, (int64_t)text.length);
    if (ascii_change(bytes, fresh, text.length, kind)) {
        return view_of(fresh, text.length);
    }
    Buffer out = {0};
    for (size_t at = 0; at < text.length;) {
        utf8proc_int32_t point = 0;
        size_t left = text.length - at;
        utf8proc_ssize_t step =
            utf8proc_iterate((const utf8proc_uint8_t *)bytes + at, (utf8proc_ssize_t)left, &point);
        ASSERT(step > 0); // strings are valid UTF-8
        if (kind == CASE_UPPER) {
            upper_append(&out, point);
        } else {
            lower_append(&out, point, bytes, bytes + at, left);
        }
        at += (size_t)step;
    }
    FlowView changed = view_new(ctx, out.data, out.length);
    buffer_free(&out);
    return changed;
}

int32_t text_result(FlowContext *ctx, Buffer *text, FlowValue *result) {
    bool fits = text->length <= TEXT_RESULT_BYTES_MAX;
    if (fits) {
        result->view = text->length == 0 ? view_of("", 0) : view_new(ctx, text->data, text->length);
    }
    buffer_free(text);
    return fits ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}

FlowView hex_text(FlowContext *ctx, const uint8_t *bytes, size_t length, bool is_upper) {
    const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    if (length == 0) {
        return view_of("", 0);
    }
    char *text = flow_rt_bytes_new(ctx, (int64_t)length * 2);
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 0xF];
    }
    return view_of(text, length * 2);
}

double number_as_float64(const FlowTypeDesc *type, const FlowValue *value) {
    if (number_is_float(type)) {
        return value->f64;
    }
    return type->kind == FLOW_DECIMAL ? float_of_decimal(value->i128, type->scale, false)
                                      : (double)value->i64;
}

int32_t whole_result(double whole, FlowValue *result) {
    bool fits = whole >= -0x1p63 && whole < 0x1p63;
    result->i64 = fits ? (int64_t)whole : 0;
    return fits ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}

// The fill so often that it has this many code points; an empty one gives nothing.
static void fill_append(Buffer *out, FlowView fill, int64_t points) {
    const char *bytes = flow_view_data(&fill);
    int64_t of_one = (int64_t)utf8_length(bytes, fill.length);
    for (; of_one > 0 && points > 0; points -= of_one) {
        size_t taken =
            points < of_one ? utf8_skip(bytes, fill.length, (size_t)points) : fill.length;
        buffer_append(out, bytes, taken);
    }
}

int32_t text_pad(FlowContext *ctx,
                 const FlowValue *args,
                 const FlowKernelInfo *info,
                 bool is_left,
                 FlowValue *result) {
    FlowView text = args[0].view;
    FlowView fill = info->arguments_count > 2 ? args[2].view : view_text(" ");
    const char *bytes = flow_view_data(&text);
    int64_t wanted = args[1].i64 < 0 ? 0 : args[1].i64;
    int64_t missing = wanted - (int64_t)utf8_length(bytes, text.length);
    if (missing > TEXT_RESULT_BYTES_MAX && fill.length > 0) {
        return FLOW_VALUE_ERROR;
    }
    size_t taken = missing >= 0 ? text.length : utf8_skip(bytes, text.length, (size_t)wanted);
    Buffer out = {0};
    fill_append(&out, fill, is_left ? missing : 0);
    buffer_append(&out, bytes, taken);
    fill_append(&out, fill, is_left ? 0 : missing);
    return text_result(ctx, &out, result);
}
