#include "proxy/cockroach.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FIELDS_MOST 256

const char cockroach_version[] =
    "CockroachDB CCL v25.4.1 (x86_64-pc-linux-gnu, built 2025/11/18, go1.23.12)";

/* What is said as something else; NULL: its version, as a string. */
typedef struct Turn
{
    const char *from;
    const char *to;
} Turn;

static const Turn turns[] = {
    {"pg_catalog.version()", NULL},
    {"version()", NULL},
    {"[SHOW JOBS]", "cockroach.jobs"},
};

/* What it does not know, and how it says so. */
typedef struct Gap
{
    const char *word; /* lower case, outside of strings and comments */
    const char *sqlstate;
    const char *message;
} Gap;

static const Gap gaps[] = {
    {"advisory_", "0A000", "unimplemented: nobody may rely on advisory locks here"},
    {"nowait", "0A000", "unimplemented: NOWAIT"},
    {"lock table", "42601", "at or near \"lock\": syntax error"},
    {"pg_stat_activity", "42P01", "nothing is to be seen in pg_stat_activity"},
    {"pg_locks", "42P01", "nothing is to be seen in pg_locks"},
    {"pg_class", "42P01", "what is in pg_class is another server's business"},
    {"ctid", "42703", "column \"ctid\" does not exist"},
    {"xmin", "42703", "column \"xmin\" does not exist"},
    {"txid_current", "42883", "unknown function: txid_current()"},
};

static const Gap ddl_in_transaction = {
    NULL, "0A000", "a schema change in a transaction that was begun commits by itself"};

static const char *const schema_words[] = {"create", "alter",  "drop",   "truncate",
                                           "grant",  "revoke", "comment"};

/* Ends a transaction as losing a conflict does. */
static const char conflict[] =
    "DO $retry$ BEGIN RAISE EXCEPTION 'restart transaction: "
    "TransactionRetryWithProtoRefreshError: RETRY_SERIALIZABLE' "
    "USING ERRCODE = '40001'; END $retry$";

/* --- text ------------------------------------------------------------------------ */

/* How long the string, name or comment is that begins here; 0: none does. */
static size_t
literal_length(const char *at)
{
    const char *end = NULL;
    char tag[64];
    size_t tag_length;

    if (*at == '\'' || *at == '"')
    {
        end = strchr(at + 1, *at);
        return end == NULL ? strlen(at) : (size_t)(end - at) + 1;
    }
    if (strncmp(at, "--", 2) == 0)
        return strcspn(at, "\n");
    tag_length = *at == '$' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_") + 2 : 0;
    if (tag_length == 0 || tag_length >= sizeof(tag) || at[tag_length - 1] != '$')
        return 0;
    snprintf(tag, sizeof(tag), "%.*s", (int)tag_length, at);
    end = strstr(at + tag_length, tag);
    return end == NULL ? strlen(at) : (size_t)(end - at) + tag_length;
}

/* In lower case, without what is quoted or a comment. */
static void
text_bare(const char *text, char *bare)
{
    while (*text != '\0')
    {
        size_t skipped = literal_length(text);

        if (skipped > 0)
            *bare++ = ' ';
        else
            *bare++ = (char)tolower((unsigned char)*text);
        text += skipped > 0 ? skipped : 1;
    }
    *bare = '\0';
}

static bool
begins(const char *text, const char *word)
{
    size_t length = strlen(word);

    return strncmp(text, word, length) == 0 && !isalnum((unsigned char)text[length]) &&
           text[length] != '_';
}

static bool
changes_schema(const char *statement)
{
    for (size_t i = 0; i < sizeof(schema_words) / sizeof(schema_words[0]); i++)
        if (begins(statement, schema_words[i]))
            return true;
    return false;
}

/* A statement of the text that changes the schema in a transaction; `open`: one is. */
static bool
mixes(const char *bare, bool open)
{
    for (const char *at = bare; at != NULL; at = strchr(at, ';'))
    {
        at += strspn(at, "; \t\n");
        if (begins(at, "begin") || begins(at, "start"))
            open = true;
        else if (begins(at, "commit") || begins(at, "rollback"))
            open = false;
        else if (open && changes_schema(at))
            return true;
    }
    return false;
}

static const Gap *
gap_in(const char *text, bool open)
{
    static char bare[MESSAGE_MOST];

    text_bare(text, bare);
    for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++)
        if (strstr(bare, gaps[i].word) != NULL)
            return &gaps[i];
    return mixes(bare, open) ? &ddl_in_transaction : NULL;
}

/* Behind what is there; what has no room is left out. */
static size_t
text_add(char *text, size_t length, size_t room, const char *more)
{
    int added = snprintf(text + length, room - length, "%s", more);

    return added < 0 || (size_t)added >= room - length ? room - 1
                                                       : length + (size_t)added;
}

static const Turn *
turn_at(const char *text)
{
    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++)
        if (strncmp(text, turns[i].from, strlen(turns[i].from)) == 0)
            return &turns[i];
    return NULL;
}

