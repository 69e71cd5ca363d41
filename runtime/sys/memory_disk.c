// Names and inodes of the in-memory disk. Every change of a name is done at once in what processes
// see, and remembered as pending until an fsync of a directory makes it durable.
#include "sys/memory_disk.h"

MemoryDisk *disk_new(void) {
    MemoryDisk *disk = memory_alloc(sizeof(MemoryDisk));
    *disk = (MemoryDisk){0};
    (void)disk_inode_new(disk, true, 0);
    return disk;
}

void disk_release(MemoryDisk *disk) {
    ASSERT(disk->process_count > 0);
    if (--disk->process_count > 0) {
        return;
    }
    for (uint32_t i = 0; i < disk->inodes.count; i++) {
        buffer_free(&disk->inodes.items[i].data);
    }
    arena_free(&disk->arena);
    memory_free(disk);
}

uint32_t disk_inode_new(MemoryDisk *disk, bool is_directory, int64_t now_us) {
    *vec_push(&disk->arena, &disk->inodes) =
        (DiskInode){.is_directory = is_directory, .modified_us = now_us};
    return disk->inodes.count - 1;
}

// --- paths --------------------------------------------------------------------------------------

static size_t path_pop(const char *text, size_t length) {
    while (length > 0 && text[length - 1] != '/') {
        length--;
    }
    return length > 0 ? length - 1 : 0;
}

static size_t path_push(char *text, size_t length, const char *component, size_t size) {
    ASSERT(length + size + 2 <= DISK_PATH_BYTES_MAX);
    if (length > 0) {
        text[length++] = '/';
    }
    memcpy(text + length, component, size);
    return length + size;
}

// "a//b/../c" and "/a/c" become "a/c".
static void path_normalise(const char *path, char text[DISK_PATH_BYTES_MAX]) {
    size_t length = 0;
    for (const char *at = path; *at != '\0';) {
        size_t size = strcspn(at, "/");
        if (size == 2 && memcmp(at, "..", 2) == 0) {
            length = path_pop(text, length);
        } else if (size > 0 && !(size == 1 && *at == '.')) {
            length = path_push(text, length, at, size);
        }
        at += size;
        at += *at == '/' ? 1 : 0;
    }
    text[length] = '\0';
}

