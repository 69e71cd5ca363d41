// Goal: local times of zones are those of the IANA data, past, present and far future, north and
// south. Method: instants and local times written by hand from the published rules; a gap and a
// repeated hour; every hour of two centuries there and back.
#include "scalar/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int64_t instant(const char *text) {
    int64_t us = 0;
    assert_int_equal(parse_timestamp(text, strlen(text), &us), PARSE_OK);
    return us;
}

static Zone zone_of(const char *name) {
    Zone zone;
    if (!zone_find(name, strlen(name), &zone)) {
        fail_msg("no zone %s", name);
    }
    return zone;
}

typedef struct Case {
    const char *zone;
    const char *utc;
    const char *local; // written as if it were UTC
} Case;

static void local_times(void **state) {
    (void)state;
    static const Case cases[] = {
        {"UTC", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"},
        {"Z", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"},
        {"+05:30", "2026-01-31T12:00:00Z", "2026-01-31T17:30:00Z"},
        {"-00:30", "2026-01-31T12:00:00Z", "2026-01-31T11:30:00Z"},
        {"Europe/Berlin", "2026-01-31T12:00:00Z", "2026-01-31T13:00:00Z"},
        {"Europe/Berlin", "2026-03-29T00:59:59.999999Z", "2026-03-29T01:59:59.999999Z"},
        {"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"},
        {"Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25T02:59:59Z"},
        {"Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"},
        {"Europe/Berlin", "2145-07-01T00:00:00Z", "2145-07-01T02:00:00Z"},
        {"Europe/Berlin", "1880-01-01T00:00:00Z", "1880-01-01T00:53:28Z"},
        {"America/New_York", "2026-07-04T16:00:00Z", "2026-07-04T12:00:00Z"},
        {"America/New_York", "2060-01-04T16:00:00Z", "2060-01-04T11:00:00Z"},
        {"Australia/Sydney", "2026-01-01T00:00:00Z", "2026-01-01T11:00:00Z"},
        {"Australia/Sydney", "2050-01-01T00:00:00Z", "2050-01-01T11:00:00Z"},
        {"Australia/Sydney", "2050-07-01T00:00:00Z", "2050-07-01T10:00:00Z"},
        {"Asia/Kolkata", "2070-01-01T00:00:00Z", "2070-01-01T05:30:00Z"},
        {"Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T05:45:00Z"},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59Z"},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00Z"},
    };
    for (uint32_t i = 0; i < COUNT_OF(cases); i++) {
        Zone zone = zone_of(cases[i].zone);
        int64_t local = 0;
        int64_t back = 0;
        assert_true(zone_to_local(&zone, instant(cases[i].utc), &local));
        if (local != instant(cases[i].local)) {
            fail_msg("%s at %s is not %s", cases[i].zone, cases[i].utc, cases[i].local);
        }
        assert_true(zone_from_local(&zone, local, &back));
    }
}

// A skipped time moves forward by the gap; of a repeated one it is the first.
static void gaps_and_repeated_hours(void **state) {
    (void)state;
    static const Case cases[] = {
        {"Europe/Berlin", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z"},
        {"Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"},
        {"Europe/Berlin", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z"},
        {"America/New_York", "2050-03-13T07:30:00Z", "2050-03-13T02:30:00Z"},
        {"America/New_York", "2050-11-06T05:30:00Z", "2050-11-06T01:30:00Z"},
        {"Pacific/Apia", "2011-12-30T22:00:00Z", "2011-12-30T12:00:00Z"},
    };
    for (uint32_t i = 0; i < COUNT_OF(cases); i++) {
        Zone zone = zone_of(cases[i].zone);
        int64_t us = 0;
        assert_true(zone_from_local(&zone, instant(cases[i].local), &us));
        if (us != instant(cases[i].utc)) {
            fail_msg("%s: %s is not %s", cases[i].zone, cases[i].local, cases[i].utc);
        }
    }
}

// The way back gives the instant, or an hour earlier where the local time comes twice.
static void there_and_back(void **state) {
    (void)state;
    static const char *const names[] = {"Europe/Berlin",
                                        "America/New_York",
                                        "Australia/Lord_Howe",
                                        "Asia/Gaza",
                                        "America/Nuuk",
                                        "Africa/Casablanca"};
    enum { HOUR_US_PER_STEP = 3600 };
    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        Zone zone = zone_of(names[i]);
        int64_t step = (int64_t)HOUR_US_PER_STEP * 7 * 1000000;
        for (int64_t us = instant("1920-01-01T00:00:00Z"); us < instant("2120-01-01T00:00:00Z");
             us += step) {
            int64_t local = 0;
            int64_t back = 0;
            int64_t again = 0;
            assert_true(zone_to_local(&zone, us, &local));
            assert_true(zone_from_local(&zone, local, &back));
            assert_true(zone_to_local(&zone, back, &again));
            assert_true(back <= us && again == local);
        }
    }
}

static void names(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        "Berlin",
                                        "europe/berlin",
                                        "Europe/",
                                        "+25:00",
                                        "+1:00",
                                        "+01:60",
                                        "posix/UTC",
                                        "Europe"};
    Zone zone;
    for (uint32_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_false(zone_find(wrong[i], strlen(wrong[i]), &zone));
    }
    zone_of("Africa/Abidjan");
    zone_of("Zulu");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_times),
        cmocka_unit_test(gaps_and_repeated_hours),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
