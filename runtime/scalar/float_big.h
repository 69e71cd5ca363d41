// The slow but exact ways between floats and decimal digits.
#ifndef FLOW_SCALAR_FLOAT_BIG_H
#define FLOW_SCALAR_FLOAT_BIG_H

#include "scalar/number.h"

// mantissa * 2^exponent (a little more if sticky) to the nearest float, ties to even; may be inf.
double float_round(u128 mantissa, int32_t exponent, bool is_sticky, bool is_single);
double float_big_parse(const NumberText *number, bool is_single); // without the sign; may be inf
void float_big_digits(double value, bool is_single, FloatDigits *digits);

#endif