static int64_t names_index(const DiskNames *names, const char *name) {
    for (uint32_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static uint32_t names_find(const DiskNames *names, const char *name) {
    int64_t index = names_index(names, name);
    return index < 0 ? DISK_NO_INODE : names->items[index].inode;
}

static uint32_t directory_find(const MemoryDisk *disk, uint32_t directory, const char *name) {
    if (directory == DISK_NO_INODE || !disk_inode(disk, directory)->is_directory) {
        return DISK_NO_INODE;
    }
    return names_find(&disk_inode(disk, directory)->names, name);
}

void disk_find(MemoryDisk *disk, const char *path, DiskPlace *place) {
    path_normalise(path, place->text);
    place->directory = DISK_ROOT;
    place->name = place->text;
    for (char *slash; (slash = strchr(place->name, '/')) != NULL; place->name = slash + 1) {
        *slash = '\0';
        place->directory = directory_find(disk, place->directory, place->name);
    }
    if (place->name[0] == '\0') {
        place->inode = DISK_ROOT;
        return;
    }
    place->inode = directory_find(disk, place->directory, place->name);
    bool is_below = place->directory != DISK_NO_INODE;
    if (is_below && !disk_inode(disk, place->directory)->is_directory) {
        place->directory = DISK_NO_INODE;
    }
}

// --- operations ---------------------------------------------------------------------------------

static void names_set(MemoryDisk *disk, DiskNames *names, const char *name, uint32_t inode) {
    int64_t index = names_index(names, name);
    if (index >= 0) {
        names->items[index].inode = inode;
        return;
    }
    *vec_push(&disk->arena, names) = (DiskName){name, inode};
}

static void names_remove(DiskNames *names, const char *name, uint32_t inode) {
    int64_t index = names_index(names, name);
    if (index >= 0 && names->items[index].inode == inode) {
        names->items[index] = names->items[--names->count];
    }
}

static DiskNames *names_of(MemoryDisk *disk, uint32_t directory, bool is_durable) {
    DiskInode *inode = disk_inode(disk, directory);
    return is_durable ? &inode->durable : &inode->names;
}

void disk_apply(MemoryDisk *disk, const DiskOp *op, bool is_durable) {
    DiskNames *names = names_of(disk, op->directory, is_durable);
    switch (op->kind) {
    case DISK_ADD:
        names_set(disk, names, op->name, op->inode);
        break;
    case DISK_REMOVE:
        names_remove(names, op->name, op->inode);
        break;
    case DISK_RENAME:
        names_remove(names, op->name, op->inode);
        names_set(disk, names_of(disk, op->to_directory, is_durable), op->to_name, op->inode);
        break;
    }
}

static void disk_operate(MemoryDisk *disk, DiskOp op) {
    op.sequence = ++disk->sequence;
    disk_apply(disk, &op, false);
    *vec_push(&disk->arena, &disk->pending) = op;
}

void disk_add(MemoryDisk *disk, const DiskPlace *place, uint32_t inode) {
    const char *name = arena_string(&disk->arena, place->name);
    disk_operate(
        disk,
        (DiskOp){.kind = DISK_ADD, .directory = place->directory, .name = name, .inode = inode});
}

void disk_remove(MemoryDisk *disk, const DiskPlace *place) {
    const char *name = arena_string(&disk->arena, place->name);
    disk_operate(disk,
                 (DiskOp){.kind = DISK_REMOVE,
                          .directory = place->directory,
                          .name = name,
                          .inode = place->inode});
}

void disk_rename(MemoryDisk *disk, const DiskPlace *from, const DiskPlace *to) {
    disk_operate(disk,
                 (DiskOp){.kind = DISK_RENAME,
                          .inode = from->inode,
                          .directory = from->directory,
                          .name = arena_string(&disk->arena, from->name),
                          .to_directory = to->directory,
                          .to_name = arena_string(&disk->arena, to->name)});
}

// --- fsync --------------------------------------------------------------------------------------

static bool op_touches(const DiskOp *op, uint32_t directory) {
    return op->directory == directory || (op->kind == DISK_RENAME && op->to_directory == directory);
}

static bool op_makes_source_of(const DiskOp *op, const DiskOp *rename) {
    if (op->kind == DISK_RENAME) {
        return op->to_directory == rename->directory && strcmp(op->to_name, rename->name) == 0;
    }
    return op->directory == rename->directory && strcmp(op->name, rename->name) == 0;
}

// A rename is one operation in two directories: when it becomes durable, so does what had made the
// name that it moves.
static void sources_choose(MemoryDisk *disk, uint32_t rename, bool *is_chosen) {
    for (uint32_t i = 0; i < rename; i++) {
        is_chosen[i] |= op_makes_source_of(&disk->pending.items[i], &disk->pending.items[rename]);
    }
}

static void pending_settle(MemoryDisk *disk, const bool *is_chosen) {
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < disk->pending.count; i++) {
        DiskOp op = disk->pending.items[i];
        if (!is_chosen[i]) {
            disk->pending.items[kept_count++] = op;
            continue;
        }
        disk_apply(disk, &op, true);
        disk->synced_sequence =
            op.sequence > disk->synced_sequence ? op.sequence : disk->synced_sequence;
    }
    disk->pending.count = kept_count;
}

void disk_sync_names(MemoryDisk *disk, uint32_t directory) {
    uint32_t count = disk->pending.count;
    bool *is_chosen = memory_alloc(count * sizeof(bool));
    for (uint32_t i = 0; i < count; i++) {
        is_chosen[i] = op_touches(&disk->pending.items[i], directory);
    }
    for (uint32_t i = count; i-- > 0;) {
        if (is_chosen[i] && disk->pending.items[i].kind == DISK_RENAME) {
            sources_choose(disk, i, is_chosen);
        }
    }
    pending_settle(disk, is_chosen);
    memory_free(is_chosen);
}

void disk_sync_all(MemoryDisk *disk) {
    for (uint32_t i = 0; i < disk->pending.count; i++) {
        disk_apply(disk, &disk->pending.items[i], true);
    }
    disk->pending.count = 0;
    disk->synced_sequence = disk->sequence;
}
