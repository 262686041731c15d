/*
 * Secrets taken out of SQL before anybody can read it: plan, history, events, logs.
 *
 * What is sent to the server is never touched. The text may be broken, cut short, or no
 * SQL at all, so this reads words and quotes and knows no grammar; where it is not sure
 * it takes out too much.
 *
 * Why base/secret.h is another: that one reads whatever is printed, messages of servers
 * and libraries too, where no scanner can tell a string from an apostrophe. A shape
 * that is new to one of them is to be tried with the other.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret.h"
#include "core/sql/sql.h"

#define STARS "********"

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Blanks and comments. */
static const char *
skip_blank(const char *c)
{
    const char *end = NULL;

    c += strspn(c, " \t\r\n");
    if (c[0] == '/' && c[1] == '*' && (end = strstr(c, "*/")) != NULL)
        return skip_blank(end + 2);
    if (c[0] == '-' && c[1] == '-' && (end = strchr(c, '\n')) != NULL)
        return skip_blank(end);
    return c;
}

/* The length of a word at c after which a secret follows, or 0: password, sslpassword,
 * db_passwd, IDENTIFIED BY. */
static size_t
secret_word(const char *text, const char *c)
{
    static const char *const endings[] = {"password", "passwd", "passphrase", "pwd",
                                          "secret"};
    size_t length = 0;

    if (c > text && is_word(c[-1]))
        return 0;
    while (is_word(c[length]))
        length++;
    if (length == 10 && strncasecmp(c, "identified", length) == 0)
    {
        const char *by = skip_blank(c + length);

        if (strncasecmp(by, "by", 2) == 0 && !is_word(by[2]))
            return (size_t)(by + 2 - c);
        return secret_identified(c);
    }
    for (int i = 0; i < LENGTH(endings); i++)
    {
        size_t ending = strlen(endings[i]);

        if (length >= ending &&
            strncasecmp(c + length - ending, endings[i], ending) == 0)
            return length;
    }
    return 0;
}

/* Behind = := => or : with blanks around; c itself where there is none. */
static const char *
skip_assignment(const char *c)
{
    const char *sign = skip_blank(c);
    size_t length = strspn(sign, ":=>");

    return length == 0 ? c : skip_blank(sign + length);
}

/* E, N, B, X, U& before a quote. */
static const char *
skip_prefix(const char *c)
{
    if ((*c == 'U' || *c == 'u') && c[1] == '&' && c[2] == '\'')
        return c + 2;
    if (*c != '\0' && strchr("eEnN", *c) != NULL && c[1] == '\'')
        return c + 1;
    return c;
}

typedef struct Secret
{
    const char *start; /* the first byte that is taken out */
    const char *end;
} Secret;

/*
 * Where a value that `run` quotes opened ends: at that many quotes, of which twice as
 * many are one quote of the value; the rest of the text where they never come.
 */
static const char *
quoted_end(const char *open, size_t run)
{
    const char *c = open + run;

    while (*c != '\0')
    {
        size_t quotes = 0;

        while (c[quotes] == *open)
            quotes++;
        if (quotes % (2 * run) >= run)
            return c + (quotes - quotes % (2 * run));
        c += quotes > 0 ? quotes : *c == '\\' && c[1] != '\0' ? 2 : 1;
    }
    return c;
}

/* In quotes of whatever kind; inside a string they come doubled. */
static bool
quoted_secret(const char *c, SqlPlace place, Secret *secret)
{
    bool in_string = place != SQL_PLACE_CODE;
    size_t run = 0;

    if (*c != '\'' && *c != '"')
        return false;
    while (c[run] == *c)
        run++;
    if (!in_string && run % 2 == 0) /* '' is empty */
        return false;
    if (place == SQL_PLACE_STRING && *c == '\'' && run == 1) /* the string's own end */
        return false;
    run = in_string ? run : 1; /* '''x' begins with a quote */
    *secret = (Secret){c + run, quoted_end(c, run)};
    return true;
}

