#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/stop.h"
#include "db/sqlite/sqlite.h"

/* Not the library's own waiting: that sleeps longer and longer, and cannot be stopped.
 * One of ours is short, so that a gap between two writers is not missed. */
#define BUSY_REST_MS 5

static int
busy_wait(void *data, int tries)
{
    Sqlite *lite = data;
    const struct timespec rest = {.tv_nsec = BUSY_REST_MS * 1000000L};
    double now = clock_now(&clock_real);

    if (tries == 0)
        lite->waiting_since = now;
    if (stop_asked() || now - lite->waiting_since >= (double)lite->patience)
        return 0;
    nanosleep(&rest, NULL);
    return 1;
}

void
busy_handle(Sqlite *lite)
{
    sqlite3_busy_handler(lite->conn, busy_wait, lite);
}

/* --- who has it ------------------------------------------------------------------ */

static bool
inode_of(const char *path, char *text, size_t size)
{
    struct stat file;

    if (stat(path, &file) != 0)
        return false;
    snprintf(text, size, "%02x:%02x:%lu", major(file.st_dev), minor(file.st_dev),
             (unsigned long)file.st_ino);
    return true;
}

static void
comm_read(long pid, char *name, size_t size)
{
    char path[64];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
    file = fopen(path, "re");
    if (file == NULL || fgets(name, (int)size, file) == NULL)
        snprintf(name, size, "?");
    name[strcspn(name, "\n")] = '\0';
    if (file != NULL)
        fclose(file);
}

static void
holder_add(Buf *who, long pid)
{
    MEM_SCOPE(scope, NULL);
    char name[32];
    const char *shown;

    comm_read(pid, name, sizeof(name));
    shown = mem_text(scope, "pid %ld (%s)", pid, name);
    if (strstr(who->text, shown) == NULL)
        buf_format(who, "%s%s", who->length > 0 ? ", " : "", shown);
}

/* A lock on one of the files, of a kind, in a range of bytes. */
typedef struct LockSought
{
    char inodes[2][48]; /* of the database, or of its shared memory */
    const char *mode;   /* "WRITE" */
    long from;
    long to;
} LockSought;

enum
{
    /* of the database: where its readers lock */
    SHARED_FIRST = 0x40000002,
    SHARED_LAST = 0x40000002 + 509,
    /* of the shared memory: the marks that readers of the WAL set */
    READ_MARK_FIRST = 123,
    READ_MARK_LAST = 127
};

/* A line is "1: POSIX  ADVISORY  WRITE 4711 fe:01:1234 120 120". */
static bool
line_names(const char *line, const LockSought *sought, long *pid)
{
    char mode[16];
    char inode[48];
    char end[32];
    long from;

    if (sscanf(line, "%*d: %*s %*s %15s %ld %47s %ld %31s", mode, pid, inode, &from,
               end) != 5 ||
        strcmp(mode, sought->mode) != 0 || *pid == (long)getpid() ||
        from > sought->to ||
        (strcmp(end, "EOF") != 0 && strtol(end, NULL, 10) < sought->from))
        return false;
    for (int i = 0; i < LENGTH(sought->inodes); i++)
        if (strcmp(inode, sought->inodes[i]) == 0)
            return true;
    return false;
}

static char *
locks_look(Mem *mem, const LockSought *sought)
{
    char line[256];
    Buf who = buf_begin(mem);
    FILE *locks = fopen("/proc/locks", "re");
    long pid = 0;

    buf_add(&who, "");
    while (locks != NULL && fgets(line, sizeof(line), locks) != NULL)
        if (line_names(line, sought, &pid))
            holder_add(&who, pid);
    if (locks != NULL)
        fclose(locks);
    return who.length == 0 ? NULL : who.text;
}

char *
busy_holders(Mem *mem, const char *path)
{
    MEM_SCOPE(scope, mem);
    LockSought sought = {.mode = "WRITE", .to = LONG_MAX};

    inode_of(path, sought.inodes[0], sizeof(sought.inodes[0]));
    inode_of(mem_text(scope, "%s-shm", path), sought.inodes[1],
             sizeof(sought.inodes[1]));
    return locks_look(mem, &sought);
}

/* Without a WAL a reader keeps a writer from its commit. */
char *
busy_sharers(Mem *mem, const char *path)
{
    LockSought sought = {.mode = "READ", .from = SHARED_FIRST, .to = SHARED_LAST};

    inode_of(path, sought.inodes[0], sizeof(sought.inodes[0]));
    return locks_look(mem, &sought);
}

char *
busy_readers(Mem *mem, const char *path)
{
    MEM_SCOPE(scope, mem);
    LockSought sought = {.mode = "READ", .from = READ_MARK_FIRST, .to = READ_MARK_LAST};

    inode_of(mem_text(scope, "%s-shm", path), sought.inodes[0],
             sizeof(sought.inodes[0]));
    return locks_look(mem, &sought);
}
