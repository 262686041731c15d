#include "run/folder/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

/* No configuration is that large; a dump given by mistake is. */
#define CONFIG_LARGEST ((size_t)1 << 20)

static bool
refuse(const char *path, const char *why, Err *err)
{
    return err_at(err, ERR_USAGE, path, 0, "cannot read the configuration file: %s",
                  why);
}

static bool
text_read(int fd, const char *path, Buf *text, Err *err)
{
    char bytes[8192];

    for (;;)
    {
        ssize_t got = read(fd, bytes, sizeof(bytes));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return refuse(path, strerror(errno), err);
        if (got == 0)
            return true;
        buf_bytes(text, bytes, (size_t)got);
        if (text->length > CONFIG_LARGEST)
            return refuse(path, "it is larger than 1 MB", err);
    }
}

bool
config_file_read(Mem *mem, const char *path, Config *config, Err *err)
{
    MEM_SCOPE(scope, NULL);
    struct stat what = {0};
    Buf text = buf_begin(scope);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return refuse(path, strerror(errno), err);

    bool good = fstat(fd, &what) == 0 || refuse(path, strerror(errno), err);

    good = good && text_read(fd, path, &text, err);
    close(fd);
    if (!good ||
        !config_read(mem, mem_copy(mem, path), text.text, text.length, config, err))
        return false;
    config->exposed = S_ISREG(what.st_mode) && (what.st_mode & S_IROTH) != 0;
    return true;
}
