#include "run/folder/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "core/files/version.h"
#include "core/layouts/layout.h"
#include "run/folder/locations.h"

/* No migration is that large; a dump that strayed in here is. */
#define FILE_LARGEST ((off_t)64 << 20)

/* Subfolders within subfolders: no runner nests them deeper, and a link may lead back.
 */
#define FOLDERS_DEEPEST 4

/* --- reading --------------------------------------------------------------------- */

typedef struct Names
{
    const char **items;
    int count;
    int room;
} Names;

/* An SQL file, however its ending is spelled; or what some layout reads or lists. */
static Wanted
name_wanted(const char *name)
{
    size_t length = strlen(name);
    bool sql = strchr(name, '/') == NULL && length > 4 &&
               strcasecmp(name + length - 4, ".sql") == 0;

    return sql ? WANTED_READ : layout_wants(name);
}

static int
name_order(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool
refuse_folder(const char *dir, const char *asked, Err *err)
{
    if (errno != ENOENT)
        return err_set(err, ERR_USAGE, "cannot read the folder \"%s\": %s", dir,
                       strerror(errno));
    if (asked == NULL)
        err_set(err, ERR_USAGE,
                "there is no folder \"migrations\" or \"db/migrations\" here");
    else
        err_set(err, ERR_USAGE, "there is no folder \"%s\"", dir);
    return err_hint(err, "Name it with --dir, or let pgstride new NAME make it.");
}

static bool
is_subfolder(const char *path, const struct dirent *entry)
{
    bool maybe = entry->d_type == DT_DIR || entry->d_type == DT_LNK ||
                 entry->d_type == DT_UNKNOWN;

    return maybe && strcmp(entry->d_name, "node_modules") != 0 && is_folder(path);
}

/* Every name in the folder and below it; `within` is the way there, "" at the top. What
 * cannot be read below is not ours. */
static bool
names_gather(Mem *mem, const char *dir, const char *within, int depth, Names *names)
{
    DIR *stream = opendir(mem_text(mem, "%s/%s", dir, within));
    const struct dirent *entry;

    if (stream == NULL)
        return depth > 0;
    while (errno = 0, (entry = readdir(stream)) != NULL)
    {
        if (entry->d_name[0] == '.')
            continue;

        char *name = mem_text(mem, "%s%s", within, entry->d_name);
        bool below = depth < FOLDERS_DEEPEST &&
                     is_subfolder(mem_text(mem, "%s/%s", dir, name), entry);

        if (below)
            names_gather(mem, dir, mem_text(mem, "%s/", name), depth + 1, names);
        else if (name_wanted(name) != WANTED_NOT)
            *list_add(mem, names) = name;
    }

    int broken = errno;

    closedir(stream);
    errno = broken;
    return broken == 0 || depth > 0;
}

static bool
names_read(Mem *mem, const char *dir, const char *asked, Names *names, Err *err)
{
    if (!names_gather(mem, dir, "", 0, names))
        return refuse_folder(dir, asked, err);
    if (names->count > 0)
        qsort(names->items, (size_t)names->count, sizeof(*names->items), name_order);
    return true;
}

static bool
refuse_file(const char *path, const char *deed, Err *err)
{
    return err_at(err, ERR_USAGE, path, 0, "cannot %s the file: %s", deed,
                  strerror(errno));
}

/* The file may change while we read: what counts is what we got, up to its size. */
static bool
bytes_read(Mem *mem, int fd, off_t size, SourceFile *file, Err *err)
{
    char *bytes = mem_array(mem, char, size + 1);

    while (file->length < (size_t)size)
    {
        ssize_t got = read(fd, bytes + file->length, (size_t)size - file->length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return refuse_file(file->path, "read", err);
        if (got == 0)
            break;
        file->length += (size_t)got;
    }
    bytes[file->length] = '\0';
    file->bytes = bytes;
    return true;
}

static bool
check_file(int fd, const char *path, off_t *size, Err *err)
{
    MEM_SCOPE(scope, NULL);
    struct stat what;

    if (fstat(fd, &what) != 0)
        return refuse_file(path, "read", err);
    *size = what.st_size;
    if (!S_ISREG(what.st_mode))
        return err_at(err, ERR_USAGE, path, 0, "this is no ordinary file");
    if (what.st_size <= FILE_LARGEST)
        return true;
    err_at(err, ERR_USAGE, path, 0, "the file is larger than %s: %s",
           bytes_show(scope, FILE_LARGEST), bytes_show(scope, what.st_size));
    return err_hint(err, "Data belongs into COPY or a backfill, not into a migration "
                         "file.");
}

/* Not blocking, so that a named pipe called x.sql is refused and not waited for. */
static bool
file_read(Mem *mem, SourceFile *file, Err *err)
{
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    off_t size = 0;

    if (fd < 0)
        return refuse_file(file->path, "open", err);

    bool good =
        check_file(fd, file->path, &size, err) && bytes_read(mem, fd, size, file, err);

    close(fd);
    return good;
}

static int
file_order(const void *left, const void *right)
{
    const SourceFile *a = left;
    const SourceFile *b = right;
    int by_name = strcmp(a->name, b->name);

    return by_name != 0 ? by_name : a->location - b->location;
}

static bool
location_files(Mem *mem, const char *dir, const char *asked, SourceFiles *files,
               Err *err)
{
    Names names = {0};

    if (!names_read(mem, dir, asked, &names, err))
        return false;

    SourceFile *items = mem_array(mem, SourceFile, files->count + names.count);

    for (int i = 0; i < files->count; i++)
        items[i] = files->items[i];
    files->items = items;
    for (int i = 0; i < names.count; i++)
    {
        SourceFile *file = &files->items[files->count++];

        file->name = names.items[i];
        file->path = mem_text(mem, "%s/%s", dir, file->name);
        file->location = files->locations;
        if (name_wanted(file->name) == WANTED_READ && !file_read(mem, file, err))
            return false;
    }
    files->locations++;
    return true;
}

bool
folder_read(Mem *mem, const char *dir, const char **used, SourceFiles *files, Err *err)
{
    Locations locations;

    *files = (SourceFiles){0};
    if (!locations_read(mem, dir, &locations, err))
        return false;
    *used = locations_shown(mem, &locations);
    for (int i = 0; i < locations.count; i++)
        if (!location_files(mem, locations.items[i], dir, files, err))
            return false;
    if (files->locations > 1 && files->count > 0)
        qsort(files->items, (size_t)files->count, sizeof(SourceFile), file_order);
    return true;
}

bool
folder_is_there(const char *dir)
{
    MEM_SCOPE(scope, NULL);
    Locations locations;
    Err err = {0};
    bool there = locations_read(scope, dir, &locations, &err);

    for (int i = 0; there && i < locations.count; i++)
        there = is_folder(locations.items[i]);
    err_clear(&err);
    return there;
}

/* --- writing --------------------------------------------------------------------- */

/* Makes every missing folder of the path. */
static bool
folder_make(const char *dir, Err *err)
{
    MEM_SCOPE(scope, NULL);
    char *path = mem_copy(scope, dir);

    for (char *at = path + (path[0] == '/');; at++)
    {
        char kept = *at;

        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        if (mkdir(path, 0777) != 0 && !is_folder(path))
            return err_set(err, ERR_USAGE, "cannot make the folder \"%s\": %s", path,
                           strerror(errno));
        *at = kept;
        if (kept == '\0')
            return true;
    }
}

/* Is there a migration of that version, however it is padded? */
static bool
version_taken(const Names *names, const char *version)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < names->count; i++)
    {
        size_t digits = strspn(names->items[i], "0123456789");

        if (digits > 0 &&
            version_compare(mem_slice(scope, names->items[i], digits), version) == 0)
            return true;
    }
    return false;
}

