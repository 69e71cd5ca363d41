// How fast the text decoders are, alone: LANGUAGE's first example's orders, made in memory, decoded
// chunk by chunk as a source would, best of several rounds. Time is that of
// the processor, as the machine may have other work. `flow-bench-decode [rows] [case]`.
#include "format/format.h"

#include <time.h>

enum { CHUNK_BYTES = READ_CHUNK_BYTES, ROUNDS = 15 };

// --- the contract --------------------------------------------------------------------------------

static const FlowText currencies[] = {{"EUR"}, {"USD"}, {"GBP"}};
static const FlowText statuses[] = {{"open"}, {"paid"}, {"refunded"}, {"cancelled"}};
static const FlowTypeDesc int64_type = {.kind = FLOW_INT64};
static const FlowTypeDesc amount_type = {.kind = FLOW_DECIMAL, .precision = 12, .scale = 2};
static const FlowTypeDesc time_type = {.kind = FLOW_TIMESTAMP};
static const FlowTypeDesc note_type = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowTypeDesc currency_type = {
    .kind = FLOW_ENUM, .enum_values = currencies, .enum_values_count = COUNT_OF(currencies)};
static const FlowTypeDesc status_type = {
    .kind = FLOW_ENUM, .enum_values = statuses, .enum_values_count = COUNT_OF(statuses)};

static const FlowColumnDesc columns[] = {
    {.name = "order_id", .type = &int64_type, .is_used = 1},
    {.name = "customer_id", .type = &int64_type, .is_used = 1},
    {.name = "amount", .type = &amount_type, .is_used = 1},
    {.name = "currency", .type = &currency_type, .is_used = 1},
    {.name = "status", .type = &status_type, .is_used = 1},
    {.name = "ts", .type = &time_type, .is_used = 1},
    {.name = "note", .type = &note_type, .is_used = 1},
};
static const FlowScanTest paid[] = {{.column = 4, .op = FLOW_TEST_EQ, .value = 1}};

static const FlowSource source = {
    .name = "orders",
    .csv_delimiter = ',',
    .csv_header = 1,
    .csv_null = "",
    .columns = columns,
    .columns_count = COUNT_OF(columns),
};

// --- the data ------------------------------------------------------------------------------------

typedef struct Order {
    int64_t id, customer, cents;
    const char *currency, *status, *note;
    int64_t ms;
} Order;

static uint64_t random_next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static Order order_make(int64_t row, uint64_t *state) {
    static const char *const notes[] = {"", "gift", "call before delivery", "VIP"};
    uint64_t random = random_next(state);
    return (Order){
        .id = 1000000 + row,
        .customer = (int64_t)(random % 1000000),
        .cents = (int64_t)(random >> 20) % 50000,
        .currency = currencies[(random >> 40) % 3].text,
        .status = statuses[(random >> 44) % 4].text,
        .note = notes[(random >> 48) % 16 < 13 ? 0 : (random >> 48) % 16 - 12],
        .ms = row * 20,
    };
}

static void time_write(Buffer *out, int64_t ms) {
    int64_t seconds = ms / 1000;
    buffer_format(out,
                  "2026-01-%02dT%02d:%02d:%02d.%03dZ",
                  (int)(1 + seconds / 86400),
                  (int)(seconds / 3600 % 24),
                  (int)(seconds / 60 % 60),
                  (int)(seconds % 60),
                  (int)(ms % 1000));
}

static void json_order(Buffer *out, const Order *order, const char *space) {
    buffer_format(out,
                  "{\"order_id\":%s%lld,%s\"customer_id\":%s%lld,%s\"amount\":%s%lld.%02lld",
                  space,
                  (long long)order->id,
                  space,
                  space,
                  (long long)order->customer,
                  space,
                  space,
                  (long long)order->cents / 100,
                  (long long)order->cents % 100);
    buffer_format(out,
                  ",%s\"currency\":%s\"%s\",%s\"status\":%s\"%s\",%s\"ts\":%s\"",
                  space,
                  space,
                  order->currency,
                  space,
                  space,
                  order->status,
                  space,
                  space);
    time_write(out, order->ms);
    buffer_format(out, "\"");
    if (order->note[0] != '\0') {
        buffer_format(out, ",%s\"note\":%s\"%s\"", space, space, order->note);
    }
    buffer_text(out, "}\n");
}

static void json_dense(Buffer *out, const Order *order) {
    json_order(out, order, "");
}

static void json_spaced(Buffer *out, const Order *order) {
    json_order(out, order, " ");
}

// Any order of keys, blanks here and there, escapes, fields that nobody asked for.
static void json_mixed(Buffer *out, const Order *order) {
    uint64_t state = (uint64_t)order->id * 0x9E3779B97F4A7C15u;
    uint32_t first = (uint32_t)(random_next(&state) % 8);
    uint32_t step = 1 + 2 * (uint32_t)(random_next(&state) % 4); // odd: visits all eight
    for (uint32_t i = 0; i < 8; i++) {
        buffer_text(out, i == 0 ? "{" : random_next(&state) % 4 == 0 ? ", " : ",");
        switch ((first + i * step) % 8) {
        case 0:
            buffer_format(out, "\"order_id\":%lld", (long long)order->id);
            break;
        case 1:
            buffer_format(out, "\"customer_id\": %lld", (long long)order->customer);
            break;
        case 2:
            buffer_format(out,
                          "\"amount\":\"%lld.%02lld\"",
                          (long long)order->cents / 100,
                          (long long)order->cents % 100);
            break;
        case 3:
            buffer_format(out, "\"currency\":\"%s\"", order->currency);
            break;
        case 4:
            buffer_format(out, "\"status\":\"%s\"", order->status);
            break;
        case 5:
            buffer_text(out, "\"ts\":\"");
            time_write(out, order->ms);
            buffer_text(out, "\"");
            break;
        case 6:
            buffer_format(out, "\"note\":\"%s \\u00e4\\n\"", order->note);
            break;
        default:
            buffer_text(out, "\"extra\":{\"tags\":[1,null,\"a,b\"],\"x\":{}}");
            break;
        }
    }
    buffer_text(out, "}\n");
}

