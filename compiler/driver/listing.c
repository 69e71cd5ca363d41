// Aligns texts in columns, by what they look like and not by their bytes.
#include "driver/listing.h"

#define CELL_WIDTH_MAX 60 // longer texts are cut in the listing for people, never in JSON

const char *listing_cell(Arena *arena, const char *text, size_t length) {
    size_t cut = length;
    if (cut > CELL_WIDTH_MAX) { // at the start of a code point
        cut = CELL_WIDTH_MAX - 3;
        while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80) {
            cut--;
        }
    }
    char *cell =
        arena_format(arena, "%.*s%s", (int)cut, length == 0 ? "" : text, cut < length ? "..." : "");
    for (size_t i = 0; cell[i] != '\0'; i++) {
        cell[i] = (unsigned char)cell[i] < ' ' ? ' ' : cell[i];
    }
    return cell;
}

static uint32_t width_of(const char *text) {
    uint32_t width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

void listing_print(Arena *arena, const TextListing *listing, Buffer *out) {
    uint32_t count = listing->column_count;
    uint32_t *widths = arena_array(arena, uint32_t, count + 1);
    for (uint32_t r = 0; r < listing->rows.count; r++) {
        for (uint32_t i = 0; i < count; i++) {
            uint32_t width = width_of(listing->rows.items[r][i]);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    for (uint32_t r = 0; r < listing->rows.count; r++) {
        for (uint32_t i = 0; i < count; i++) {
            const char *cell = listing->rows.items[r][i];
            bool is_last = i + 1 == count;
            buffer_format(
                out, "%s%*s", cell, is_last ? 0 : (int)(widths[i] - width_of(cell) + 2), "");
        }
        while (out->length > 0 && out->data[out->length - 1] == ' ') {
            out->length--; // no blanks behind the last cell that has a text
        }
        buffer_char(out, '\n');
    }
}
