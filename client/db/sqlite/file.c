/*
 * The file, without opening it: closing one of its own would let go of every lock that
 * this process has on it, also those of the connections that are open already. Then
 * another program would take itself for the last, and clear away the WAL that we write
 * to.
 */
#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "db/sqlite/sqlite.h"

/* --- may we use it --------------------------------------------------------------- */

static bool
file_unusable(const char *path, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *dir = dirname(mem_copy(scope, path));
    int why = errno;

    err_set(err, ERR_CONNECT, "unable to open database file \"%s\": %s", path,
            strerror(why));
    if (why == ENOENT && access(dir, F_OK) != 0)
        return err_detail(err, "there is no directory \"%s\"", dir) ||
               err_hint(err, "Check the path; or make it: mkdir -p %s", dir);
    return why == ENOENT ? err_hint(err,
                                    "An empty file is an empty database: pgstride up "
                                    "makes it, or touch %s",
                                    path)
                         : err_hint(err, "The database must be readable for who "
                                         "migrates, and its directory, too.");
}

bool
file_absent(const char *path)
{
    struct stat about;

    return stat(path, &about) != 0 && errno == ENOENT;
}

/* An empty file is an empty database. Whoever makes it at the same time is welcome. */
bool
file_make(const char *path, bool *made, Err *err)
{
    if (!file_absent(path))
        return true;
    *made = mknod(path, S_IFREG | 0644, 0) == 0;
    return *made || errno == EEXIST || file_unusable(path, err);
}

bool
file_check(const char *path, Err *err)
{
    struct stat about;

    if (stat(path, &about) != 0 || access(path, R_OK) != 0)
        return file_unusable(path, err);
    return S_ISREG(about.st_mode) ||
           err_set(err, ERR_CONNECT, "\"%s\" is no file", path);
}

/* Who writes needs the directory too: the file and its journal are made there. */
bool
file_write_check(const char *path, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *dir = dirname(mem_copy(scope, path));
    bool absent = file_absent(path);
    const char *what = !absent && access(path, W_OK) != 0 ? path
                       : access(dir, W_OK) != 0           ? dir
                                                          : NULL;

    if (what == NULL)
        return true;
    if (absent && errno == ENOENT)
        return file_unusable(path, err);
    err_set(err, ERR_CONNECT, "attempt to write a readonly database: \"%s\": %s", what,
            strerror(errno));
    return err_hint(err, "The database, and its directory for the journal, must be "
                         "writable for who migrates.");
}

bool
file_is_writable(const char *path)
{
    MEM_SCOPE(scope, NULL);

    return access(path, W_OK) == 0 && access(dirname(mem_copy(scope, path)), W_OK) == 0;
}

/* --- where it must not be -------------------------------------------------------- */

typedef struct Network
{
    unsigned magic; /* statfs */
    const char *name;
} Network;

static const Network networks[] = {
    {0x6969, "NFS"},      {0x517B, "SMB"},        {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB"},  {0x01021997, "9P"},     {0x5346414F, "AFS"},
    {0x00C36400, "Ceph"}, {0x0BD00BD0, "Lustre"}, {0x786F4256, "VirtualBox"},
    {0x01161970, "GFS2"}, {0x7461636F, "OCFS2"}};

const char *
file_network_named(unsigned magic)
{
    for (int i = 0; i < LENGTH(networks); i++)
        if (magic == networks[i].magic)
            return networks[i].name;
    return NULL;
}

const char *
file_network(const char *path)
{
    struct statfs about;

    return statfs(path, &about) == 0 ? file_network_named((unsigned)about.f_type)
                                     : NULL;
}

/* WAL is shared memory: on two machines it is not shared, and both would write. */
bool
file_wal_check(const char *path, const char *mode, const char *network, Err *err)
{
    if (network == NULL || strcmp(mode, "wal") != 0)
        return true;
    err_set(err, ERR_REFUSED, "\"%s\" is in WAL mode on a network (%s)", path, network);
    return err_hint(err, "Run it on the machine that has the file, or switch "
                         "the database to PRAGMA journal_mode = DELETE.");
}

typedef struct Managed
{
    const char *sign; /* beside the file */
    const char *name;
} Managed;

static const Managed signs[] = {{"raft", "rqlite"},
                                {"raft.db", "rqlite"},
                                {"metadata1", "dqlite"},
                                {"wallog", "libsql-server"}};

bool
file_managed_check(const char *path, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *dir = dirname(mem_copy(scope, path));

    for (int i = 0; i < LENGTH(signs); i++)
        if (access(mem_text(scope, "%s/%s", dir, signs[i].sign), F_OK) == 0)
        {
            err_set(err, ERR_REFUSED,
                    "\"%s\" belongs to %s: its copies would not hear "
                    "of what is written to the file",
                    path, signs[i].name);
            return err_hint(err, "Migrate it through its own server.");
        }
    return true;
}

/* --- what lies beside it --------------------------------------------------------- */

int64_t
file_wal_bytes(const char *path)
{
    MEM_SCOPE(scope, NULL);
    struct stat about;

    return stat(mem_text(scope, "%s-wal", path), &about) == 0 ? (int64_t)about.st_size
                                                              : 0;
}

bool
file_has_litestream(const char *path)
{
    MEM_SCOPE(scope, NULL);
    const char *slash = strrchr(path, '/');
    int length = slash == NULL ? 0 : (int)(slash + 1 - path);
    struct stat about;

    return stat(mem_text(scope, "%.*s.%s-litestream", length, path, path + length),
                &about) == 0 &&
           S_ISDIR(about.st_mode);
}
