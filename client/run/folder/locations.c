#include "run/folder/locations.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

static const char *const default_folders[] = {"migrations", "db/migrations"};

/* A link may lead back. */
#define FOLDERS_DEEPEST 8

bool
is_folder(const char *path)
{
    struct stat what;

    return stat(path, &what) == 0 && S_ISDIR(what.st_mode);
}

/* --- one after the other --------------------------------------------------------- */

/* Is `path` that folder, or one below it? */
static bool
lies_within(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 &&
           (path[length] == '\0' || path[length] == '/');
}

/* Each file is read once: the folder above takes what is below it. */
static void
location_add(Mem *mem, Locations *locations, const char *path)
{
    int kept = 0;

    for (int i = 0; i < locations->count; i++)
        if (lies_within(path, locations->items[i]))
            return;
    for (int i = 0; i < locations->count; i++)
        if (!lies_within(locations->items[i], path))
            locations->items[kept++] = locations->items[i];
    locations->count = kept;
    *list_add(mem, locations) = path;
}

/* Without blanks around it, "./" before it and slashes behind it. */
static char *
path_tidy(Mem *mem, const char *text, size_t length)
{
    while (length > 0 && strchr(" \t", text[0]) != NULL)
        text++, length--;
    while (length > 0 && strchr(" \t", text[length - 1]) != NULL)
        length--;
    while (length > 2 && strncmp(text, "./", 2) == 0)
        text += 2, length -= 2;
    while (length > 1 && text[length - 1] == '/')
        length--;
    return mem_slice(mem, text, length);
}

/* --- patterns -------------------------------------------------------------------- */

static int
path_order(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Every folder below `dir` that the pattern names. */
static void
folders_match(Mem *mem, const char *dir, const char *pattern, int depth,
              Locations *found)
{
    size_t length = strcspn(pattern, "/");
    const char *part = mem_slice(mem, pattern, length);
    const char *rest = pattern + length + (pattern[length] == '/');
    bool any = strcmp(part, "**") == 0;
    const struct dirent *entry;
    DIR *stream;

    if (part[0] == '\0')
    {
        *list_add(mem, found) = dir;
        return;
    }
    if (any)
        folders_match(mem, dir, rest, depth, found);
    stream = depth < FOLDERS_DEEPEST ? opendir(dir[0] == '\0' ? "." : dir) : NULL;
    while (stream != NULL && (entry = readdir(stream)) != NULL)
    {
        const char *slash = dir[0] == '\0' || strcmp(dir, "/") == 0 ? "" : "/";
        const char *path = mem_text(mem, "%s%s%s", dir, slash, entry->d_name);

        if (entry->d_name[0] == '.' || !is_folder(path))
            continue;
        if (any || fnmatch(part, entry->d_name, 0) == 0)
            folders_match(mem, path, any ? pattern : rest, depth + 1, found);
    }
    if (stream != NULL)
        closedir(stream);
}

size_t
location_plain(const char *path)
{
    size_t plain = strcspn(path, "*?");

    if (path[plain] == '\0')
        return plain;
    while (plain > 0 && path[plain - 1] != '/')
        plain--;
    return plain;
}

static bool
pattern_read(Mem *mem, const char *pattern, Locations *locations, Err *err)
{
    size_t plain = location_plain(pattern);
    Locations found = {0};

    folders_match(mem, path_tidy(mem, pattern, plain), pattern + plain, 0, &found);
    if (found.count == 0)
    {
        err_set(err, ERR_USAGE, "there is no folder that fits \"%s\"", pattern);
        return err_hint(err, "A star stands for any letters of one name, two stars for "
                             "any folders on the way; links are followed.");
    }
    qsort(found.items, (size_t)found.count, sizeof(*found.items), path_order);
    for (int i = 0; i < found.count; i++)
        location_add(mem, locations, found.items[i]);
    return true;
}

/* --- prefixes -------------------------------------------------------------------- */

static bool
refuse_packed(const char *location, const char *path, Err *err)
{
    err_set(err, ERR_USAGE, "the location \"%s\" is inside a program", location);
    return err_hint(err,
                    "Unpack it, from a jar: unzip PROGRAM.jar '%s/*'; it is found "
                    "here by that name, or elsewhere by --dir DIR.",
                    path);
}

/* The path behind "filesystem:" and its like. */
static bool
prefix_read(const char *location, const char **path, Err *err)
{
    static const char *const plain[] = {"filesystem:", "file://"};
    static const char packed[] = "classpath:";
    size_t name = strcspn(location, "/:");

    *path = location;
    for (int i = 0; i < LENGTH(plain); i++)
        if (strncmp(location, plain[i], strlen(plain[i])) == 0)
            *path = location + strlen(plain[i]);
    if (*path != location || location[name] != ':')
        return true;
    *path = location + name + 1;
    if (strncmp(location, packed, LENGTH(packed) - 1) != 0)
        return err_set(err, ERR_USAGE, "the location \"%s\" is no folder here",
                       location) ||
               err_hint(err, "Bring its files here, and name their folder: --dir DIR.");
    *path += (*path)[0] == '/';
    return strpbrk(*path, "*?") != NULL || is_folder(*path) ||
           refuse_packed(location, *path, err);
}

static bool
location_read(Mem *mem, const char *location, Locations *locations, Err *err)
{
    const char *path;

    if (location[0] == '\0')
        return true;
    if (!prefix_read(location, &path, err))
        return false;
    if (strpbrk(path, "*?") != NULL && !is_folder(path))
        return pattern_read(mem, path, locations, err);
    location_add(mem, locations, path_tidy(mem, path, strlen(path)));
    return true;
}

/* --- all of them ----------------------------------------------------------------- */

/* The default that exists; the first of them if none does. */
static const char *
folder_usual(void)
{
    for (int i = 0; i < LENGTH(default_folders); i++)
        if (is_folder(default_folders[i]))
            return default_folders[i];
    return default_folders[0];
}

static bool
locations_split(Mem *mem, const char *dir, Locations *locations, Err *err)
{
    for (;;)
    {
        size_t length = strcspn(dir, ",");

        if (!location_read(mem, path_tidy(mem, dir, length), locations, err))
            return false;
        if (dir[length] == '\0')
            break;
        dir += length + 1;
    }
    return locations->count > 0 ||
           err_set(err, ERR_USAGE, "no folder of migrations is named") ||
           err_hint(err, "Name it, or several with commas between them: --dir DIR.");
}

bool
locations_read(Mem *mem, const char *dir, Locations *locations, Err *err)
{
    *locations = (Locations){0};
    if (dir != NULL && !is_folder(dir))
        return locations_split(mem, dir, locations, err);
    location_add(mem, locations,
                 dir == NULL ? folder_usual() : path_tidy(mem, dir, strlen(dir)));
    return true;
}

char *
locations_shown(Mem *mem, const Locations *locations)
{
    Buf shown = buf_begin(mem);

    for (int i = 0; i < locations->count; i++)
        buf_format(&shown, "%s%s", i == 0 ? "" : ", ", locations->items[i]);
    return shown.text;
}
