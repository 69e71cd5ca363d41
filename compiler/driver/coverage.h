// `flowc test --coverage`: inside of driver.
#ifndef FLOW_DRIVER_COVERAGE_H
#define FLOW_DRIVER_COVERAGE_H

#include "abi/abi.h"
#include "base/base.h"

typedef struct CoveragePoint { // of the program: a site, or several of one place
    const FlowSite *site;
    int64_t rows;
} CoveragePoint;

typedef VEC(CoveragePoint) CoveragePoints;

typedef struct Coverage {
    Arena arena;
    CoveragePoints points;
} Coverage;

// `rows`: of each site, how many rows broke its check, or came by its probe, in all tests. The
// program may be one of several forms of the same; it has to stay until all is printed.
void coverage_add(Coverage *coverage, const FlowProgram *program, const int64_t *rows);
void coverage_print(Coverage *coverage, bool as_json, Buffer *out); // and releases it

#endif
