#include "core/extension.h"

#include "base/version.h"
#include "model/names.h"

ExtensionState
extension_judge(int protocol)
{
    if (protocol < PGSTRIDE_PROTOCOL)
        return EXTENSION_OLDER;
    return protocol > PGSTRIDE_PROTOCOL ? EXTENSION_NEWER : EXTENSION_USED;
}

static const char *
closed_show(Mem *mem, const char *user)
{
    const char *whom = ident_show(mem, user);

    return mem_text(mem,
                    "may not be used by %s: GRANT USAGE ON SCHEMA pgstride_server TO "
                    "%s; GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pgstride_server TO %s",
                    whom, whom, whom);
}

static const char *
mismatch_show(Mem *mem, const Extension *extension)
{
    const char *cure = extension->state == EXTENSION_NEWER
                           ? "upgrade pgstride"
                           : "install this version's extension on the server, then: "
                             "ALTER EXTENSION pgstride UPDATE";

    return mem_text(mem, "speaks protocol %d, and this pgstride speaks %d: %s",
                    extension->protocol, PGSTRIDE_PROTOCOL, cure);
}

const char *
extension_trouble(Mem *mem, const Extension *extension, const char *why)
{
    const char *what = NULL;

    switch (extension->state)
    {
    case EXTENSION_NONE:
    case EXTENSION_UNASKED:
    case EXTENSION_USED:
        return NULL;
    case EXTENSION_CLOSED:
        what = closed_show(mem, extension->user);
        break;
    case EXTENSION_OLDER:
    case EXTENSION_NEWER:
        what = mismatch_show(mem, extension);
        break;
    case EXTENSION_BROKEN:
        what = mem_text(mem,
                        "does not answer (%s): install its library on this server and "
                        "on every standby that may take over",
                        why);
        break;
    }
    return mem_text(mem, "working without the server extension: version %s of it %s",
                    extension->version, what);
}
