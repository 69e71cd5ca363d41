// The disk behind sys_memory: inodes, names, and what of them an fsync has made durable.
//
// Private to the room. A directory has two lists of names: those that a process sees and those that
// a crash cannot take away; the difference is the list of pending operations. Inodes are indexes,
// so that a disk is copied by copying arrays.
#ifndef FLOW_MEMORY_DISK_H
#define FLOW_MEMORY_DISK_H

#include "sys/sys_memory.h"

enum { DISK_ROOT = 0, DISK_PATH_BYTES_MAX = 4096, DISK_BLOCK_BYTES = 4096 };
#define DISK_NO_INODE UINT32_MAX

typedef struct DiskName {
    const char *name;
    uint32_t inode;
} DiskName;

typedef VEC(DiskName) DiskNames;

typedef struct DiskInode {
    bool is_directory;
    int64_t modified_us;
    Buffer data;
    size_t synced_bytes; // files only grow, so what is durable is a prefix
    DiskNames names;
    DiskNames durable;
} DiskInode;

typedef enum DiskOpKind { DISK_ADD, DISK_REMOVE, DISK_RENAME } DiskOpKind;

typedef struct DiskOp {
    DiskOpKind kind;
    uint64_t sequence;
    uint32_t inode;
    uint32_t directory;
    const char *name;
    uint32_t to_directory; // RENAME
    const char *to_name;
} DiskOp;

typedef struct DiskLock {
    const char *path;
    const Sys *owner;
} DiskLock;

typedef struct MemoryDisk {
    Arena arena;
    VEC(DiskInode) inodes;
    VEC(DiskOp) pending;
    VEC(DiskLock) locks;
    uint64_t sequence;        // of the last name operation
    uint64_t synced_sequence; // the last that an fsync of a directory covered
    uint32_t process_count;   // that are alive or not yet freed
    uint64_t process_number;  // of the last one: no two have the same random numbers
} MemoryDisk;

typedef struct DiskPlace {
    uint32_t directory; // DISK_NO_INODE: there is no such directory
    const char *name;   // "" is the directory itself
    uint32_t inode;     // DISK_NO_INODE: there is no such name
    char text[DISK_PATH_BYTES_MAX];
} DiskPlace;

MemoryDisk *disk_new(void);
void disk_release(MemoryDisk *disk); // by one process
void disk_find(MemoryDisk *disk, const char *path, DiskPlace *place);
uint32_t disk_inode_new(MemoryDisk *disk, bool is_directory, int64_t now_us);
void disk_add(MemoryDisk *disk, const DiskPlace *place, uint32_t inode);
void disk_remove(MemoryDisk *disk, const DiskPlace *place);
void disk_rename(MemoryDisk *disk, const DiskPlace *from, const DiskPlace *to);
void disk_sync_names(MemoryDisk *disk, uint32_t directory);
void disk_sync_all(MemoryDisk *disk);
void disk_apply(MemoryDisk *disk, const DiskOp *op, bool is_durable);
MemoryDisk *disk_copy(const MemoryDisk *disk);
void disk_lose(MemoryDisk *disk, uint64_t seed, SysCrash crash); // power loss

static inline DiskInode *disk_inode(const MemoryDisk *disk, uint32_t inode) {
    ASSERT(inode < disk->inodes.count);
    return &disk->inodes.items[inode];
}

// splitmix64: small, and good enough to choose what a crash takes away.
static inline uint64_t random_next(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

#endif
