/* ADD CONSTRAINT, said in the parts that can be done while everybody works. */
#ifndef PGSTRIDE_CORE_SQL_CONSTRAINT_H
#define PGSTRIDE_CORE_SQL_CONSTRAINT_H

#include "base/err.h"
#include "model/statement.h"

/* Each is of the statement's only ADD CONSTRAINT, under that name. Errors with file and
 * line: what the parser read and its deparser cannot write. */

/* The same, NOT VALID. */
bool sql_constraint_not_valid(Mem *mem, const Statement *statement, const char *name,
                              SqlParsed *sql, Err *err);

/* The same of that partition. */
bool sql_constraint_of_part(Mem *mem, const Statement *statement, const char *name,
                            const QName *part, SqlParsed *sql, Err *err);

/* As written. */
bool sql_constraint_named(Mem *mem, const Statement *statement, const char *name,
                          SqlParsed *sql, Err *err);

/* CREATE UNIQUE INDEX CONCURRENTLY with all that UNIQUE or PRIMARY KEY says of it. */
bool sql_constraint_index(Mem *mem, const Statement *statement, const char *name,
                          SqlParsed *sql, Err *err);

/* The same ON ONLY that table: its partitions do without, for now. */
bool sql_constraint_only(Mem *mem, const Statement *statement, const char *name,
                         SqlParsed *sql, Err *err);

/* The constraint USING that index. */
bool sql_constraint_using_index(Mem *mem, const Statement *statement, const char *name,
                                SqlParsed *sql, Err *err);

/* The columns of a key and those it INCLUDEs: the server makes its name of them. */
void sql_constraint_columns(Mem *mem, const Statement *statement, const char ***names,
                            int *count);

#endif
