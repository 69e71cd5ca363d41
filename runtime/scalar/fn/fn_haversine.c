// haversine: metres between two places on a sphere of the earth's mean radius, 6 371 008.8 m;
// degrees of latitude and longitude of the one, then of the other.
//
// example: round(haversine(52.5200e0, 13.4050e0, 48.8566e0, 2.3522e0), -3) == 877000e0
// example: haversine(1e0, 2e0, 1e0, 2e0) == 0e0
#include "scalar/fn/fn.h"

#include <math.h>

BUILTIN_FUNCTION(haversine) {
    static const double radius_m = 6371008.8;
    static const double degree = 0.017453292519943295;
    double half_latitude = sin((args[2].f64 - args[0].f64) * degree / 2);
    double half_longitude = sin((args[3].f64 - args[1].f64) * degree / 2);
    double part = half_latitude * half_latitude + cos(args[0].f64 * degree) *
                                                      cos(args[2].f64 * degree) * half_longitude *
                                                      half_longitude;
    result->f64 = 2 * radius_m * asin(sqrt(part > 1 ? 1 : part));
    return FLOW_VALUE_OK;
}
