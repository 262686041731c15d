/*
 * driver: a MySQL or MariaDB server met through client/db/mysql and nothing else.
 *
 *     driver URL connect     who answers, and how the connection is protected
 *     driver URL scenarios   every scenario of the table below, as "ok" and "not ok"
 *
 * The account may create tables and procedures in the database that the URL names.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/config/target_mysql.h"
#include "db/mysql/mysql.h"

/* What a scenario is given: a session of its own, and a way to more of them. */
typedef struct Scene
{
    Mem *mem;
    const Target *target;
    Db *db;
    const char *missed; /* the first thing that was not as it must be */
    Err err;
} Scene;

/* The rest of a scenario that has missed something tells nothing new. */
#define MUST(scene, what)                                                              \
    do                                                                                 \
    {                                                                                  \
        if (!(what))                                                                   \
        {                                                                              \
            (scene)->missed = #what;                                                   \
            return;                                                                    \
        }                                                                              \
    } while (0)

static Db *
session_open(Mem *mem, const Target *target, Err *err)
{
    const SessionPlan plan = {
        .role = "worker", .application = "driver", .connect_timeout = 5000};
    Db *db = NULL;

    mysql_driver.open(mem, target, &plan, &db, err);
    return db;
}

static Db *
another(Scene *scene)
{
    return session_open(scene->mem, scene->target, &scene->err);
}

static bool
say_texts(Scene *scene, Db *db, const char *const *texts, int count, Reply *reply)
{
    Ask *asks = mem_array(scene->mem, Ask, count);

    for (int i = 0; i < count; i++)
        asks[i] = (Ask){.label = "said", .sql = texts[i]};
    err_clear(&scene->err);
    return db_script(scene->mem, db, asks, count, reply, &scene->err);
}

#define SAY(scene, db, reply, ...)                                                     \
    say_texts((scene), (db), (const char *const[]){__VA_ARGS__},                       \
              LENGTH(((const char *const[]){__VA_ARGS__})), (reply))

static void
begin_text(Scene *scene, Db *db, const char *sql)
{
    const Ask ask = {.label = "begun", .sql = sql};

    mysql_driver.start(db, &(Script){&ask, 1}, &scene->err);
}

/* --- scenarios ------------------------------------------------------------------- */

static void
values_come_back_as_they_went(Scene *scene)
{
    static const char *const args[] = {"it's \\ \"me\"`", NULL, "ä€😀", ""};
    const Ask ask = {.label = "values",
                     .sql = "SELECT $1 AS one, $2 AS two, $3 AS three, $4 AS four, "
                            "'$1' AS five -- $1",
                     .arg_count = 4,
                     .args = args};
    Reply reply;

    MUST(scene, db_script(scene->mem, scene->db, &ask, 1, &reply, &scene->err));
    MUST(scene, strcmp(rows_cell(&reply.rows[0], 0, "one"), args[0]) == 0);
    MUST(scene, rows_cell(&reply.rows[0], 0, "two") == NULL);
    MUST(scene, strcmp(rows_cell(&reply.rows[0], 0, "three"), args[2]) == 0);
    MUST(scene, strcmp(rows_cell(&reply.rows[0], 0, "four"), "") == 0);
    MUST(scene, strcmp(rows_cell(&reply.rows[0], 0, "five"), "$1") == 0);
}

static void
backslashes_stay_where_they_escape_nothing(Scene *scene)
{
    static const char *const args[] = {"it's \\"};
    const Ask ask = {
        .label = "values", .sql = "SELECT $1 AS one", .arg_count = 1, .args = args};
    Target target = *scene->target;
    Scene other = *scene;
    Reply reply;

    target.given =
        mem_text(scene->mem, "%s sql_mode=NO_BACKSLASH_ESCAPES", target.given);
    other.target = &target;
    other.db = another(&other);
    MUST(scene, other.db != NULL && !other.db->caps->string_backslash);
    MUST(scene, db_script(scene->mem, other.db, &ask, 1, &reply, &scene->err));
    MUST(scene, strcmp(rows_cell(&reply.rows[0], 0, "one"), args[0]) == 0);
    mysql_driver.close(other.db);
}

