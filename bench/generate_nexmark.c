// Deterministic Nexmark events as NDJSON, in the shape of the auction benchmark of that name:
//   flow-bench-nexmark EVENTS DIRECTORY
// writes persons.ndjson, auctions.ndjson and bids.ndjson (of 50 events 1, 3 and 46), 10 000 events
// to a second. Half of the bids go to a few hot auctions. The same arguments give the same bytes on
// every machine: no clock, no library's random numbers.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CYCLE = 50,
    AUCTIONS_PER_CYCLE = 3,
    FIRST_ID = 1000,
    OPEN_AUCTIONS = 300, // that bids go to: the newest
    EVENT_US = 100,
    PATH_BYTES = 4096,
};

static uint64_t state = 88172645463325252u;

static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 11;
}

#define PICK(list) (list)[next_random() % (sizeof(list) / sizeof((list)[0]))]

// The first day of 2026; a run of events stays within the month.
static void time_print(FILE *out, const char *name, uint64_t us) {
    uint64_t second = us / 1000000;
    fprintf(out,
            ",\"%s\":\"2026-01-%02" PRIu64 "T%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64
            "Z\"",
            name,
            1 + second / 86400,
            second / 3600 % 24,
            second / 60 % 60,
            second % 60,
            us / 1000 % 1000);
}

static void words_print(FILE *out, const char *name, uint32_t length) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz      ";
    char text[64];
    for (uint32_t i = 0; i < length; i++) {
        text[i] = letters[next_random() % (sizeof letters - 1)];
    }
    fprintf(out, ",\"%s\":\"%.*s\"", name, (int)length, text);
}

static void person_print(FILE *out, uint64_t id, uint64_t us) {
    static const char *const first[] = {"Ada", "Julie", "Kate", "Luke", "Paul", "Peter", "Sarah"};
    static const char *const last[] = {"Abrams", "Jones", "Noris", "Shultz", "Smith", "Walton"};
    static const char *const cities[] = {"Bend", "Boise", "Kent", "Portland", "Phoenix", "Seattle"};
    static const char *const states[] = {"AZ", "CA", "ID", "OR", "WA", "WY"};
    const char *name = PICK(first);
    const char *family = PICK(last);
    fprintf(out,
            "{\"id\":%" PRIu64 ",\"name\":\"%s %s\",\"emailAddress\":\"%s.%s@example.com\"",
            id,
            name,
            family,
            name,
            family);
    fprintf(out, ",\"creditCard\":\"%04" PRIu64 " %04" PRIu64, next_random() % 10000, id % 10000);
    fprintf(out, "\",\"city\":\"%s\",\"state\":\"%s\"", PICK(cities), PICK(states));
    time_print(out, "dateTime", us);
    words_print(out, "extra", 40);
    fputs("}\n", out);
}

static void auction_print(FILE *out, uint64_t id, uint64_t last_person, uint64_t us) {
    uint64_t bid = 100 + next_random() % 10000;
    fprintf(out, "{\"id\":%" PRIu64, id);
    words_print(out, "itemName", 10);
    words_print(out, "description", 40);
    fprintf(
        out, ",\"initialBid\":%" PRIu64 ",\"reserve\":%" PRIu64, bid, bid + next_random() % 1000);
    time_print(out, "dateTime", us);
    time_print(out, "expires", us + 100000 + next_random() % 2000000);
    uint64_t back = next_random() % (last_person < 100 ? last_person + 1 : 100);
    fprintf(out,
            ",\"seller\":%" PRIu64 ",\"category\":%" PRIu64,
            FIRST_ID + last_person - back,
            10 + next_random() % 5);
    words_print(out, "extra", 40);
    fputs("}\n", out);
}

static uint64_t auction_pick(uint64_t last_auction) {
    uint64_t r = next_random();
    if (r % 2 == 0) {
        return last_auction / 100 * 100;
    }
    uint64_t open = last_auction < OPEN_AUCTIONS ? last_auction + 1 : OPEN_AUCTIONS;
    return last_auction - (r >> 8) % open;
}

static void bid_print(FILE *out, uint64_t last_auction, uint64_t last_person, uint64_t us) {
    static const char *const hot[] = {"Apple", "Google", "Facebook", "Baidu"};
    uint64_t back = next_random() % (last_person < 1000 ? last_person + 1 : 1000);
    uint64_t price = 1;
    for (uint64_t digits = 2 + next_random() % 6; digits > 0; digits--) {
        price = price * 10 + next_random() % 10;
    }
    fprintf(out,
            "{\"auction\":%" PRIu64 ",\"bidder\":%" PRIu64 ",\"price\":%" PRIu64,
            FIRST_ID + auction_pick(last_auction),
            FIRST_ID + last_person - back,
            price);
    uint64_t channel = next_random();
    if (channel % 2 == 0) {
        fprintf(out, ",\"channel\":\"%s\"", PICK(hot));
    } else {
        fprintf(out, ",\"channel\":\"channel-%" PRIu64 "\"", channel / 2 % 10000);
    }
    fprintf(out,
            ",\"url\":\"https://www.nexmark.com/%04" PRIx64 "/%03" PRIx64
            "/item.htm?query=1&channel_id=%" PRIu64 "\"",
            next_random() % 65536,
            next_random() % 4096,
            channel / 2 % 10000);
    time_print(out, "dateTime", us);
    words_print(out, "extra", 40);
    fputs("}\n", out);
}

static FILE *file_open(const char *directory, const char *name) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s.ndjson", directory, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    return file;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: flow-bench-nexmark EVENTS DIRECTORY\n", stderr);
        return 2;
    }
    FILE *persons = file_open(argv[2], "persons");
    FILE *auctions = file_open(argv[2], "auctions");
    FILE *bids = file_open(argv[2], "bids");
    uint64_t events = strtoull(argv[1], NULL, 10);
    uint64_t auction_count = 0;
    for (uint64_t i = 0; i < events; i++) {
        uint64_t us = i * EVENT_US;
        uint64_t place = i % CYCLE;
        if (place == 0) {
            person_print(persons, FIRST_ID + i / CYCLE, us);
        } else if (place <= AUCTIONS_PER_CYCLE) {
            auction_print(auctions, FIRST_ID + auction_count, i / CYCLE, us);
            auction_count++;
        } else {
            bid_print(bids, auction_count - 1, i / CYCLE, us);
        }
    }
    return fclose(persons) != 0 || fclose(auctions) != 0 || fclose(bids) != 0;
}
