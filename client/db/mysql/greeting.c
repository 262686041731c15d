#include "db/mysql/greeting.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum
{
    HEADER = 4,          /* length and number of the packet */
    PROTOCOL = 10,       /* of every server since 1998 */
    BEHIND_VERSION = 13, /* session, half of the salt, and a zero */
    OFFERS_TLS = 0x0800,
    GREETING_MOST = 512
};

Greeting
greeting_read(const unsigned char *bytes, size_t length)
{
    size_t whole =
        length < HEADER ? 0 : HEADER + (bytes[0] | bytes[1] << 8 | bytes[2] << 16);
    const unsigned char *version = bytes + HEADER + 1;
    const unsigned char *end;
    size_t at;

    if (length <= HEADER || (length < whole && length < GREETING_MOST))
        return GREETING_NOT_YET;
    if (bytes[HEADER] != PROTOCOL)
        return GREETING_OTHER;
    end = memchr(version, '\0', length - HEADER - 1);
    if (end == NULL)
        return GREETING_OTHER;
    at = (size_t)(end - bytes) + 1 + BEHIND_VERSION;
    if (at + 2 > length)
        return GREETING_OTHER;
    return ((bytes[at] | bytes[at + 1] << 8) & OFFERS_TLS) != 0 ? GREETING_TLS
                                                                : GREETING_PLAIN;
}

Greeting
greeting_peek(int fd)
{
    unsigned char bytes[GREETING_MOST];
    ssize_t length = recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);

    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return GREETING_NOT_YET;
    return length <= 0 ? GREETING_OTHER : greeting_read(bytes, (size_t)length);
}
