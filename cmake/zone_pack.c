// Packs the system's time zones into one file, which the runtime carries along: a run's results
// must not depend on the zone data of the machine that it runs on.
//
//   zone_pack DIRECTORY FILE
//
// The file: uint32 count of names, then for each, sorted by name, uint32 offset and length of the
// name and uint32 offset of its data; data is the 64-bit part of a TZif file (RFC 8536).
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAMES_MAX = 2048, NAME_BYTES_MAX = 128, HEADER_BYTES = 44, PATH_BYTES_MAX = 4096 };

typedef struct Entry {
    char name[NAME_BYTES_MAX];
    uint32_t data; // index in `datas`
} Entry;

typedef struct Data {
    unsigned char *bytes;
    uint32_t length;
    uint32_t offset;
} Data;

static Entry entries[NAMES_MAX];
static Data datas[NAMES_MAX];
static uint32_t entry_count;
static uint32_t data_count;

static void fail(const char *what, const char *name) {
    fprintf(stderr, "zone_pack: %s: %s\n", what, name);
    exit(1);
}

static uint32_t number_at(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// Bytes of the 32-bit part, which every reader of the 64-bit one passes over.
static size_t old_part_bytes(const unsigned char *bytes) {
    uint32_t utc_count = number_at(bytes + 20);
    uint32_t standard_count = number_at(bytes + 24);
    uint32_t leap_count = number_at(bytes + 28);
    uint32_t time_count = number_at(bytes + 32);
    uint32_t type_count = number_at(bytes + 36);
    uint32_t text_bytes = number_at(bytes + 40);
    return HEADER_BYTES + (size_t)time_count * 5 + (size_t)type_count * 6 + text_bytes +
           (size_t)leap_count * 8 + standard_count + utc_count;
}

static uint32_t data_add(const unsigned char *bytes, size_t length) {
    for (uint32_t i = 0; i < data_count; i++) {
        if (datas[i].length == length && memcmp(datas[i].bytes, bytes, length) == 0) {
            return i;
        }
    }
    unsigned char *copy = malloc(length + 1);
    if (copy == NULL || data_count == NAMES_MAX) {
        fail("too many", "zones");
    }
    memcpy(copy, bytes, length);
    copy[length] = 0; // ends the rule at the end, which is text
    datas[data_count] = (Data){copy, (uint32_t)length, 0};
    return data_count++;
}

static void file_add(const char *path, const char *name) {
    static unsigned char bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail("cannot read", path);
    }
    size_t length = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    if (length < HEADER_BYTES || memcmp(bytes, "TZif", 4) != 0 || bytes[4] < '2') {
        return;
    }
    size_t skipped = old_part_bytes(bytes);
    if (skipped >= length || strlen(name) >= NAME_BYTES_MAX || entry_count == NAMES_MAX) {
        fail("unexpected", path);
    }
    strcpy(entries[entry_count].name, name);
    entries[entry_count++].data = data_add(bytes + skipped, length - skipped);
}

static int is_no_zone(const char *name) {
    static const char *const others[] = {"posix", "right", "localtime", "posixrules", "Factory"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(others[i], name) == 0) {
            return 1;
        }
    }
    return name[0] == '.';
}

static void directory_add(const char *root, const char *below) {
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof(path), "%s/%s", root, below);
    DIR *directory = opendir(path);
    if (directory == NULL) {
        fail("cannot open", path);
    }
    for (struct dirent *item = readdir(directory); item != NULL; item = readdir(directory)) {
        char name[PATH_BYTES_MAX];
        struct stat about;
        if (is_no_zone(item->d_name)) {
            continue;
        }
        snprintf(name, sizeof(name), "%s%s%s", below, below[0] == 0 ? "" : "/", item->d_name);
        snprintf(path, sizeof(path), "%s/%s", root, name);
        if (stat(path, &about) != 0) {
            fail("cannot read", path);
        }
        if (S_ISDIR(about.st_mode)) {
            directory_add(root, name);
        } else {
            file_add(path, name);
        }
    }
    closedir(directory);
}

static int entry_compare(const void *a, const void *b) {
    return strcmp(((const Entry *)a)->name, ((const Entry *)b)->name);
}

static void pack_write(FILE *out) {
    uint32_t at = (uint32_t)sizeof(uint32_t) * (1 + 3 * entry_count);
    for (uint32_t i = 0; i < data_count; i++) {
        datas[i].offset = at;
        at += datas[i].length + 1;
    }
    fwrite(&entry_count, sizeof(entry_count), 1, out);
    for (uint32_t i = 0; i < entry_count; i++) {
        uint32_t length = (uint32_t)strlen(entries[i].name);
        uint32_t row[3] = {at, length, datas[entries[i].data].offset};
        fwrite(row, sizeof(row), 1, out);
        at += length;
    }
    for (uint32_t i = 0; i < data_count; i++) {
        fwrite(datas[i].bytes, 1, datas[i].length + 1, out);
    }
    for (uint32_t i = 0; i < entry_count; i++) {
        fwrite(entries[i].name, 1, strlen(entries[i].name), out);
    }
}

int main(int count, char **arguments) {
    if (count != 3) {
        fail("usage", "zone_pack DIRECTORY FILE");
    }
    directory_add(arguments[1], "");
    if (entry_count == 0) {
        fail("no zones (is tzdata installed?)", arguments[1]);
    }
    qsort(entries, entry_count, sizeof(Entry), entry_compare);
    FILE *out = fopen(arguments[2], "wb");
    if (out == NULL) {
        fail("cannot write", arguments[2]);
    }
    pack_write(out);
    if (fclose(out) != 0) {
        fail("cannot write", arguments[2]);
    }
    return 0;
}
