#include "db/fake.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

/* What one connection will be asked, in order. */
typedef struct Scene
{
    char *role;
    const Line *lines;
    bool taken; /* by a connection */
    int at;     /* line that is expected next */
    int again;  /* how often that line was already given */
} Scene;

typedef struct Sent
{
    char *label;
    char *sql;
} Sent;

struct Fake
{
    Clock clock; /* first: a Clock * is cast to this */
    Mem *mem;
    Driver driver;
    Caps caps;
    double now_ms;
    int opened;
    char *complaint; /* the first difference */
    LIST(Scene *) scenes;
    LIST(Sent) sent;
};

typedef struct FakeDb
{
    Db db;     /* first: a Db * is cast to this */
    Caps caps; /* its own: they go with the connection, as with a real one */
    Fake *fake;
    Scene *scene;
    int64_t id;
    bool dead;                  /* a line said: lost */
    char *asked;                /* first label of the script under way, or NULL */
    LIST(const Line *) answers; /* to the script, until one of them failed */
    bool cancelled;
    double started_ms;
    double ready_ms;
} FakeDb;

/* `open` has no argument that could say which fake is meant. */
static Fake *fake_current;

static FakeDb *
fake_of(const Db *db)
{
    return (FakeDb *)db;
}

static void __attribute__((format(printf, 2, 3)))
fake_complain(Fake *fake, const char *format, ...)
{
    va_list args;

    if (fake->complaint != NULL)
        return;
    va_start(args, format);
    fake->complaint = mem_vtext(fake->mem, format, args);
    va_end(args);
}

/* --- the clock ------------------------------------------------------------------- */

static double
fake_now_ms(Clock *clock)
{
    return ((Fake *)clock)->now_ms;
}

static void
fake_rest(Clock *clock, Millis millis)
{
    ((Fake *)clock)->now_ms += (double)millis;
}

/* Starts on 2026-11-21 at 02:00:00 UTC. */
static int64_t
fake_wall_us(Clock *clock)
{
    return INT64_C(1795226400000000) + (int64_t)(((Fake *)clock)->now_ms * 1000.0);
}

/* --- the script ------------------------------------------------------------------ */

/* The next line of the scene, used up; NULL when there is none. */
static const Line *
scene_next(Scene *scene)
{
    const Line *line = &scene->lines[scene->at];

    if (line->label == NULL)
        return NULL;
    if (++scene->again >= line->times)
    {
        scene->again = 0;
        scene->at++;
    }
    return line;
}

static const Line *
line_take(FakeDb *on, const Ask *ask)
{
    const char *expected = on->scene->lines[on->scene->at].label;
    Sent *sent = list_add(on->fake->mem, &on->fake->sent);

    sent->label = mem_copy(on->fake->mem, ask->label);
    sent->sql = mem_copy(on->fake->mem, ask->sql);
    if (expected != NULL && strcmp(expected, ask->label) == 0)
        return scene_next(on->scene);
    fake_complain(on->fake, "%s: asked \"%s\" where %s%s%s was expected", on->db.role,
                  ask->label, expected == NULL ? "" : "\"",
                  expected == NULL ? "nothing more" : expected,
                  expected == NULL ? "" : "\"");
    return NULL;
}

static bool
line_ends_script(const Line *line)
{
    return line == NULL || line->lost || line->sqlstate != NULL;
}

static bool
fake_start(Db *db, const Script *script, Err *err)
{
    FakeDb *on = fake_of(db);
    double took_ms = 0;

    if (on->asked != NULL)
        fake_complain(on->fake, "%s: \"%s\" was asked before \"%s\" was finished",
                      db->role, script->asks[0].label, on->asked);
    if (on->dead)
        return err_set(err, ERR_LOST, "the connection is gone");
    on->asked = mem_copy(on, script->asks[0].label);
    on->answers.count = 0;
    on->cancelled = false;
    for (int i = 0; i < script->count; i++)
    {
        const Line *line = line_take(on, &script->asks[i]);

        *list_add(on, &on->answers) = line;
        took_ms += line == NULL ? 0 : line->takes_ms;
        if (line_ends_script(line))
            break;
    }
    on->started_ms = on->fake->now_ms;
    on->ready_ms = on->started_ms + took_ms;
    return true;
}

