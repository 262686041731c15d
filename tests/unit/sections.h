/* Sections without files: what the tests of core/sql begin with. */
#ifndef PGSTRIDE_TESTS_SECTIONS_H
#define PGSTRIDE_TESTS_SECTIONS_H

#include "core/sql/sql.h"

/* A section of "test.sql" whose text starts at line 40 and byte 1000. */
Section section_of(Phase phase, const char *text);

/* Its statements; the test fails with the message where there is an error. */
Statements section_read(Mem *mem, Section *section);
Statements statements_of(Mem *mem, const char *text);

/* The only act of the only statement. */
const Act *act_of(Mem *mem, const char *text);

/* The text must be refused; gives the error, owned by mem. */
Err *refusal_of(Mem *mem, Section section);

#endif
