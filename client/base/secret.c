#include "base/secret.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"

/* Shorter ones occur in every text by chance; the shapes below still find them. */
#define SECRET_MIN 4

static LIST(char *) registered;

/* What stands before a value; only behind a whole word may it stand without quotes. */
typedef enum Announcement
{
    ANNOUNCED_WORD,      /* password */
    ANNOUNCED_ENDING,    /* master_password */
    ANNOUNCED_IDENTIFIED /* identified by */
} Announcement;

static const char *const announced[] = {
    "password", "sslpassword", "pgpassword", "passwd", "passphrase", "pwd", "secret"};

void
secret_register(const char *text)
{
    if (text == NULL || strlen(text) < SECRET_MIN)
        return;
    for (int i = 0; i < registered.count; i++)
        if (strcmp(registered.items[i], text) == 0)
            return;
    *list_add(NULL, &registered) = mem_copy(NULL, text);
}

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Blanks, and comments that SQL allows wherever they may stand. */
static size_t
skip_blanks(const char *text)
{
    size_t at = strspn(text, " \t\r\n");
    const char *end;

    while (strncmp(text + at, "/*", 2) == 0 && (end = strstr(text + at + 2, "*/")))
    {
        at = (size_t)(end + 2 - text);
        at += strspn(text + at, " \t\r\n");
    }
    return at;
}

/* Length of a registered secret at text[at] that is not part of a longer word. */
static size_t
registered_length(const char *text, size_t at)
{
    size_t longest = 0;

    for (int i = 0; i < registered.count; i++)
    {
        const char *secret = registered.items[i];
        size_t length = strlen(secret);

        if (length <= longest || strncmp(text + at, secret, length) != 0)
            continue;
        if (at > 0 && is_word(text[at - 1]) && is_word(secret[0]))
            continue;
        if (is_word(text[at + length]) && is_word(secret[length - 1]))
            continue;
        longest = length;
    }
    return longest;
}

/* Length of '...' with doubled or backslashed quotes; an open one ends with the text.
 */
static size_t
quoted_length(const char *text)
{
    char quote = text[0];
    size_t length = 1;

    while (text[length] != '\0')
    {
        bool pair = (text[length] == quote && text[length + 1] == quote) ||
                    (text[length] == '\\' && text[length + 1] != '\0');

        if (!pair && text[length] == quote)
            return length + 1;
        length += pair ? 2 : 1;
    }
    return length;
}

/* Length of ''...'', as a string within a string has it; 0 when it is none: '' alone is
 * empty. */
static size_t
nested_length(const char *text)
{
    if (strncmp(text, "''", 2) != 0 || strchr(" \t\r\n;,)'", text[2]) != NULL)
        return 0;

    const char *end = strstr(text + 2, "''");

    return end == NULL ? strlen(text) : (size_t)(end + 2 - text);
}

/* Length of $tag$...$tag$, 0 when it is none. */
static size_t
dollar_length(const char *text)
{
    size_t tag = 1;

    if (text[0] != '$')
        return 0;
    while (is_word(text[tag]))
        tag++;
    if (text[tag] != '$')
        return 0;
    for (const char *end = text + tag + 1; *end != '\0'; end++)
        if (strncmp(end, text, tag + 1) == 0)
            return (size_t)(end - text) + tag + 1;
    return strlen(text);
}

/* Length of a secret literal: '...', ''...'', E'...', U&'...', $$...$$; 0 when there is
 * none. */
static size_t
literal_length(const char *text)
{
    size_t nested = nested_length(text);

    if (nested > 0)
        return nested;
    if (text[0] == '\'')
        return quoted_length(text);
    if (text[0] != '\0' && strchr("EeNn", text[0]) != NULL && text[1] == '\'')
        return 1 + quoted_length(text + 1);
    if ((text[0] == 'U' || text[0] == 'u') && strncmp(text + 1, "&'", 2) == 0)
        return 2 + quoted_length(text + 2);
    return dollar_length(text);
}

static size_t
bare_length(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0' && strchr(" \t\r\n&;'\"),", text[length]) == NULL)
        length += text[length] == '\\' && text[length + 1] != '\0' ? 2 : 1;
    return length;
}

/* "password": "..." in JSON, from behind the word; where it is none, 0. */
static size_t
json_length(const char *text, size_t *value)
{
    if (text[0] != '"')
        return 0;

    size_t colon = 1 + skip_blanks(text + 1);

    if (text[colon] != ':')
        return 0;
    *value = colon + 1 + skip_blanks(text + colon + 1);
    return text[*value] == '"' ? quoted_length(text + *value) : 0;
}

/*
 * PASSWORD '...', PASSWORD('...') and password = '...' in SQL (MySQL's own quotes are
 * "..."), password=... in a connection string: how far the value is from `text` (behind
 * the announcing word) and how long it is.
 */
