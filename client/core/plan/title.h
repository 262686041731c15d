/* What people call an act: "ADD COLUMN new_email", "CREATE TABLE orders". */
#ifndef PGSTRIDE_CORE_TITLE_H
#define PGSTRIDE_CORE_TITLE_H

#include "model/statement.h"

/* Of one act of the statement; never holds a literal, so never a secret. */
const char *act_title(Mem *mem, const Statement *statement, const Act *act);

#endif
