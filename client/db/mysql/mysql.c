#include "db/mysql/mysql.h"

/* Also when its owner is freed on the way out of an error. */
static int
mysql_end(Mysql *my)
{
    mysql_wire_forget(my);
    if (my->conn != NULL)
        mysql_close(my->conn);
    return 0;
}

static Mysql *
mysql_new(Mem *mem, const SessionPlan *plan)
{
    Mysql *my = mem_new(mem, Mysql);

    my->db.driver = &mysql_driver;
    my->db.caps = &my->caps;
    my->db.role = mem_copy(my, plan->role);
    talloc_set_destructor(my, mysql_end);
    return my;
}

static bool
mysql_open(Mem *mem, const Target *target, const SessionPlan *plan, Db **db, Err *err)
{
    Mysql *my = mysql_new(mem, plan);

    if (!address_read(my, target->given, &my->address, err) ||
        !mysql_connect_open(my, plan, err) || !mysql_server_meet(my, err) ||
        !mysql_session_pin(my, plan, err) || !mysql_caps_read(my, err))
    {
        talloc_free(my);
        return false;
    }
    *db = &my->db;
    return true;
}

static int64_t
mysql_backend_id(Db *db)
{
    return (int64_t)mysql_thread_id(mysql_of(db)->conn);
}

static void
mysql_driver_close(Db *db)
{
    talloc_free(mysql_of(db));
}

const Driver mysql_driver = {
    .engine = "mysql",
    .open = mysql_open,
    .start = mysql_wire_start,
    .wait = mysql_wire_wait,
    .finish = mysql_wire_finish,
    .cancel = mysql_wire_cancel,
    .backend_id = mysql_backend_id,
    .query = mysql_query_stored,
    .close = mysql_driver_close,
};
