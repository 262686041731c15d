#include "base/fault.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

typedef struct FaultRow
{
    const char *name;
    const char *when;
} FaultRow;

static const FaultRow fault_rows[] = {
#define FAULT_ROW(name, when) {#name, when},
    FAULT_POINTS(FAULT_ROW)
#undef FAULT_ROW
};

const char *
fault_name(int index, const char **when)
{
    if (index < 0 || index >= FAULT_COUNT)
        return NULL;
    *when = fault_rows[index].when;
    return fault_rows[index].name;
}

#ifdef PGSTRIDE_FAULTS
/* "INT" behind the last colon, if it is one of these. */
static int
fault_signal(const char *wanted)
{
    static const struct
    {
        const char *name;
        int signal;
    } signals[] = {{"INT", SIGINT}, {"STOP", SIGSTOP}};
    const char *colon = strrchr(wanted, ':');

    for (int i = 0; i < (int)(sizeof(signals) / sizeof(signals[0])); i++)
        if (colon != NULL && strcmp(colon + 1, signals[i].name) == 0)
            return signals[i].signal;
    return SIGKILL;
}

void
fault_point(Fault fault)
{
    static int passed[FAULT_COUNT];
    const char *wanted = getenv("PGSTRIDE_FAULT");
    const char *name = fault_rows[fault].name;
    size_t length = strlen(name);

    if (wanted == NULL || strncmp(wanted, name, length) != 0)
        return;
    if (wanted[length] != '\0' && wanted[length] != ':')
        return;

    int at = wanted[length] == ':' ? atoi(wanted + length + 1) : 1;

    if (++passed[fault] == at)
        raise(fault_signal(wanted));
}
#endif