/* The one that answers first; its answer moves the clock, a deadline before it too. */
static int
fake_wait(Db *const *dbs, int count, double deadline_ms, int wake_fd)
{
    struct pollfd wake = {.fd = wake_fd, .events = POLLIN};
    int first = -1;

    if (wake_fd >= 0 && poll(&wake, 1, 0) > 0)
        return -1;
    for (int i = 0; i < count; i++)
    {
        const FakeDb *on = fake_of(dbs[i]);

        if (on->asked != NULL &&
            (first < 0 || on->ready_ms < fake_of(dbs[first])->ready_ms))
            first = i;
    }

    Fake *fake = count > 0 ? fake_of(dbs[0])->fake : fake_current;
    bool late =
        deadline_ms >= 0 && (first < 0 || fake_of(dbs[first])->ready_ms > deadline_ms);
    double until =
        late ? deadline_ms : (first < 0 ? fake->now_ms : fake_of(dbs[first])->ready_ms);

    if (until > fake->now_ms)
        fake->now_ms = until;
    return late ? -1 : first;
}

/* --- answers --------------------------------------------------------------------- */

static Rows
line_rows(Mem *mem, const Line *line)
{
    Rows rows = {
        .label = mem_copy(mem, line->label),
        .row_count = line->row_count,
        .affected = line->affected,
    };
    LIST(const char *) names = {0};

    for (int i = 0; line->columns != NULL && line->columns[i] != NULL; i++)
        *list_add(mem, &names) = mem_copy(mem, line->columns[i]);
    rows.names = names.items;
    rows.column_count = names.count;
    rows.cells = mem_array(mem, const char *, names.count * line->row_count);
    for (int i = 0; i < names.count * line->row_count; i++)
        rows.cells[i] = mem_copy(mem, line->cells[i]);
    return rows;
}

static void
reply_fail(Mem *mem, Reply *reply, const char *sqlstate, const char *message)
{
    reply->outcome = DB_FAILED;
    reply->failed_at = reply->row_count;
    snprintf(reply->sqlstate, sizeof(reply->sqlstate), "%s", sqlstate);
    reply->message = mem_text(mem, "%s", message == NULL ? sqlstate : message);
}

static void
reply_answer(Mem *mem, Reply *reply, FakeDb *on, const Line *line)
{
    if (line == NULL)
        reply_fail(mem, reply, "XX000", "the test expected something else");
    else if (line->lost)
    {
        on->dead = true;
        reply->outcome = DB_LOST;
        reply->message = mem_text(mem, "the connection is gone");
    }
    else if (line->sqlstate != NULL)
        reply_fail(mem, reply, line->sqlstate, line->message);
    else
    {
        reply->committed |= strcmp(line->label, "commit") == 0;
        reply->rows[reply->row_count++] = line_rows(mem, line);
    }
}

static void
fake_finish(Db *db, Mem *mem, Reply *reply)
{
    FakeDb *on = fake_of(db);

    *reply = (Reply){.rows = mem_array(mem, Rows, on->answers.count)};
    if (on->asked == NULL)
    {
        fake_complain(on->fake, "%s: finish without a start", db->role);
        reply_fail(mem, reply, "XX000", "nothing was asked");
        return;
    }
    fake_wait(&db, 1, -1, -1);
    if (on->cancelled)
        reply_fail(mem, reply, "57014", "canceling statement due to user request");
    for (int i = 0; i < on->answers.count && reply->outcome == DB_DONE; i++)
        reply_answer(mem, reply, on, on->answers.items[i]);
    reply->took_ms = on->ready_ms - on->started_ms;
    on->asked = NULL;
}

/* What runs now fails, unless its answer is already on its way. */
static bool
fake_cancel(Db *db, Err *err)
{
    FakeDb *on = fake_of(db);

    if (on->dead)
        return err_set(err, ERR_LOST, "the connection is gone");
    if (on->asked != NULL && on->ready_ms > on->fake->now_ms)
    {
        on->cancelled = true;
        on->ready_ms = on->fake->now_ms;
    }
    return true;
}

