// Goal: who asks is answered right whatever he asks, and numbers stand in the text as they are.
// Method: requests and numbers in, bytes out, without a socket.
#include "watch/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW_US INT64_C(1767225600000000)

static Arena arena;
static Buffer out;

static WatchNumbers numbers_new(void) {
    WatchNumbers numbers = {.pipeline = "a \"b\" \\ c\nd",
                            .phase = WATCH_RUNNING,
                            .started_us = NOW_US - 1500000,
                            .source_count = 1,
                            .flow_count = 1,
                            .table_count = 1};
    watch_numbers_init(&arena, &numbers);
    numbers.sources[0].name = "orders";
    numbers.flows[0].name = "keep";
    numbers.tables[0].name = "kept";
    return numbers;
}

static const char *answer(const WatchNumbers *numbers, const char *request, bool is_poisoned) {
    buffer_clear(&out);
    watch_answer(numbers, request, NOW_US, is_poisoned, &out);
    return buffer_cstring(&out);
}

static const char *metrics(const WatchNumbers *numbers) {
    buffer_clear(&out);
    watch_metrics(numbers, NOW_US, false, &out);
    return buffer_cstring(&out);
}

static void assert_begins(const char *text, const char *begin) {
    assert_memory_equal(text, begin, strlen(begin));
}

static void assert_has(const char *text, const char *part) {
    if (strstr(text, part) == NULL) {
        fail_msg("`%s` is not in:\n%s", part, text);
    }
}

