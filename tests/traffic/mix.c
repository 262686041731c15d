#include "traffic/mix.h"

#include <string.h>

#define ROW " WHERE id = md5($1)::uuid"

/* What the shop's code does whatever it calls the address. */
#define SHOPPING                                                                       \
    {"visit", "UPDATE identities SET visits = visits + 1" ROW, ANY_ROW, 14},           \
        {"order",                                                                      \
         "INSERT INTO orders (identity_id, amount_cents) VALUES (md5($1)::uuid, 999)", \
         ANY_ROW, 8},                                                                  \
        {"latest",                                                                     \
         "SELECT id, name FROM identities WHERE created_at > now() - interval '10 s'"  \
         " ORDER BY created_at DESC LIMIT 20",                                         \
         NO_ROW, 3},                                                                   \
    {                                                                                  \
        "leave", "DELETE FROM identities" ROW, OWN_DELETE, 3                           \
    }

/* clang-format off */
const Mix mixes[] = {
    {"old", "INSERT INTO identities (id, email) VALUES (md5($1)::uuid, $2)", {
        {"read",   "SELECT email FROM identities" ROW,                          ANY_ROW,   40},
        {"reread", "SELECT email FROM identities" ROW,                          OWN_READ,  15},
        {"change", "UPDATE identities SET email = $2" ROW,                      OWN_WRITE, 12},
        {"move",   "UPDATE identities SET email = md5(email) || '@moved.example'" ROW, ANY_ROW, 5},
        SHOPPING}},
    {"both", "INSERT INTO identities (id, email, new_email) VALUES (md5($1)::uuid, $2, $2)", {
        {"read",   "SELECT email FROM identities" ROW,                          ANY_ROW,   40},
        {"reread", "SELECT email FROM identities" ROW,                          OWN_READ,  15},
        {"change", "UPDATE identities SET email = $2, new_email = $2" ROW,      OWN_WRITE, 17},
        SHOPPING}},
    {"new", "INSERT INTO identities (id, new_email) VALUES (md5($1)::uuid, $2)", {
        {"read",   "SELECT name FROM identities" ROW,                           ANY_ROW,   40},
        {"reread", "SELECT new_email, email FROM identities" ROW,               OWN_READ,  15},
        {"change", "UPDATE identities SET new_email = $2" ROW,                  OWN_WRITE, 17},
        SHOPPING}},
    {"reader", "INSERT INTO identities (id, email) VALUES (md5($1)::uuid, $2)", {
        {"read",   "SELECT email FROM identities" ROW,                          ANY_ROW,   80},
        {"reread", "SELECT email FROM identities" ROW,                          OWN_READ,  20}}},
};
/* clang-format on */

const int mix_count = (int)(sizeof(mixes) / sizeof(mixes[0]));

int
mix_find(const char *name)
{
    for (int i = 0; i < mix_count; i++)
        if (strcmp(mixes[i].name, name) == 0)
            return i;
    return -1;
}
