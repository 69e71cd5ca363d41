// Deterministic orders, the first example of the language page, as NDJSON or CSV on standard
// output:
//   flow-bench-orders ndjson|mixed|csv ROWS
// `mixed` is NDJSON as nobody wants it: keys in any order, blanks, escapes, nested fields that the
// contract lacks.
// The same arguments give the same bytes on every machine: no clock, no library's random numbers.
// Orders are 20 ms apart, 2 % of them up to 2 s late; one in eight has a note.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 88172645463325252u;

static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

typedef struct Order {
    uint64_t id;
    uint64_t customer;
    uint64_t cents;
    const char *currency;
    const char *status;
    uint64_t ms; // since 2026-01-01T00:00:00Z
    const char *note;
} Order;

static Order order_make(uint64_t id) {
    static const char *const currencies[] = {"EUR", "USD", "GBP"};
    static const char *const statuses[] = {"open", "paid", "refunded", "cancelled"};
    static const char *const notes[] = {
        "gift", "leave at the door", "call before delivery", "fragile"};
    uint64_t r = next_random();
    Order order = {.id = id,
                   .customer = r % 1000000,
                   .cents = (r >> 20) % 50000,
                   .currency = currencies[(r >> 36) % 3],
                   .status = statuses[(r >> 40) % 4],
                   .ms = id * 20 + 2000};
    if ((r >> 44) % 50 == 0) {
        order.ms -= (r >> 50) % 2000;
    }
    if ((r >> 56) % 8 == 0) {
        order.note = notes[(r >> 59) % 4];
    }
    return order;
}

// Rows stay within one month, so the calendar is a division.
static void time_print(FILE *out, uint64_t ms) {
    uint64_t second = ms / 1000;
    fprintf(out,
            "2026-01-%02" PRIu64 "T%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64 "Z",
            1 + second / 86400,
            second / 3600 % 24,
            second / 60 % 60,
            second % 60,
            ms % 1000);
}

static void ndjson_print(FILE *out, const Order *order) {
    fprintf(out,
            "{\"order_id\":%" PRIu64 ",\"customer_id\":%" PRIu64 ",\"amount\":%" PRIu64
            ".%02" PRIu64 ",\"currency\":\"%s\",\"status\":\"%s\",\"ts\":\"",
            order->id,
            order->customer,
            order->cents / 100,
            order->cents % 100,
            order->currency,
            order->status);
    time_print(out, order->ms);
    if (order->note == NULL) {
        fputs("\",\"note\":null}\n", out);
    } else {
        fprintf(out, "\",\"note\":\"%s\"}\n", order->note);
    }
}

// --- mixed ---------------------------------------------------------------------------------------

enum { MIXED_FIELDS = 9 };

static void extra_print(FILE *out, uint64_t r) {
    fprintf(out,
            "\"meta\":{\"ip\":\"10.0.%" PRIu64 ".%" PRIu64
            "\",\"tags\":[\"a, b\",null,{\"x\":%" PRIu64 "}],\"none\":null}",
            r % 256,
            (r >> 8) % 256,
            (r >> 16) % 1000);
}

static void note_print(FILE *out, const Order *order) {
    if (order->note == NULL) {
        fputs("\"note\":null", out);
    } else {
        fprintf(out, "\"note\":\"%s\\n\\u00e4 \\\"ok\\\"\"", order->note);
    }
}

static void field_print(FILE *out, const Order *order, uint32_t field, uint64_t r) {
    const char *blank = (r >> 40) % 3 == 0 ? " " : "";
    switch (field) {
    case 0:
        fprintf(out, "\"order_id\":%s%" PRIu64, blank, order->id);
        break;
    case 1:
        fprintf(out, "\"customer_id\":%s%" PRIu64, blank, order->customer);
        break;
    case 2:
        fprintf(out,
                "\"amount\":%s%" PRIu64 ".%02" PRIu64,
                blank,
                order->cents / 100,
                order->cents % 100);
        break;
    case 3:
        fprintf(out, "\"currency\":%s\"%s\"", blank, order->currency);
        break;
    case 4:
        fprintf(out, "\"status\":%s\"%s\"", blank, order->status);
        break;
    case 5:
        fprintf(out, "\"ts\":%s\"", blank);
        time_print(out, order->ms);
        fputc('"', out);
        break;
    case 6:
        note_print(out, order);
        break;
    case 7:
        extra_print(out, r);
        break;
    default:
        fprintf(out, "\"discount\":%snull", blank);
        break;
    }
}

static void mixed_print(FILE *out, const Order *order) {
    uint32_t fields[MIXED_FIELDS];
    for (uint32_t i = 0; i < MIXED_FIELDS; i++) {
        uint32_t at = (uint32_t)(next_random() >> 33) % (i + 1);
        fields[i] = fields[at];
        fields[at] = i;
    }
    for (uint32_t i = 0; i < MIXED_FIELDS; i++) {
        uint64_t r = next_random();
        fputs(i == 0 ? "{" : (r >> 50) % 4 == 0 ? " , " : (r >> 50) % 4 == 1 ? ", " : ",", out);
        field_print(out, order, fields[i], r);
    }
    fputs("}\n", out);
}

static void csv_print(FILE *out, const Order *order) {
    fprintf(out,
            "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ".%02" PRIu64 ",%s,%s,",
            order->id,
            order->customer,
            order->cents / 100,
            order->cents % 100,
            order->currency,
            order->status);
    time_print(out, order->ms);
    fprintf(out, ",%s\n", order->note == NULL ? "" : order->note);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: flow-bench-orders ndjson|mixed|csv ROWS\n", stderr);
        return 2;
    }
    int is_csv = strcmp(argv[1], "csv") == 0;
    int is_mixed = strcmp(argv[1], "mixed") == 0;
    uint64_t rows = strtoull(argv[2], NULL, 10);
    if (is_csv) {
        puts("order_id,customer_id,amount,currency,status,ts,note");
    }
    for (uint64_t i = 0; i < rows; i++) {
        Order order = order_make(i);
        if (is_csv) {
            csv_print(stdout, &order);
        } else if (is_mixed) {
            mixed_print(stdout, &order);
        } else {
            ndjson_print(stdout, &order);
        }
    }
    return 0;
}