static void test_requests(void **state) {
    (void)state;
    WatchNumbers numbers = numbers_new();
    static const struct {
        const char *request;
        const char *status;
    } cases[] = {
        {"GET /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 200 "},
        {"GET /metrics?name=a HTTP/1.0\r\n\r\n", "HTTP/1.1 200 "},
        {"GET /healthz\n\n", "HTTP/1.1 200 "},
        {"GET /readyz HTTP/1.1\r\n\r\n", "HTTP/1.1 200 "},
        {"GET /metricsx HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "},
        {"GET /metric HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "},
        {"GET ../metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "},
        {"get /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
        {"HEAD /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
        {"\r\n\r\n", "HTTP/1.1 405 "},
        {"GET\n\n", "HTTP/1.1 405 "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_begins(answer(&numbers, cases[i].request, false), cases[i].status);
    }
}

static void test_health(void **state) {
    (void)state;
    WatchNumbers numbers = numbers_new();
    assert_begins(answer(&numbers, "GET /healthz HTTP/1.1\r\n\r\n", true), "HTTP/1.1 503 ");
    assert_has(answer(&numbers, "GET /metrics HTTP/1.1\r\n\r\n", true), "flow_poisoned{");
    assert_has(buffer_cstring(&out), "d\"} 1\n");
    numbers.phase = WATCH_RECOVERING;
    assert_has(answer(&numbers, "GET /readyz HTTP/1.1\r\n\r\n", false), "503 Service Unavailable");
    assert_has(buffer_cstring(&out), "\r\n\r\nrecovering\n");
    numbers.phase = WATCH_ENDING;
    assert_has(answer(&numbers, "GET /readyz HTTP/1.1\r\n\r\n", false), "\r\n\r\nending\n");
    assert_begins(answer(&numbers, "GET /healthz HTTP/1.1\r\n\r\n", false), "HTTP/1.1 200 ");
}

// What is not known is left out, not zero: an alarm on a lag of nothing would never ring.
static void test_lags(void **state) {
    (void)state;
    WatchNumbers numbers = numbers_new();
    const char *text = metrics(&numbers);
    assert_has(text, "# TYPE watermark_lag_seconds gauge\n# HELP freshness");
    assert_null(strstr(text, "\nfreshness_lag_seconds{"));
    assert_null(strstr(text, "\ningestion_lag_seconds{"));
    assert_null(strstr(text, "\nflow_commit_age_seconds{"));
    numbers.sources[0].watermark_us = NOW_US - 2500000;
    numbers.sources[0].newest_us = NOW_US + 500000;
    numbers.sources[0].ingestion_lag_us = 7;
    numbers.tables[0].committed_us = NOW_US;
    text = metrics(&numbers);
    const char *name = "pipeline=\"a \\\"b\\\" \\\\ c\\nd\"";
    assert_has(
        text,
        arena_format(&arena, "\nwatermark_lag_seconds{%s,source=\"orders\"} 2.500000\n", name));
    assert_has(
        text,
        arena_format(&arena, "\nfreshness_lag_seconds{%s,source=\"orders\"} -0.500000\n", name));
    assert_has(
        text,
        arena_format(&arena, "\ningestion_lag_seconds{%s,source=\"orders\"} 0.000007\n", name));
    assert_has(text,
               arena_format(
                   &arena, "\nflow_table_commit_age_seconds{%s,table=\"kept\"} 0.000000\n", name));
    assert_has(text, arena_format(&arena, "\nflow_run_age_seconds{%s} 1.500000\n", name));
}

static void test_times(void **state) {
    (void)state;
    WatchNumbers numbers = numbers_new();
    watch_times_add(&numbers.commit_times, 1000);
    watch_times_add(&numbers.commit_times, 1001);
    watch_times_add(&numbers.commit_times, INT64_C(61000000));
    numbers.pipeline = "p";
    const char *text = metrics(&numbers);
    assert_has(text, "\ncommit_latency_seconds_bucket{pipeline=\"p\",le=\"0.001\"} 1\n");
    assert_has(text, "\ncommit_latency_seconds_bucket{pipeline=\"p\",le=\"0.0025\"} 2\n");
    assert_has(text, "\ncommit_latency_seconds_bucket{pipeline=\"p\",le=\"60\"} 2\n");
    assert_has(text, "\ncommit_latency_seconds_bucket{pipeline=\"p\",le=\"+Inf\"} 3\n");
    assert_has(text, "\ncommit_latency_seconds_sum{pipeline=\"p\"} 61.002001\n");
    assert_has(text, "\ncommit_latency_seconds_count{pipeline=\"p\"} 3\n");
}

static void test_addresses(void **state) {
    (void)state;
    static const char *const right[] = {
        "9090", ":9090", "127.0.0.1:0", "0.0.0.0:65535", "localhost:1", "[::1]:9090", "[::]:1"};
    static const char *const wrong[] = {"",
                                        ":",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "127.0.0.1:65536",
                                        "127.0.0.1:99999999999999999999",
                                        "example.com:9090",
                                        "::1:9090",
                                        "[::1]",
                                        "[127.0.0.1]:1",
                                        "1.2.3:4",
                                        "9090 ",
                                        "-1"};
    for (size_t i = 0; i < COUNT_OF(right); i++) {
        assert_true(sys_is_address(right[i]));
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_false(sys_is_address(wrong[i]));
    }
}

static void count_lines(const Buffer *text, uint32_t *count) {
    *count = 0;
    for (size_t i = 0; i < text->length; i++) {
        *count += text->data[i] == '\n';
    }
}

// Who erases the view has to know how many lines it has.
static void test_screen(void **state) {
    (void)state;
    for (uint32_t flows = 0; flows < 20; flows += 6) {
        WatchNumbers numbers = {.pipeline = "p", .source_count = 13, .flow_count = flows};
        watch_numbers_init(&arena, &numbers);
        for (uint32_t i = 0; i < numbers.source_count; i++) {
            numbers.sources[i].name = "s";
            numbers.sources[i].watermark_us = NOW_US - INT64_C(7200000000);
        }
        for (uint32_t i = 0; i < flows; i++) {
            numbers.flows[i].name = "f";
        }
        uint32_t lines = 0;
        buffer_clear(&out);
        uint32_t told = watch_screen(&numbers, &(WatchPace){12.4, NOW_US}, &out);
        count_lines(&out, &lines);
        assert_int_equal(told, lines);
        assert_has(buffer_cstring(&out), "watermark 2 h behind\n");
        assert_has(buffer_cstring(&out), "  and 1 more sources\n");
        assert_has(buffer_cstring(&out), "p: 0 rows, 12 rows/s, 0 B, 0 in the DLQ\n");
    }
}

static int clean(void **state) {
    (void)state;
    buffer_free(&out);
    arena_free(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_lags),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_screen),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