static size_t
value_length(const char *text, Announcement by, size_t *value)
{
    size_t json = json_length(text, value);

    if (json > 0)
        return json;

    size_t blanks = skip_blanks(text);
    bool equals = text[blanks] == '=';
    bool opens = text[blanks] == '(';
    size_t at = equals || opens ? blanks + 1 + skip_blanks(text + blanks + 1) : blanks;
    size_t literal = literal_length(text + at);

    *value = at;
    if (text[at] == '"' && (equals || opens || by == ANNOUNCED_IDENTIFIED))
        literal = quoted_length(text + at);
    /* Blanks around a bare word are SQL: SET password = old_password. */
    if (literal > 0 || !equals || at != 1 || by != ANNOUNCED_WORD)
        return literal;
    return bare_length(text + at);
}

size_t
secret_identified(const char *text)
{
    static const char *const ends[] = {"by", "as", "using"};
    size_t at = strlen("identified");

    if (strncasecmp(text, "identified", at) != 0)
        return 0;
    for (int words = 0; words < 3; words++)
    {
        size_t start = at + skip_blanks(text + at);
        size_t length = 0;

        while (is_word(text[start + length]))
            length++;
        if (start == at || length == 0)
            return 0;
        at = start + length;
        for (int i = 0; i < LENGTH(ends); i++)
            if (length == strlen(ends[i]) &&
                strncasecmp(text + start, ends[i], length) == 0)
                return at;
    }
    return 0;
}

static size_t
identified_value(const char *text, size_t *value)
{
    size_t word = secret_identified(text);

    if (word == 0)
        return 0;

    size_t length = value_length(text + word, ANNOUNCED_IDENTIFIED, value);

    *value += word;
    return length;
}

/* A value announced by a word at text[at], or by the end of one: MASTER_PASSWORD. */
static size_t
announced_length(const char *text, size_t at, size_t *value)
{
    bool whole_word = at == 0 || !is_word(text[at - 1]);

    if (whole_word)
    {
        size_t length = identified_value(text + at, value);

        if (length > 0)
        {
            *value += at;
            return length;
        }
    }
    for (int i = 0; i < LENGTH(announced); i++)
    {
        size_t word = strlen(announced[i]);

        if (strncasecmp(text + at, announced[i], word) != 0 || is_word(text[at + word]))
            continue;

        size_t length = value_length(
            text + at + word, whole_word ? ANNOUNCED_WORD : ANNOUNCED_ENDING, value);

        *value += at + word;
        return length;
    }
    return 0;
}

/*
 * The password of scheme://user:password@..., from just behind "://". Greedy up to the
 * last '@': a password with a raw '@', '/' or '?' in it is hidden whole.
 */
static size_t
userinfo_length(const char *text, size_t at, size_t *value)
{
    if (at < 3 || strncmp(text + at - 3, "://", 3) != 0)
        return 0;

    size_t token = strcspn(text + at, " \t\r\n\"'<>`");
    const char *at_sign = memrchr(text + at, '@', token);

    if (at_sign == NULL)
        return 0;

    const char *colon = memchr(text + at, ':', (size_t)(at_sign - (text + at)));

    if (colon == NULL)
        return 0;
    *value = (size_t)(colon + 1 - text);
    return (size_t)(at_sign - colon - 1);
}

/* The first secret that begins to show at text[at]: its start and length, or 0. */
static size_t
secret_at(const char *text, size_t at, size_t *value)
{
    size_t length = userinfo_length(text, at, value);

    if (length == 0)
        length = announced_length(text, at, value);
    if (length == 0)
    {
        *value = at;
        length = registered_length(text, at);
    }
    return length;
}

char *
secret_scrub(Mem *mem, const char *text)
{
    if (text == NULL)
        return NULL;

    Buf out = buf_begin(mem);

    for (size_t at = 0; text[at] != '\0';)
    {
        size_t value;
        size_t length = secret_at(text, at, &value);

        if (length == 0)
        {
            buf_bytes(&out, text + at, 1);
            at++;
            continue;
        }

        bool quoted = text[value] == '\'' && length > 1;

        buf_bytes(&out, text + at, value - at);
        buf_add(&out, quoted ? "'" SECRET_SHOWN "'" : SECRET_SHOWN);
        at = value + length;
    }
    return out.text;
}

char **
secret_hide_argv(Mem *mem, int argc, char **argv)
{
    char **copy = mem_array(mem, char *, argc + 1);

    for (int i = 0; i < argc; i++)
    {
        size_t room = strlen(argv[i]);

        copy[i] = mem_copy(mem, argv[i]);

        const char *shown = secret_scrub(mem, argv[i]);
        size_t length = strlen(shown);

        /* In place and never longer: the kernel shows exactly this memory. */
        memset(argv[i], '\0', room);
        memcpy(argv[i], shown, length < room ? length : room);
    }
    return copy;
}
