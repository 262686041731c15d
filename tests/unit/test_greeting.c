/* What a server says first is read before anything is sent to it. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/mysql/greeting.h"
#include "unit/unit.h"

/* Version, session and salt, and the lower half of what the server can do. */
#define GREETING(length, low, high)                                                    \
    length "\0\0\0\n9.7.4\0"                                                           \
           "\1\0\0\0"                                                                  \
           "12345678\0" low high "rest"

/* clang-format off */
static const char with_tls[] = GREETING("\x1a", "\xff", "\xff");
static const char without_tls[] = GREETING("\x1a", "\xff", "\xf7");
static const char too_many[] = "\x17\0\0\0\xff\x10\x04Too many connections";
/* clang-format on */

static Greeting
greeting_of(const char *bytes, size_t length)
{
    return greeting_read((const unsigned char *)bytes, length);
}

START_TEST(a_server_says_whether_it_offers_tls)
{
    ck_assert_int_eq(greeting_of(with_tls, sizeof(with_tls) - 1), GREETING_TLS);
    ck_assert_int_eq(greeting_of(without_tls, sizeof(without_tls) - 1), GREETING_PLAIN);
    ck_assert_int_eq(greeting_of(too_many, sizeof(too_many) - 1), GREETING_OTHER);
    for (size_t length = 0; length < sizeof(with_tls) - 1; length++)
        ck_assert_int_eq(greeting_of(with_tls, length), GREETING_NOT_YET);
    ck_assert_int_eq(greeting_of("\2\0\0\0\n9", 6), GREETING_OTHER);
}
END_TEST

START_TEST(the_greeting_stays_for_the_library)
{
    int ends[2];
    char bytes[sizeof(without_tls)];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    ck_assert_int_eq(greeting_peek(ends[0]), GREETING_NOT_YET);
    ck_assert_int_eq(write(ends[1], without_tls, sizeof(without_tls) - 1),
                     sizeof(without_tls) - 1);
    ck_assert_int_eq(greeting_peek(ends[0]), GREETING_PLAIN);
    ck_assert_int_eq(read(ends[0], bytes, sizeof(bytes)), sizeof(without_tls) - 1);
    close(ends[1]);
    ck_assert_int_eq(greeting_peek(ends[0]), GREETING_OTHER);
    close(ends[0]);
    ck_assert_int_eq(greeting_peek(-1), GREETING_OTHER);
}
END_TEST

UNIT("greeting", a_server_says_whether_it_offers_tls,
     the_greeting_stays_for_the_library)