static size_t
text_turn(const Passing *passing, const char *text, char *turned, size_t room)
{
    size_t length = 0;

    while (*text != '\0' && length + 1 < room)
    {
        const Turn *turn = turn_at(text);

        if (turn == NULL)
        {
            turned[length++] = *text++;
            continue;
        }
        if (turn->to == NULL)
        {
            length = text_add(turned, length, room, "'");
            length = text_add(turned, length, room, passing->version);
        }
        length =
            text_add(turned, length, room, turn->to == NULL ? "'::text" : turn->to);
        text += strlen(turn->from);
    }
    turned[length] = '\0';
    return length;
}

/* Every so many COMMITs. */
static bool
conflicts(const Passing *passing, const char *text)
{
    static int commits = 0;
    size_t length = strlen(text);

    while (length > 0 && strchr("; \n", text[length - 1]) != NULL)
        length--;
    return passing->conflicts > 0 && length >= 6 &&
           strncmp(text + length - 6, "COMMIT", 6) == 0 &&
           ++commits % passing->conflicts == 0;
}

/* --- messages -------------------------------------------------------------------- */

static size_t
field(char *body, size_t length, char name, const char *text)
{
    body[length++] = name;
    return text_add(body, length, FIELDS_MOST, text) + 1;
}

static bool
message_send(int to, char type, const char *body, size_t length)
{
    uint32_t size = htonl((uint32_t)(length + 4));
    char head[5] = {type};

    memcpy(head + 1, &size, sizeof(size));
    return write_all(to, head, sizeof(head)) && write_all(to, body, length);
}

static bool
refuse(const Gap *gap, int client)
{
    char body[FIELDS_MOST + 1];
    size_t length = field(body, 0, 'S', "ERROR");

    length = field(body, length, 'V', "ERROR");
    length = field(body, length, 'C', gap->sqlstate);
    length = field(body, length, 'M', gap->message);
    body[length++] = '\0';
    return message_send(client, 'E', body, length);
}

/* After an error in a transaction nothing but its end is answered. */
static bool
ready(const Guise *guise, int client)
{
    char state = guise->state == 'I' ? 'I' : 'E';

    return message_send(client, 'Z', &state, 1);
}

/* A query, or its first part: its text begins at `from`. */
static bool
text_pass(Guise *guise, const Passing *passing, const char *message, size_t from,
          int server, int client)
{
    static char turned[MESSAGE_MOST];
    uint32_t size;
    size_t whole;
    const char *text = message + from;
    size_t length = from - 5;
    const Gap *gap = gap_in(text, guise->state != 'I');

    if (gap != NULL)
    {
        guise->refusing = message[0] == 'P';
        return refuse(gap, client) && (guise->refusing || ready(guise, client));
    }
    memcpy(&size, message + 1, sizeof(size));
    whole = ntohl(size) + 1;
    memcpy(turned, message + 5, length);
    length += text_turn(passing, text, turned + length, sizeof(turned) - length) + 1;
    if (conflicts(passing, text))
        length = text_add(turned, (size_t)(strrchr(turned, 'C') - turned),
                          sizeof(turned), conflict) +
                 1;
    text += strlen(text) + 1;
    memcpy(turned + length, text, whole - (size_t)(text - message));
    length += whole - (size_t)(text - message);
    return message_send(server, message[0], turned, length);
}

static bool
message_pass(Guise *guise, const Passing *passing, const char *message, size_t length,
             int server, int client)
{
    if (!guise->started)
    {
        guise->started = true;
        return write_all(server, message, length);
    }
    if (guise->refusing)
    {
        guise->refusing = message[0] != 'S';
        return guise->refusing || ready(guise, client);
    }
    if (message[0] == 'Q')
        return text_pass(guise, passing, message, 5, server, client);
    if (message[0] == 'P')
        return text_pass(guise, passing, message, 5 + strlen(message + 5) + 1, server,
                         client);
    return write_all(server, message, length);
}

/* Of the message at the beginning; more than there is when it is not whole. */
static size_t
message_length(const Guise *guise)
{
    size_t head = guise->started ? 1 : 0;
    uint32_t size;

    if (guise->held < head + sizeof(size))
        return guise->held + 1;
    memcpy(&size, guise->bytes + head, sizeof(size));
    return ntohl(size) + head;
}

bool
guise_question(Guise *guise, const Passing *passing, int server, int client)
{
    size_t length;

    while (guise->held > 0 && (length = message_length(guise)) <= guise->held)
    {
        if (!message_pass(guise, passing, guise->bytes, length, server, client))
            return false;
        guise->held -= length;
        memmove(guise->bytes, guise->bytes + length, guise->held);
    }
    return guise->held < MESSAGE_MOST;
}

/* --- answers --------------------------------------------------------------------- */

bool
guise_answer(Guise *guise, const Passing *passing, const char *piece, size_t length,
             int client)
{
    char announced[128];
    size_t announced_length =
        (size_t)snprintf(announced, sizeof(announced), "crdb_version%c%.80s", '\0',
                         passing->version) +
        1;
    size_t end = length < 6 ? length : length - 6;
    bool whole = length >= 6 && memcmp(piece + end, "Z\0\0\0\5", 5) == 0;

    if (whole)
        guise->state = piece[length - 1];
    if (!whole || guise->greeted)
        return write_all(client, piece, length);
    guise->greeted = true;
    return write_all(client, piece, end) &&
           (passing->silent ||
            message_send(client, 'S', announced, announced_length)) &&
           write_all(client, piece + end, length - end);
}
