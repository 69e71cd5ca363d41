// What the functions of times share: units, fields of the calendar, arguments that are a timestamp
// or a date, with a zone or without.
#include "scalar/fn/times.h"

static const char *const unit_texts[] = {
#define UNIT(name, text, months, us) text,
#include "scalar/fn/unit.def"
#undef UNIT
};

static const char *const field_texts[] = {
#define FIELD(name, text) text,
#include "scalar/fn/field.def"
#undef FIELD
};

const TimeUnitSize time_unit_sizes[] = {
#define UNIT(name, text, months, us) {months, us},
#include "scalar/fn/unit.def"
#undef UNIT
};

static int32_t
text_find(const char *const *texts, uint32_t count, const char *text, size_t length) {
    for (uint32_t i = 0; i < count; i++) {
        if (strlen(texts[i]) == length && memcmp(texts[i], text, length) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

bool time_unit_find(const char *text, size_t length, TimeUnit *unit) {
    int32_t index = text_find(unit_texts, COUNT_OF(unit_texts), text, length);
    *unit = (TimeUnit)index;
    return index >= 0;
}

bool time_field_find(const char *text, size_t length, TimeField *field) {
    int32_t index = text_find(field_texts, COUNT_OF(field_texts), text, length);
    *field = (TimeField)index;
    return index >= 0;
}

int64_t weekday_of_days(int64_t days) {
    int64_t weekday = (days + 3) % 7; // The epoch was a Thursday.
    return weekday < 0 ? weekday + 7 : weekday;
}

bool local_time_of(int64_t us, const Zone *zone, LocalTime *time) {
    int64_t local = us;
    if (zone != NULL && !zone_to_local(zone, us, &local)) {
        return false;
    }
    time->days = timestamp_days(local);
    time->us = local - time->days * DAY_US;
    time->offset_seconds = (int32_t)((local - us) / SECOND_US);
    return true;
}

bool local_time_instant(const LocalTime *time, const Zone *zone, int64_t *us) {
    int64_t local = 0;
    if (__builtin_mul_overflow(time->days, DAY_US, &local) ||
        __builtin_add_overflow(local, time->us, &local)) {
        return false;
    }
    if (time->has_offset) {
        return !__builtin_sub_overflow(local, time->offset_seconds * SECOND_US, us);
    }
    *us = local;
    return zone == NULL || zone_from_local(zone, local, us);
}

bool time_zone_argument(const FlowValue *args, const FlowKernelInfo *info, int index, Zone *zone) {
    if (info->arguments_count <= index) {
        return zone_find("UTC", 3, zone);
    }
    return zone_find(flow_view_data(&args[index].view), args[index].view.length, zone);
}

bool time_argument(const FlowValue *args,
                   const FlowKernelInfo *info,
                   int index,
                   int zone_index,
                   TimeArgument *time) {
    *time = (TimeArgument){.is_date = info->arguments[index].kind == FLOW_DATE};
    if (!time_zone_argument(args, info, zone_index, &time->zone)) {
        return false;
    }
    if (time->is_date) {
        time->local.days = args[index].i64;
        return true;
    }
    return local_time_of(args[index].i64, &time->zone, &time->local);
}

int32_t time_result(const TimeArgument *time, FlowValue *result) {
    if (!time->is_date) {
        bool is_fine = local_time_instant(&time->local, &time->zone, &result->i64);
        return is_fine ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
    }
    result->i64 = time->local.days;
    bool fits = time->local.days >= INT32_MIN && time->local.days <= INT32_MAX;
    return fits ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}

// ISO 8601: the week belongs to the year that has its Thursday.
static int64_t week_of(int64_t days) {
    int64_t thursday = days - weekday_of_days(days) + 3;
    int64_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;
    civil_from_days(thursday, &year, &month, &day);
    return (thursday - days_from_civil(year, 1, 1)) / 7 + 1;
}

int64_t time_field(const LocalTime *time, TimeField field) {
    int64_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;
    civil_from_days(time->days, &year, &month, &day);
    switch (field) {
    case FIELD_YEAR:
        return year;
    case FIELD_QUARTER:
        return (month + 2) / 3;
    case FIELD_MONTH:
        return month;
    case FIELD_WEEK:
        return week_of(time->days);
    case FIELD_DAY:
        return day;
    case FIELD_DAY_OF_WEEK:
        return weekday_of_days(time->days) + 1;
    case FIELD_DAY_OF_YEAR:
        return time->days - days_from_civil(year, 1, 1) + 1;
    case FIELD_HOUR:
        return time->us / (3600 * SECOND_US);
    case FIELD_MINUTE:
        return time->us / (60 * SECOND_US) % 60;
    case FIELD_SECOND:
        return time->us / SECOND_US % 60;
    case FIELD_MILLISECOND:
        return time->us / 1000 % 1000;
    case FIELD_MICROSECOND:
        return time->us % SECOND_US;
    }
    return 0;
}

int32_t time_field_result(TimeField field,
                          const FlowValue *args,
                          const FlowKernelInfo *info,
                          int index,
                          FlowValue *result) {
    TimeArgument time;
    if (!time_argument(args, info, index, index + 1, &time)) {
        return FLOW_VALUE_ERROR;
    }
    result->i64 = time_field(&time.local, field);
    return FLOW_VALUE_OK;
}

uint32_t month_length(int64_t year, uint32_t month) {
    int64_t next =
        month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
    return (uint32_t)(next - days_from_civil(year, month, 1));
}

bool months_add(LocalTime *time, int64_t months) {
    enum { YEAR_MAX = 5000000 }; // what a date's day number reaches
    int64_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;
    int64_t total = 0;
    civil_from_days(time->days, &year, &month, &day);
    if (__builtin_add_overflow(year * 12 + (int64_t)month - 1, months, &total)) {
        return false;
    }
    year = total / 12 - (total % 12 < 0);
    if (year > YEAR_MAX || year < -YEAR_MAX) {
        return false;
    }
    month = (uint32_t)(total - year * 12) + 1;
    uint32_t last = month_length(year, month);
    time->days = days_from_civil(year, month, day < last ? day : last);
    return true;
}
