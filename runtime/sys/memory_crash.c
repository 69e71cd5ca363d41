// What a power loss leaves of the in-memory disk: one of the states that the disk model allows,
// chosen by a seed. Each choice is also taken whole at times (all kept, all lost), because the
// interesting states are often the pure ones.
#include "sys/memory_disk.h"

// How much of something survives: nothing, everything, or each part by the toss of a coin.
typedef enum Mercy { MERCY_NONE, MERCY_ALL, MERCY_COIN } Mercy;

static Mercy mercy_next(uint64_t *random) {
    uint64_t draw = random_next(random) % 4;
    return draw == 0 ? MERCY_NONE : draw == 1 ? MERCY_ALL : MERCY_COIN;
}

static bool is_kept(Mercy mercy, uint64_t *random) {
    return mercy == MERCY_ALL || (mercy == MERCY_COIN && (random_next(random) & 1) != 0);
}

// --- contents -----------------------------------------------------------------------------------

// Keeps all of `bytes`, none of it, or a beginning: a torn block.
static void block_tear(char *bytes, size_t length, uint64_t *random) {
    uint64_t draw = random_next(random) % 4;
    if (draw < 2) {
        return;
    }
    size_t kept = draw == 2 ? 0 : random_next(random) % length;
    memset(bytes + kept, 0, length - kept);
}

static void blocks_tear(DiskInode *inode, uint64_t *random) {
    size_t at = inode->synced_bytes;
    while (at < inode->data.length) {
        size_t end = (at / DISK_BLOCK_BYTES + 1) * DISK_BLOCK_BYTES;
        end = end < inode->data.length ? end : inode->data.length;
        block_tear(inode->data.data + at, end - at, random);
        at = end;
    }
}

// The size is metadata and survives on its own: it may be right above blocks that were lost.
static void file_lose(DiskInode *inode, uint64_t *random) {
    size_t unsynced_bytes = inode->data.length - inode->synced_bytes;
    if (unsynced_bytes == 0) {
        return;
    }
    Mercy mercy = mercy_next(random);
    if (mercy == MERCY_NONE) {
        inode->data.length = inode->synced_bytes;
    } else if (mercy == MERCY_COIN) {
        inode->data.length -= (random_next(random) & 1) * (random_next(random) % unsynced_bytes);
        blocks_tear(inode, random);
    }
    inode->synced_bytes = inode->data.length;
}

// --- names --------------------------------------------------------------------------------------

static void ops_shuffle(DiskOp *ops, uint32_t count, uint64_t *random) {
    for (uint32_t i = count; i > 1; i--) {
        uint32_t j = (uint32_t)(random_next(random) % i);
        DiskOp op = ops[i - 1];
        ops[i - 1] = ops[j];
        ops[j] = op;
    }
}

// Any subset; in half of the states also in any order.
static void names_lose_strict(MemoryDisk *disk, uint64_t *random) {
    Mercy mercy = mercy_next(random);
    if ((random_next(random) & 1) != 0) {
        ops_shuffle(disk->pending.items, disk->pending.count, random);
    }
    for (uint32_t i = 0; i < disk->pending.count; i++) {
        if (is_kept(mercy, random)) {
            disk_apply(disk, &disk->pending.items[i], true);
        }
    }
}

// A journal keeps order: whatever came before a durable operation is durable too.
static void names_lose_ordered(MemoryDisk *disk, uint64_t *random) {
    uint32_t certain_count = 0;
    while (certain_count < disk->pending.count &&
           disk->pending.items[certain_count].sequence < disk->synced_sequence) {
        certain_count++;
    }
    uint32_t open_count = disk->pending.count - certain_count;
    uint32_t kept_count = certain_count + (uint32_t)(random_next(random) % (open_count + 1));
    for (uint32_t i = 0; i < kept_count; i++) {
        disk_apply(disk, &disk->pending.items[i], true);
    }
}

static DiskNames names_copy(MemoryDisk *disk, const DiskNames *names) {
    DiskNames copy = {0};
    for (uint32_t i = 0; i < names->count; i++) {
        *vec_push(&disk->arena, &copy) = names->items[i];
    }
    return copy;
}

void disk_lose(MemoryDisk *disk, uint64_t seed, SysCrash crash) {
    uint64_t random = seed;
    if (crash == SYS_CRASH_STRICT) {
        names_lose_strict(disk, &random);
    } else if (crash == SYS_CRASH_ORDERED) {
        names_lose_ordered(disk, &random);
    }
    for (uint32_t i = 0; i < disk->inodes.count; i++) {
        DiskInode *inode = disk_inode(disk, i);
        file_lose(inode, &random);
        inode->names = names_copy(disk, &inode->durable);
    }
    disk->pending.count = 0;
    disk->synced_sequence = disk->sequence;
}

// --- copies -------------------------------------------------------------------------------------

static DiskNames names_copy_deep(MemoryDisk *disk, const DiskNames *names) {
    DiskNames copy = names_copy(disk, names);
    for (uint32_t i = 0; i < copy.count; i++) {
        copy.items[i].name = arena_string(&disk->arena, copy.items[i].name);
    }
    return copy;
}

static void inode_copy(MemoryDisk *disk, const DiskInode *inode) {
    DiskInode copy = *inode;
    copy.data = (Buffer){0};
    buffer_append(&copy.data, inode->data.data, inode->data.length);
    copy.names = names_copy_deep(disk, &inode->names);
    copy.durable = names_copy_deep(disk, &inode->durable);
    *vec_push(&disk->arena, &disk->inodes) = copy;
}

// Locks are not copied: they belong to processes of the disk that is copied.
MemoryDisk *disk_copy(const MemoryDisk *disk) {
    MemoryDisk *copy = memory_alloc(sizeof(MemoryDisk));
    *copy = (MemoryDisk){
        .sequence = disk->sequence,
        .synced_sequence = disk->synced_sequence,
        .process_number = disk->process_number,
    };
    for (uint32_t i = 0; i < disk->inodes.count; i++) {
        inode_copy(copy, disk_inode(disk, i));
    }
    for (uint32_t i = 0; i < disk->pending.count; i++) {
        DiskOp op = disk->pending.items[i];
        op.name = arena_string(&copy->arena, op.name);
        op.to_name = op.to_name == NULL ? NULL : arena_string(&copy->arena, op.to_name);
        *vec_push(&copy->arena, &copy->pending) = op;
    }
    return copy;
}
