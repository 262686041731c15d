#include "unit/sections.h"

#include "unit/unit.h"

Section
section_of(Phase phase, const char *text)
{
    return (Section){.phase = phase,
                     .text = text,
                     .text_offset = 1000,
                     .text_line = 40,
                     .file = "test.sql"};
}

Statements
section_read(Mem *mem, Section *section)
{
    Err err = {0};

    if (!sql_parse(mem, section, &section->statements, &err))
        ck_abort_msg("%s:%d: %s", err.file, err.line, err.text);
    return section->statements;
}

Statements
statements_of(Mem *mem, const char *text)
{
    Section section = section_of(PHASE_UP, text);

    return section_read(mem, &section);
}

const Act *
act_of(Mem *mem, const char *text)
{
    Statements statements = statements_of(mem, text);

    ck_assert_int_eq(statements.count, 1);
    ck_assert_int_eq(statements.items[0].act_count, 1);
    return &statements.items[0].acts[0];
}

static int
forget(Err *err)
{
    err_clear(err);
    return 0;
}

Err *
refusal_of(Mem *mem, Section section)
{
    Err *err = mem_new(mem, Err);

    talloc_set_destructor(err, forget);
    ck_assert_msg(!sql_parse(mem, &section, &section.statements, err),
                  "nobody objected to: %s", section.text);
    ck_assert_str_eq(err->file, "test.sql");
    ck_assert_ptr_nonnull(err->hint);
    return err;
}
