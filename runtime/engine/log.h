// What a run says on standard error: a line of text for people or, with `--log json`, an object a
// line. Inside of engine; log.c is the only place that knows either form.
#ifndef FLOW_ENGINE_LOG_H
#define FLOW_ENGINE_LOG_H

#include "base/base.h"

struct Run;

typedef enum LogLevel { LOG_INFO, LOG_WARNING, LOG_ERROR } LogLevel;

typedef struct LogEntry {
    LogLevel level;
    const char *event;   // stable, for machines
    const char *text;    // the line for people, with its end; NULL: they are not told
    const char *members; // of the object besides, each behind a comma; or NULL
} LogEntry;

// If nobody listens, that is no reason to change the status.
void run_log(struct Run *run, const LogEntry *entry);

#endif
