// random: a float64 that is at least 0 and less than 1. It depends on the record's place only, so
// that two runs over the same input give the same; each random() of a program gives numbers of its
// own.
//
// example: random() < 1e0
// example: random() >= 0e0
// example: random() != random()
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(random) {
    enum { KEPT_BITS = 53 };
    Buffer place = {0};
    buffer_append(&place, flow_view_data(&args[0].view), args[0].view.length);
    buffer_append(&place, &args[1].i64, sizeof(args[1].i64));
    buffer_append(&place, &args[2].i64, sizeof(args[2].i64));
    uint64_t hash = hash64(place.data, place.length);
    buffer_free(&place);
    result->f64 = (double)(hash >> (64 - KEPT_BITS)) * 0x1p-53;
    return FLOW_VALUE_OK;
}
