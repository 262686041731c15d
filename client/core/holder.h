/* Somebody in our way, for people: who it is, and what can be done about it. */
#ifndef PGSTRIDE_CORE_HOLDER_H
#define PGSTRIDE_CORE_HOLDER_H

#include "model/lock.h"

/* pid 8123 app_report@10.0.0.7 "nightly": idle in transaction for 4 min (SELECT …) */
char *holder_show(Mem *mem, const Holder *holder);

/* One sentence: how its end can be brought about, by people. */
char *holder_advice(Mem *mem, const Holder *holder);

#endif
