// watch: what others may know of a run while it runs: its numbers, as Prometheus text over HTTP,
// and whether it is alive and ready.
//
// Includes abi, base, sys. Whoever runs fills WatchNumbers and publishes copies of it; a thread of
// the server answers from the newest copy and touches nothing else of the run, so no result can
// depend on who asks. Names in the numbers are borrowed and outlive the server. Names of metrics:
// docs/decisions/170-metrics.md.
#ifndef FLOW_WATCH_H
#define FLOW_WATCH_H

#include "sys/sys.h"

typedef enum WatchPhase { WATCH_RECOVERING, WATCH_RUNNING, WATCH_ENDING } WatchPhase;

// How long something took, how often: within each bound of bound.def, and longer.
#define BOUND(us, text) +1
enum {
    WATCH_BOUND_COUNT = 0
#include "watch/bound.def"
};
#undef BOUND
typedef struct WatchTimes {
    int64_t within[WATCH_BOUND_COUNT]; // each is in one only
    int64_t count;
    int64_t sum_us;
} WatchTimes;
void watch_times_add(WatchTimes *times, int64_t us);

enum { WATCH_CLASS_COUNT = FLOW_REJECT_CONTRACT + 1 }; // those that a record's form is to blame for
#define WATCH_UNKNOWN INT64_MIN                        // in place of a time that is not known

typedef struct WatchSource {
    const char *name;
    int64_t records; // that were read, also those of the present epoch
    int64_t counters[FLOW_COUNTER_COUNT];
    int64_t violations[WATCH_CLASS_COUNT];
    int64_t watermark_us;
    int64_t newest_us;        // greatest event time
    int64_t ingestion_lag_us; // of the last epoch: how long the oldest file had been there
} WatchSource;

typedef struct WatchFlow {
    const char *name;
    int64_t counters[FLOW_COUNTER_COUNT];
} WatchFlow;

typedef struct WatchTable {
    const char *name;
    int64_t committed_us; // when the run committed it last, by the wall clock
} WatchTable;

typedef struct WatchNumbers {
    const char *pipeline;
    WatchPhase phase;
    int64_t started_us; // by the wall clock
    int64_t rows;       // that went through pipelines
    int64_t bytes;      // that sources have read
    int64_t dlq;
    int64_t epochs;
    int64_t epoch;        // the slot of the last one
    int64_t committed_us; // when it was committed, by the wall clock
    int64_t state_bytes;  // that its manifest refers to
    int64_t state_entries;
    WatchTimes epoch_times;      // from its begin to its commit
    WatchTimes checkpoint_times; // from the end of its input until it was decided
    WatchTimes commit_times;     // from there until every output had it
    WatchSource *sources;
    uint32_t source_count;
    WatchFlow *flows;
    uint32_t flow_count;
    WatchTable *tables;
    uint32_t table_count;
} WatchNumbers;

// Zeros, and times that are unknown, with this many of each.
void watch_numbers_init(Arena *arena, WatchNumbers *numbers);

// The text exposition format, version 0.0.4; lags are taken to `now_us` of the wall clock.
void watch_metrics(const WatchNumbers *numbers, int64_t now_us, bool is_poisoned, Buffer *out);
// For people, at a terminal: lines of at most about 100 characters, each with its end.
typedef struct WatchPace {
    double rows_per_second;
    int64_t now_us; // by the wall clock
} WatchPace;
uint32_t watch_screen(const WatchNumbers *numbers, const WatchPace *pace, Buffer *out); // how many

// --- the server ----------------------------------------------------------------------------------
typedef struct WatchServer WatchServer;
// *server is NULL on a machine that has no network. The numbers' counts are those of all to come.
NODISCARD Outcome watch_server_start(Sys *sys,
                                     const char *address,
                                     const WatchNumbers *numbers,
                                     WatchServer **server);
uint16_t watch_server_port(const WatchServer *server);
void watch_server_publish(WatchServer *server, const WatchNumbers *numbers); // NULL: nobody asks
void watch_server_end(WatchServer *server);
// An answer to a request's head, complete. Public for tests: bytes in, bytes out.
void watch_answer(const WatchNumbers *numbers,
                  const char *request,
                  int64_t now_us,
                  bool is_poisoned,
                  Buffer *answer);

#endif
