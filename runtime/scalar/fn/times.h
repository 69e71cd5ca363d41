// What the functions of times share.
#ifndef FLOW_SCALAR_FN_TIMES_H
#define FLOW_SCALAR_FN_TIMES_H

#include "scalar/fn/fn.h"
#include "scalar/number.h"

typedef enum TimeUnit {
#define UNIT(name, text, months, us) UNIT_##name,
#include "scalar/fn/unit.def"
#undef UNIT
} TimeUnit;

typedef enum TimeField {
#define FIELD(name, text) FIELD_##name,
#include "scalar/fn/field.def"
#undef FIELD
} TimeField;

typedef struct TimeUnitSize {
    int64_t months; // or 0
    int64_t us;
} TimeUnitSize;
extern const TimeUnitSize time_unit_sizes[];

bool time_unit_find(const char *text, size_t length, TimeUnit *unit);
bool time_field_find(const char *text, size_t length, TimeField *field);

// A timestamp or a date, in the zone of a later argument or in UTC.
typedef struct TimeArgument {
    bool is_date; // then the zone means nothing
    Zone zone;
    LocalTime local;
} TimeArgument;
bool time_zone_argument(const FlowValue *args, const FlowKernelInfo *info, int index, Zone *zone);
bool time_argument(const FlowValue *args,
                   const FlowKernelInfo *info,
                   int index,
                   int zone_index,
                   TimeArgument *time);
int32_t time_result(const TimeArgument *time, FlowValue *result); // of the argument's type

int64_t time_field(const LocalTime *time, TimeField field);
// Of the time at `index`, with the zone behind it, if any.
int32_t time_field_result(TimeField field,
                          const FlowValue *args,
                          const FlowKernelInfo *info,
                          int index,
                          FlowValue *result);
uint32_t month_length(int64_t year, uint32_t month);
bool months_add(LocalTime *time,
                int64_t months); // the day is at most the month's last; false: out of range

#endif
