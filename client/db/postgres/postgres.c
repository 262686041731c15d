#include "db/cockroach/cockroach.h"

/* Also when its owner is freed on the way out of an error. */
static int
postgres_end(Postgres *pg)
{
    wire_forget(&pg->talk);
    connect_end(pg);
    return 0;
}

Postgres *
postgres_new(Mem *mem, const SessionPlan *plan)
{
    Postgres *pg = mem_new(mem, Postgres);

    pg->db.driver = &postgres_driver;
    pg->db.caps = &pg->caps;
    pg->db.role = mem_copy(pg, plan->role);
    talloc_set_destructor(pg, postgres_end);
    return pg;
}

static bool
postgres_begin(Postgres *pg, const Target *target, const SessionPlan *plan, Err *err)
{
    return pooler_check(pg, target, plan, err) && session_pin(pg, plan, err) &&
           caps_read(pg, err);
}

static Db *
postgres_call(Mem *mem, const Target *target, const SessionPlan *plan)
{
    Postgres *pg = postgres_new(mem, plan);

    connect_call(pg, target, plan);
    return &pg->db;
}

/* Nothing is set before we know who answers: a pooler would hand it to somebody else.
 */
static bool
postgres_open(Mem *mem, const Target *target, const SessionPlan *plan, Db **db,
              Err *err)
{
    Postgres *pg = *db != NULL ? postgres_of(*db) : postgres_new(mem, plan);
    bool cockroach = false;

    *db = NULL;

    if (!connect_open(pg, target, plan, err) ||
        !server_meet(pg, plan, &cockroach, err) ||
        !(cockroach ? cockroach_begin(pg, plan, err)
                    : postgres_begin(pg, target, plan, err)))
    {
        talloc_free(pg);
        return false;
    }
    *db = &pg->db;
    return true;
}

int64_t
postgres_backend_id(Db *db)
{
    return postgres_of(db)->backend_pid;
}

void
postgres_close(Db *db)
{
    talloc_free(postgres_of(db));
}

const Driver postgres_driver = {
    .engine = "postgres",
    .call = postgres_call,
    .open = postgres_open,
    .start = wire_start,
    .wait = wire_wait,
    .finish = wire_finish,
    .cancel = wire_cancel,
    .backend_id = postgres_backend_id,
    .query = postgres_query,
    .close = postgres_close,
};