static bool
dollar_secret(const char *c, Secret *secret)
{
    const char *tag_end = *c == '$' ? strchr(c + 1, '$') : NULL;

    if (tag_end == NULL || strcspn(c + 1, " \t\r\n'\"$") != (size_t)(tag_end - c - 1))
        return false;

    size_t tag = (size_t)(tag_end - c + 1);
    const char *close = memmem(c + tag, strlen(c + tag), c, tag);

    secret->start = c + tag;
    secret->end = close == NULL ? c + strlen(c) : close;
    return true;
}

/* password=... in a connection string: up to white space or a quote. */
static bool
bare_secret(const char *c, Secret *secret)
{
    secret->start = c;
    secret->end = c + strcspn(c, " \t\r\n'\";,)");
    return secret->end > secret->start;
}

static bool
find_after_word(const char *word_end, SqlPlace place, Secret *secret)
{
    bool in_string = place != SQL_PLACE_CODE;
    const char *behind = word_end + (*word_end == '"'); /* "password": a quoted name */
    const char *value = skip_assignment(behind);
    bool assigned = value != behind;

    value = skip_prefix(skip_blank(value));
    return quoted_secret(value, place, secret) || dollar_secret(value, secret) ||
           (assigned && in_string && bare_secret(value, secret));
}

/* scheme://user:secret@host; where the text was cut short, what is left of it. */
static bool
find_in_url(const char *c, Secret *secret)
{
    if (strncmp(c, "://", 3) != 0)
        return false;

    size_t length = strcspn(c + 3, " \t\r\n'\"/?#");
    const char *end = c + 3 + length;
    const char *at = *end == '\0' ? end : memrchr(c + 3, '@', length);
    const char *colon = at == NULL ? NULL : memchr(c + 3, ':', (size_t)(at - c - 3));

    if (colon == NULL)
        return false;
    *secret = (Secret){colon + 1, at};
    return true;
}

static bool
find_at(const char *sql, const char *c, SqlPlace place, Secret *secret)
{
    size_t word = secret_word(sql, c);

    return (word > 0 && find_after_word(c + word, place, secret)) ||
           find_in_url(c, secret);
}

/* The body of a dollar quote is SQL again, as a rule. */
static void
scrub_dollar(Buf *buf, const char *sql, const SqlSpan *span)
{
    MEM_SCOPE(scope, NULL);
    const char *start = sql + span->offset;
    size_t tag = strcspn(start + 1, "$") + 2;
    size_t close = span->open ? 0 : tag;
    const char *body = mem_slice(scope, start + tag, span->length - tag - close);

    buf_bytes(buf, start, tag);
    buf_add(buf, sql_scrub(scope, body));
    buf_bytes(buf, start, close);
}

const char *
sql_scrub(Mem *mem, const char *sql)
{
    MEM_SCOPE(scope, mem);
    SqlSpans spans = sql_token_spans(scope, sql, strlen(sql));
    Buf buf = buf_begin(mem);
    const SqlSpan *span = spans.items;
    const SqlSpan *behind = spans.count == 0 ? span : span + spans.count;
    const char *kept = sql;

    for (const char *c = sql; *c != '\0'; c++)
    {
        size_t at = (size_t)(c - sql);
        Secret secret = {c, c};

        while (span < behind && span->offset + span->length <= at)
            span++;

        bool inside = span < behind && span->offset <= at;
        bool dollar = inside && span->place == SQL_PLACE_DOLLAR && span->offset == at;

        if (dollar)
            secret.end = c + span->length;
        else if (!find_at(sql, c, inside ? span->place : SQL_PLACE_CODE, &secret))
            continue;
        buf_bytes(&buf, kept, (size_t)(secret.start - kept));
        if (dollar)
            scrub_dollar(&buf, sql, span);
        else
            buf_add(&buf, STARS);
        kept = secret.end;
        c = kept - 1;
    }
    buf_add(&buf, kept);
    return buf.text;
}
