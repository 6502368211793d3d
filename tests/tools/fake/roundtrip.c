// SPDX-License-Identifier: MIT
// The generated client against the generated server. Run by tests/tools/test_idl_roundtrip.py; with the argument
// "serve" it answers messages from standard input instead, for the Python client.
#include "roundtrip.h"

#include <inttypes.h>

int roundtrip_start(void **state)
{
    (void)state;
    sample_serve(server, &sample_server);
    fake_alter_request = fake_alter_reply = NULL;
    fake_later = sample_answer_later;
    fake_calls = fake_discarded = 0;
    return 0;
}

// Lines of "method word … word body-in-hex-or-dash" in, "error word … word body" out.
static int serve_lines(void)
{
    static char hex[2 * MESSAGE_MAX + 2];
    uint64_t method;
    struct message m = {0};
    uint64_t *w = m.words;
    roundtrip_start(NULL);
    while (scanf("%" SCNu64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %8129s", &method,
                 &w[0], &w[1], &w[2], &w[3], &w[4], &w[5], hex) == 8) {
        size_t length = hex[0] == '-' ? 0 : strlen(hex) / 2;
        for (size_t i = 0; i < length; i++)
            sscanf(hex + 2 * i, "%2hhx", &fake_page(FAKE_SERVER)->body[i]);
        m.tag = TAG(SYS_call, method, length, 0);
        err_t error = fake_serve_one(&m);
        printf("%u", error);
        for (size_t i = 0; i < MESSAGE_WORDS; i++)
            printf(" %" PRIx64, w[i]);
        printf(" -");
        for (size_t i = 0; i < TAG_LENGTH(m.tag); i++)
            printf("%02x", fake_page(FAKE_SERVER)->body[i]);
        printf("\n");
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "serve") == 0) return serve_lines();
    return run_values() + run_refusals();
}
