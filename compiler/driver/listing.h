// listing: rows of texts for people, in aligned columns. Inside of driver only.
#ifndef FLOW_DRIVER_LISTING_H
#define FLOW_DRIVER_LISTING_H

#include "driver/driver_internal.h"

#define LISTING_ROWS_MAX 10000 // is aligned in memory

typedef struct TextListing {
    uint32_t column_count;
    VEC(const char **) rows; // texts of cells; the first row is the heading
} TextListing;

// One line, cut where it is too long for people.
const char *listing_cell(Arena *arena, const char *text, size_t length);
void listing_print(Arena *arena, const TextListing *listing, Buffer *out);

#endif