static void csv_order(Buffer *out, const Order *order) {
    buffer_format(out,
                  "%lld,%lld,%lld.%02lld,%s,%s,",
                  (long long)order->id,
                  (long long)order->customer,
                  (long long)order->cents / 100,
                  (long long)order->cents % 100,
                  order->currency,
                  order->status);
    time_write(out, order->ms);
    buffer_format(out, ",%s\n", order->note);
}

static void csv_quoted(Buffer *out, const Order *order) {
    buffer_format(out,
                  "%lld,%lld,\"%lld.%02lld\",\"%s\",%s,",
                  (long long)order->id,
                  (long long)order->customer,
                  (long long)order->cents / 100,
                  (long long)order->cents % 100,
                  order->currency,
                  order->status);
    time_write(out, order->ms);
    buffer_format(out, ",\"%s\"\n", order->note);
}

typedef struct Case {
    const char *name;
    FlowFormat format;
    void (*write)(Buffer *, const Order *);
    bool has_test;
    bool is_careful;
} Case;

static const Case cases[] = {
    {"ndjson", FLOW_FORMAT_NDJSON, json_dense, false, false},
    {"ndjson, a test", FLOW_FORMAT_NDJSON, json_dense, true, false},
    {"ndjson, spaces", FLOW_FORMAT_NDJSON, json_spaced, false, false},
    {"ndjson, mixed", FLOW_FORMAT_NDJSON, json_mixed, false, false},
    {"ndjson, careful", FLOW_FORMAT_NDJSON, json_dense, false, true},
    {"csv", FLOW_FORMAT_CSV, csv_order, false, false},
    {"csv, a test", FLOW_FORMAT_CSV, csv_order, true, false},
    {"csv, quotes", FLOW_FORMAT_CSV, csv_quoted, false, false},
    {"csv, careful", FLOW_FORMAT_CSV, csv_order, false, true},
};

// --- the clock and the round ---------------------------------------------------------------------

static int64_t cpu_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void on_reject(void *user, const FormatReject *reject) {
    (void)user;
    printf("rejected: %s\n", reject->message);
    exit(1);
}

static int64_t round_run(TextDecoder *decoder, const char *text, size_t length, Batch *batch) {
    static char chunk[CHUNK_BYTES + FORMAT_SLACK_BYTES];
    int64_t rows = 0;
    text_decoder_begin(decoder, 0, "orders", 0);
    for (size_t from = 0; from < length;) {
        size_t size = length - from < CHUNK_BYTES ? length - from : CHUNK_BYTES;
        memcpy(chunk, text + from, size);
        size_t used = 0;
        size_t step;
        do {
            batch_clear(batch);
            step = text_decoder_run(decoder,
                                    chunk + used,
                                    size - used,
                                    (int64_t)(from + used),
                                    from + size == length,
                                    batch);
            rows += batch->abi.row_count;
            used += step;
        } while (step > 0);
        from += used;
    }
    return rows;
}

static void case_run(const Case *c, int64_t row_count) {
    FlowSource tested = source;
    tested.tests = c->has_test ? paid : NULL;
    tested.tests_count = c->has_test ? COUNT_OF(paid) : 0;
    Buffer text = {0};
    uint64_t state = 42;
    if (c->format == FLOW_FORMAT_CSV) {
        CsvStyle style = {.delimiter = ',', .null_text = ""};
        csv_write_header(&style, columns, COUNT_OF(columns), &text);
    }
    for (int64_t row = 0; row < row_count; row++) {
        Order order = order_make(row, &state);
        c->write(&text, &order);
    }
    buffer_reserve(&text, FORMAT_SLACK_BYTES);
    TextDecoder *decoder = text_decoder_new(&tested, c->format, on_reject, NULL);
    text_decoder_careful(decoder, c->is_careful);
    Batch *batch = batch_new(columns, COUNT_OF(columns));
    int64_t best_us = INT64_MAX;
    int64_t rows = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start_us = cpu_us();
        rows = round_run(decoder, text.data, text.length, batch);
        int64_t us = cpu_us() - start_us;
        best_us = us < best_us ? us : best_us;
    }
    printf("%-18s %9lld rows  %5.1f B/row  %6.1f ns/row  %5.2f GB/s\n",
           c->name,
           (long long)rows,
           (double)text.length / (double)row_count,
           (double)best_us * 1e3 / (double)row_count,
           (double)text.length / (double)best_us / 1e3);
    batch_free(batch);
    text_decoder_free(decoder);
    buffer_free(&text);
}

int main(int argc, char **argv) {
    int64_t row_count = argc > 1 ? atoll(argv[1]) : 1000000;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (argc < 3 || strstr(cases[i].name, argv[2]) != NULL) {
            case_run(&cases[i], row_count);
        }
    }
    return 0;
}