/* Somebody in a hurry may make two migrations in one second. */
static bool
wish_find_version(const char *dir, ScaffoldWish *wish, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Names names = {0};

    if (!names_read(scope, dir, dir, &names, err))
        return false;
    while (version_taken(&names, scaffold_version(scope, wish->wall_us)))
        wish->wall_us += 1000000;
    return true;
}

static bool
text_write(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0)
    {
        ssize_t wrote = write(fd, text, left);

        if (wrote < 0 && errno != EINTR)
            return false;
        text += wrote < 0 ? 0 : wrote;
        left -= wrote < 0 ? 0 : (size_t)wrote;
    }
    return true;
}

/* A file that could not be written whole is taken away again. */
static bool
file_create(const char *path, const char *text, Err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0)
        return refuse_file(path, "create", err);

    bool wrote = text_write(fd, text);
    bool good = (close(fd) == 0 && wrote) || refuse_file(path, "write", err);

    if (!good)
        unlink(path);
    return good;
}

bool
folder_new(Mem *mem, const char *dir, const ScaffoldWish *wish, NewMigration *made,
           Err *err)
{
    MEM_SCOPE(scope, mem);
    ScaffoldWish free_wish = *wish;
    Scaffold *scaffold = &made->scaffold;
    Locations locations;

    if (!locations_read(mem, dir, &locations, err) ||
        !scaffold_make(mem, wish, scaffold, err))
        return false;
    made->dir = locations.items[0];
    if (!folder_make(made->dir, err) ||
        !wish_find_version(made->dir, &free_wish, err) ||
        !scaffold_make(mem, &free_wish, scaffold, err))
        return false;
    for (int i = 0; i < scaffold->count; i++)
    {
        if (file_create(mem_text(scope, "%s/%s", made->dir, scaffold->files[i].name),
                        scaffold->files[i].text, err))
            continue;
        while (--i >= 0)
            unlink(mem_text(scope, "%s/%s", made->dir, scaffold->files[i].name));
        return false;
    }
    return true;
}
