#include "unit/fills.h"

#include "unit/unit.h"

static int
read_free(Read *read)
{
    err_clear(&read->err);
    return 0;
}

Read *
read_given(Mem *mem, Given given)
{
    Read *read = mem_new(mem, Read);
    BackfillSource source = {&read->migration, &read->sections[1], NULL, 1};

    talloc_set_destructor(read, read_free);
    read->sections[0] =
        section_of(PHASE_EXPAND, given.expand == NULL ? "" : given.expand);
    read->sections[1] = section_of(PHASE_BACKFILL, given.backfill);
    read->sections[1].options.sync = given.sync;
    read->sections[1].options.reverse = given.reverse;
    read->migration = (Migration){.sections = read->sections, .section_count = 2};
    section_read(mem, &read->sections[0]);
    source.statement = section_read(mem, &read->sections[1]).items;
    read->good = backfill_read(mem, &source, &read->fill, &read->err);
    return read;
}

Backfill *
fill_of(Mem *mem, Given given)
{
    Read *read = read_given(mem, given);

    ck_assert_msg(read->good, "%s: %s", given.backfill, read->err.text);
    return &read->fill;
}

void
is_refused(Given given, ErrKind kind, int line, const char *why)
{
    MEM_SCOPE(scope, NULL);
    Read *read = read_given(scope, given);

    ck_assert_msg(!read->good, "nobody objected to: %s", given.backfill);
    ck_assert_str_eq(read->err.text, why);
    ck_assert_int_eq(read->err.kind, kind);
    ck_assert_str_eq(read->err.file, "test.sql");
    ck_assert_int_eq(read->err.line, line);
    ck_assert_ptr_nonnull(read->err.hint);
}
