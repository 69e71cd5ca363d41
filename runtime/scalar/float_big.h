// The slow but exact ways between floats and decimal digits.
#ifndef FLOW_SCALAR_FLOAT_BIG_H
#define FLOW_SCALAR_FLOAT_BIG_H

#include "scalar/number.h"

double float_big_parse(const NumberText *number, bool is_single); // without the sign; may be inf
void float_big_digits(double value, bool is_single, FloatDigits *digits);

#endif