static void
large_values_travel_in_pieces(Scene *scene)
{
    enum
    {
        BYTES = 3 << 20
    };
    char *large = mem_zeroed(scene->mem, BYTES + 1, "large");
    const Ask ask = {.label = "large",
                     .sql = "SELECT $1 AS same, REPEAT('y', 9000000) AS more",
                     .arg_count = 1,
                     .args = (const char *const *)&large};
    Reply reply;

    memset(large, 'x', BYTES);
    MUST(scene, db_script(scene->mem, scene->db, &ask, 1, &reply, &scene->err));
    MUST(scene, strcmp(rows_cell(&reply.rows[0], 0, "same"), large) == 0);
    MUST(scene, strlen(rows_cell(&reply.rows[0], 0, "more")) == 9000000);
}

static void
what_fails_leaves_no_transaction(Scene *scene)
{
    Reply reply;

    MUST(scene, SAY(scene, scene->db, &reply, "DELETE FROM scratch"));
    MUST(scene, !SAY(scene, scene->db, &reply, "BEGIN",
                     "INSERT INTO scratch VALUES (1, 1), (2, 2)",
                     "INSERT INTO scratch VALUES (1, 9)", "COMMIT"));
    MUST(scene, reply.outcome == DB_FAILED && reply.failed_at == 2);
    MUST(scene, reply.row_count == 2 && reply.rows[1].affected == 2);
    MUST(scene, strcmp(reply.sqlstate, "23505") == 0);
    MUST(scene, strstr(reply.message, "(error 1062)") != NULL);
    MUST(scene,
         SAY(scene, scene->db, &reply, "SELECT count(*) AS rows_left FROM scratch"));
    MUST(scene, rows_int(&reply.rows[0], 0, "rows_left") == 0);
}

/* The server undoes only the statement that waited: the first lock would stay. */
static void
a_row_not_had_in_time_gives_back_all(Scene *scene)
{
    Db *holder = another(scene);
    Reply reply;

    MUST(scene, SAY(scene, holder, &reply, "DELETE FROM scratch",
                    "INSERT INTO scratch VALUES (1, 1), (2, 2)", "BEGIN",
                    "UPDATE scratch SET b = 5 WHERE a = 2"));
    MUST(scene,
         !SAY(scene, scene->db, &reply, "BEGIN", "UPDATE scratch SET b = 7 WHERE a = 1",
              "UPDATE scratch SET b = 7 WHERE a = 2", "COMMIT"));
    MUST(scene, strcmp(reply.sqlstate, "55P03") == 0 && reply.failed_at == 2);
    MUST(scene,
         SAY(scene, holder, &reply, "UPDATE scratch SET b = 6 WHERE a = 1", "COMMIT"));
    MUST(scene, SAY(scene, scene->db, &reply, "SELECT b FROM scratch WHERE a = 1"));
    MUST(scene, rows_int(&reply.rows[0], 0, "b") == 6);
    mysql_driver.close(holder);
}

static void
a_cancel_ends_the_statement_only(Scene *scene)
{
    Reply reply;

    begin_text(scene, scene->db, "SELECT a, SLEEP(60) FROM scratch_one");
    MUST(scene,
         mysql_driver.wait(&scene->db, 1, clock_now(&clock_real) + 300, -1) == -1);
    MUST(scene, mysql_driver.cancel(scene->db, &scene->err));
    mysql_driver.finish(scene->db, scene->mem, &reply);
    MUST(scene, reply.took_ms < 50000);
    MUST(scene, reply.outcome == DB_DONE || strcmp(reply.sqlstate, "57014") == 0);
    MUST(scene, SAY(scene, scene->db, &reply, "SELECT 1"));
}

