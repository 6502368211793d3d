// SPDX-License-Identifier: MIT
// The client of servers/echo: sends its words, prints what comes back. `say hello` prints "hello".
#include "common/string.h"
#include "interfaces/echo.h"
#include "libsys/start.h"
#include "libsys/stdio.h"

// Joins the arguments by blanks. False when they do not fit.
static bool join(int argc, char **argv, char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (int i = 1; i < argc; i++) {
        if (i > 1 && used + 1 < size) out[used++] = ' ';
        size_t length = copy_text(out + used, size - used, argv[i]);
        if (length >= size - used) return false;
        used += length;
    }
    return true;
}

int main(int argc, char **argv)
{
    static char text[ECHO_SAY_TEXT_MAX + 1];
    if (!join(argc, argv, text, sizeof text)) {
        print_error("say", ERR_TOO_LONG);
        return 1;
    }
    struct echo_say_reply reply;
    err_t error = echo_say(cap_named("echo"), text, &reply);
    if (error != OK) {
        print_error("say", error);
        return 1;
    }
    printf("%s\n", reply.text);
    return 0;
}