/* --- connections ----------------------------------------------------------------- */

static Scene *
scene_take(Fake *fake, const char *role)
{
    for (int i = 0; i < fake->scenes.count; i++)
        if (!fake->scenes.items[i]->taken &&
            strcmp(fake->scenes.items[i]->role, role) == 0)
        {
            fake->scenes.items[i]->taken = true;
            return fake->scenes.items[i];
        }
    return NULL;
}

static bool
fake_open(Mem *mem, const Target *target, const SessionPlan *plan, Db **db, Err *err)
{
    Fake *fake = fake_current;
    Scene *scene = scene_take(fake, plan->role);

    (void)target;
    if (scene == NULL)
    {
        fake_complain(fake, "nobody expected a connection as \"%s\"", plan->role);
        return err_set(err, ERR_CONNECT, "the test expected no connection as \"%s\"",
                       plan->role);
    }

    const char *first = scene->lines[0].label;

    if (first != NULL && strcmp(first, FAKE_CONNECT) == 0)
        return err_set(err, ERR_CONNECT, "%s", scene_next(scene)->message);

    FakeDb *on = mem_new(mem, FakeDb);

    on->caps = fake->caps;
    on->db = (Db){
        .driver = &fake->driver, .caps = &on->caps, .role = mem_copy(on, plan->role)};
    on->fake = fake;
    on->scene = scene;
    on->id = 1000 + fake->opened++;
    *db = &on->db;
    return true;
}

static int64_t
fake_backend_id(Db *db)
{
    return fake_of(db)->id;
}

/* The real text for this version, so that a query nobody wrote is found here too. */
static const char *
fake_query(const Db *db, const char *label)
{
    bool cockroach = strcmp(db->caps->engine, "cockroach") == 0;

    return (cockroach ? &cockroach_driver : &postgres_driver)->query(db, label);
}

static void
fake_close(Db *db)
{
    FakeDb *on = fake_of(db);

    if (on->asked != NULL)
        fake_complain(on->fake, "%s: closed before \"%s\" was finished", db->role,
                      on->asked);
    talloc_free(on);
}

/* --- for the test ---------------------------------------------------------------- */

Fake *
fake_new(Mem *mem, const Caps *caps)
{
    Fake *fake = mem_new(mem, Fake);

    fake->mem = fake;
    fake->caps = *caps;
    fake->clock = (Clock){fake_now_ms, fake_rest, fake_wall_us};
    fake->driver = (Driver){
        .engine = caps->engine,
        .open = fake_open,
        .start = fake_start,
        .wait = fake_wait,
        .finish = fake_finish,
        .cancel = fake_cancel,
        .backend_id = fake_backend_id,
        .query = fake_query,
        .close = fake_close,
    };
    fake_current = fake;
    return fake;
}

void
fake_expect(Fake *fake, const char *role, const Line *lines)
{
    Scene *scene = mem_new(fake, Scene);

    scene->role = mem_copy(scene, role);
    scene->lines = lines;
    *list_add(fake->mem, &fake->scenes) = scene;
}

const Driver *
fake_driver(Fake *fake)
{
    fake_current = fake;
    return &fake->driver;
}

Clock *
fake_clock(Fake *fake)
{
    return &fake->clock;
}

const char *
fake_complaint(Fake *fake)
{
    for (int i = 0; i < fake->scenes.count; i++)
    {
        const Scene *scene = fake->scenes.items[i];
        const char *left = scene->lines[scene->at].label;

        if (left != NULL)
            fake_complain(fake, "%s: \"%s\" was never asked", scene->role, left);
    }
    return fake->complaint;
}

const char *
fake_sent(Fake *fake, const char *label, int n)
{
    for (int i = 0; i < fake->sent.count; i++)
        if (strcmp(fake->sent.items[i].label, label) == 0 && n-- == 0)
            return fake->sent.items[i].sql;
    return NULL;
}
