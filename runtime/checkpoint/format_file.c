// The first file of a checkpoint. It is text, because it is what a person opens who wonders what
// this directory is; and it is put like a manifest, so that two first runs agree on one uuid.
#include "checkpoint/format_file.h"

enum { FORMAT_BYTES_MAX = 4096, FORMAT_VERSION = 1 };

typedef struct FormatFile {
    Sys *sys;
    Arena *arena;
    const char *directory;
    const char *path;
    const char *program; // NULL: any, …
    const char *found;   // … and which
} FormatFile;

static Outcome refused(const FormatFile *format, const char *code, const char *what) {
    return sys_fail(format->sys, OUTCOME_REFUSED, "%s %s: %s", code, format->path, what);
}

// --- reading ------------------------------------------------------------------------------------

// The text of the line that begins with `key` and a blank, or NULL; the line's end becomes a NUL.
static char *line_take(char **at, const char *key) {
    size_t length = strlen(key);
    char *end = strchr(*at, '\n');
    if (end == NULL || strncmp(*at, key, length) != 0 || (*at)[length] != ' ') {
        return NULL;
    }
    char *value = *at + length + 1;
    *end = '\0';
    *at = end + 1;
    return value;
}

static bool is_uuid(const char *text) {
    if (strlen(text) != UUID_TEXT_BYTES - 1) {
        return false;
    }
    for (size_t i = 0; i < UUID_TEXT_BYTES - 1; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

// Digits alone, as we write them.
static bool created_parse(const char *text, int64_t *created_us) {
    enum { DIGITS_MAX = 18 };
    *created_us = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] < '0' || text[i] > '9' || i >= DIGITS_MAX) {
            return false;
        }
        *created_us = *created_us * 10 + (text[i] - '0');
    }
    return text[0] != '\0';
}

static Outcome format_parse(FormatFile *format, char *text, CheckpointFormat *made) {
    const char *version = line_take(&text, "flow-checkpoint");
    if (version == NULL) {
        return refused(format, "E702", "it is not the FORMAT of a checkpoint");
    }
    if (strcmp(version, "1") != 0) {
        return refused(format, "E701", "a newer Flow has written this checkpoint");
    }
    const char *pipeline = line_take(&text, "pipeline");
    const char *program = line_take(&text, "program");
    const char *created = line_take(&text, "created");
    if (pipeline == NULL || program == NULL || !is_uuid(pipeline) || created == NULL ||
        !created_parse(created, &made->created_us)) {
        return refused(format, "E702", "it is damaged");
    }
    format->found = program;
    if (format->program != NULL && strcmp(program, format->program) != 0) {
        return sys_fail(format->sys,
                        OUTCOME_REFUSED,
                        "%s: the checkpoint belongs to the program `%s`, not to `%s`",
                        format->path,
                        program,
                        format->program);
    }
    memcpy(made->uuid, pipeline, UUID_TEXT_BYTES);
    return OUTCOME_OK;
}

static Outcome format_read(FormatFile *format, CheckpointFormat *made) {
    char *text = NULL;
    size_t length = 0;
    TRY(sys_read_all(format->sys, format->arena, format->path, FORMAT_BYTES_MAX, &text, &length));
    return format_parse(format, text, made);
}

// --- making -------------------------------------------------------------------------------------

static bool is_own_name(const SysEntry *entry) {
    return strcmp(entry->name, "LOCK") == 0 || strcmp(entry->name, "log") == 0 ||
           strncmp(entry->name, ".tmp-", 5) == 0;
}

// A directory with somebody's files in it is a mistyped path, not a place for a checkpoint.
static Outcome directory_check_new(const FormatFile *format) {
    SysEntry *entries = NULL;
    uint32_t count = 0;
    TRY(sys_list(format->sys, format->arena, format->directory, &entries, &count));
    for (uint32_t i = 0; i < count; i++) {
        if (!is_own_name(&entries[i])) {
            return sys_fail(format->sys,
                            OUTCOME_REFUSED,
                            "%s: neither a checkpoint nor empty (it has `%s`)",
                            format->directory,
                            entries[i].name);
        }
    }
    const char *log = arena_format(format->arena, "%s/log", format->directory);
    TRY(sys_list(format->sys, format->arena, log, &entries, &count));
    return count == 0 ? OUTCOME_OK : refused(format, "E702", "it is missing");
}

static const char *format_text(const FormatFile *format) {
    char uuid[UUID_TEXT_BYTES];
    sys_uuid(format->sys, uuid);
    return arena_format(format->arena,
                        "flow-checkpoint %d\npipeline %s\nprogram %s\ncreated %lld\n",
                        FORMAT_VERSION,
                        uuid,
                        format->program,
                        (long long)sys_wall_us(format->sys));
}

// Put if absent: whoever is first names the pipeline, and everybody reads what is there.
static Outcome format_make(const FormatFile *format) {
    TRY(directory_check_new(format));
    const char *text = format_text(format);
    uint64_t random = 0;
    sys_random(format->sys, &random, sizeof(random));
    const char *temp = arena_format(
        format->arena, "%s/.tmp-%016llx", format->directory, (unsigned long long)random);
    TRY(sys_write_new(format->sys, temp, text, strlen(text)));
    SysLink link = SYS_LINK_DONE;
    TRY(sys_link(format->sys, temp, format->path, &link));
    return sys_unlink(format->sys, temp);
}

Outcome
format_file_open(Sys *sys, const char *directory, const char *program, CheckpointFormat *made) {
    Arena arena = {0};
    FormatFile format = {.sys = sys, .arena = &arena, .directory = directory, .program = program};
    format.path = arena_format(&arena, "%s/FORMAT", directory);
    SysStat stat;
    Outcome outcome = sys_stat(sys, format.path, &stat);
    if (outcome == OUTCOME_OK && !stat.exists) {
        outcome = format_make(&format);
    }
    if (outcome == OUTCOME_OK) {
        outcome = format_read(&format, made);
    }
    arena_free(&arena);
    return outcome;
}

Outcome format_file_look(
    Sys *sys, Arena *arena, const char *directory, CheckpointFormat *made, const char **program) {
    FormatFile format = {.sys = sys, .arena = arena, .directory = directory};
    format.path = arena_format(arena, "%s/FORMAT", directory);
    SysStat stat;
    TRY(sys_stat(sys, format.path, &stat));
    if (!stat.exists) {
        return sys_fail(sys, OUTCOME_USAGE, "%s is no checkpoint: it has no FORMAT", directory);
    }
    TRY(format_read(&format, made));
    *program = format.found;
    return OUTCOME_OK;
}

void format_uuid_bytes(const char *text, uint8_t bytes[UUID_BYTES]) {
    size_t digit = 0;
    memset(bytes, 0, UUID_BYTES);
    for (; *text != '\0'; text++) {
        if (*text != '-') {
            int value = *text <= '9' ? *text - '0' : *text - 'a' + 10;
            bytes[digit / 2] = (uint8_t)(bytes[digit / 2] << 4 | value);
            digit++;
        }
    }
}