static void
the_first_answer_ends_the_wait(Scene *scene)
{
    Db *dbs[] = {scene->db, another(scene)};
    int pipe_ends[2];
    Reply reply;

    MUST(scene, dbs[1] != NULL && pipe(pipe_ends) == 0);
    begin_text(scene, dbs[0], "SELECT SLEEP(2)");
    begin_text(scene, dbs[1], "SELECT SLEEP(0.2)");
    MUST(scene, mysql_driver.wait(dbs, 2, -1, -1) == 1);
    mysql_driver.finish(dbs[1], scene->mem, &reply);
    MUST(scene, reply.outcome == DB_DONE);
    MUST(scene, mysql_driver.wait(dbs, 2, clock_now(&clock_real), -1) == -1);
    MUST(scene, write(pipe_ends[1], "x", 1) == 1);
    MUST(scene, mysql_driver.wait(dbs, 2, -1, pipe_ends[0]) == -1);
    mysql_driver.finish(dbs[0], scene->mem, &reply);
    MUST(scene, reply.outcome == DB_DONE && reply.took_ms >= 1900);
    mysql_driver.close(dbs[1]);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

static void
a_killed_session_is_lost(Scene *scene)
{
    Db *victim = another(scene);
    const Ask ask = {.label = "after", .sql = "SELECT 1"};
    Reply reply;

    MUST(scene, victim != NULL);
    begin_text(scene, victim, "SELECT SLEEP(60)");
    MUST(scene, mysql_driver.wait(&victim, 1, clock_now(&clock_real) + 300, -1) == -1);
    MUST(scene, SAY(scene, scene->db, &reply,
                    mem_text(scene->mem, "KILL %lld",
                             (long long)mysql_driver.backend_id(victim))));
    mysql_driver.finish(victim, scene->mem, &reply);
    MUST(scene, reply.outcome == DB_LOST);
    MUST(scene, !mysql_driver.start(victim, &(Script){&ask, 1}, &scene->err));
    MUST(scene, scene->err.kind == ERR_LOST);
    mysql_driver.close(victim);
}

static void
a_call_gives_several_answers(Scene *scene)
{
    Reply reply;

    MUST(scene, SAY(scene, scene->db, &reply, "DROP PROCEDURE IF EXISTS several",
                    "CREATE PROCEDURE several() BEGIN SELECT 1 AS one; SELECT 2; "
                    "UPDATE scratch SET b = b; END",
                    "CALL several()", "SELECT 3 AS three"));
    MUST(scene, reply.row_count == 4);
    MUST(scene, rows_int(&reply.rows[2], 0, "one") == 1);
    MUST(scene, rows_int(&reply.rows[3], 0, "three") == 3);
}

/* Records of ours are such texts: what comes behind the one that fails is not done. */
static void
a_text_of_several_stops_where_one_fails(Scene *scene)
{
    Reply reply;

    MUST(scene,
         !SAY(scene, scene->db, &reply, "DELETE FROM scratch", "START TRANSACTION",
              "INSERT INTO scratch VALUES (1, 1); INSERT INTO scratch VALUES (1, "
              "2); INSERT INTO scratch VALUES (3, 3)",
              "COMMIT"));
    MUST(scene, strcmp(reply.sqlstate, "23505") == 0 && reply.failed_at == 2);
    MUST(scene, SAY(scene, scene->db, &reply, "SELECT 1 FROM scratch"));
    MUST(scene, reply.rows[0].row_count == 0);
    MUST(scene, SAY(scene, scene->db, &reply,
                    "INSERT INTO scratch VALUES (5, 5); INSERT INTO "
                    "scratch VALUES (6, 6)",
                    "SELECT count(*) AS rows_there FROM scratch"));
    MUST(scene, rows_int(&reply.rows[1], 0, "rows_there") == 2);
}

static void
no_wait_is_left_to_the_server(Scene *scene)
{
    Reply reply;

    MUST(scene, SAY(scene, scene->db, &reply,
                    "SELECT @@lock_wait_timeout AS mdl, @@innodb_lock_wait_timeout AS "
                    "ro, @@autocommit AS auto, @@character_set_client AS charset"));
    MUST(scene, rows_int(&reply.rows[0], 0, "mdl") == 1);
    MUST(scene, rows_int(&reply.rows[0], 0, "ro") == 1);
    MUST(scene, rows_int(&reply.rows[0], 0, "auto") == 1);
    MUST(scene, strcmp(rows_cell(&reply.rows[0], 0, "charset"), "utf8mb4") == 0);
}

/* clang-format off */
static const struct { const char *what; void (*play)(Scene *scene); } scenarios[] = {
    {"values come back as they went",                  values_come_back_as_they_went},
    {"a backslash that escapes nothing stays",         backslashes_stay_where_they_escape_nothing},
    {"large values travel in pieces",                  large_values_travel_in_pieces},
    {"a script that fails leaves no transaction",      what_fails_leaves_no_transaction},
    {"a row not had in time gives back all locks",     a_row_not_had_in_time_gives_back_all},
    {"a cancel ends the statement only",               a_cancel_ends_the_statement_only},
    {"the first answer, the clock or a wake-up ends the wait", the_first_answer_ends_the_wait},
    {"a killed session is lost, and stays so",         a_killed_session_is_lost},
    {"a CALL's further answers are passed over",       a_call_gives_several_answers},
    {"a text of several statements stops where one fails", a_text_of_several_stops_where_one_fails},
    {"no wait is left to the server's defaults",       no_wait_is_left_to_the_server},
};
/* clang-format on */

/* --- main ------------------------------------------------------------------------ */

static int
scenarios_play(Mem *mem, const Target *target)
{
    int failures = 0;

    for (int i = 0; i < LENGTH(scenarios); i++)
    {
        MEM_SCOPE(scope, mem);
        Scene scene = {.mem = scope, .target = target};

        scene.db = session_open(scope, target, &scene.err);
        if (scene.db == NULL)
            scene.missed = scene.err.text;
        else
            scenarios[i].play(&scene);
        printf("%sok %s%s%s\n", scene.missed == NULL ? "" : "not ", scenarios[i].what,
               scene.missed == NULL ? "" : "\n   ",
               scene.missed == NULL ? "" : scene.missed);
        fflush(stdout);
        err_clear(&scene.err);
        failures += scene.missed != NULL;
    }
    return failures;
}

static int
err_tell(Err *err)
{
    printf("error: %s\n%s%s", err->text, err->hint == NULL ? "" : err->hint,
           err->hint == NULL ? "" : "\n");
    err_clear(err);
    return 1;
}

int
main(int argc, char **argv)
{
    MEM_SCOPE(mem, NULL);
    Target target = {.engine = "mysql"};
    Err err = {0};

    stop_listen();
    log_begin(LOG_LEVEL_WARN, false);
    if (argc != 3 || !target_mysql(mem, argv[1], &target, &err))
        return argc != 3 ? 2 : err_tell(&err);

    Db *db = session_open(mem, &target, &err);
    Reply reply;

    if (db == NULL)
        return err_tell(&err);
    if (strcmp(argv[2], "connect") == 0)
    {
        const char *cipher = mysql_get_ssl_cipher(mysql_of(db)->conn);

        printf("%s %s, version %d, %s\n", db->caps->product, db->caps->version_text,
               db->caps->version, cipher == NULL ? "clear text" : "encrypted");
        return 0;
    }

    Scene scene = {.mem = mem, .target = &target, .db = db};

    SAY(&scene, db, &reply, "DROP TABLE IF EXISTS scratch, scratch_one",
        "CREATE TABLE scratch (a int PRIMARY KEY, b int) ENGINE=InnoDB",
        "CREATE TABLE scratch_one (a int)",
        "INSERT INTO scratch_one VALUES (1), (2), (3)");
    return scenarios_play(mem, &target) > 0;
}
