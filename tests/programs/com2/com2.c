// SPDX-License-Identifier: MIT
// What arrived on the second serial port, where nobody else reads it: `com2 queued` says how many bytes wait, `com2 read N`
// reads N of them and prints their checksum.
#include "common/crc32.h"
#include "common/string.h"
#include "interfaces/serial.h"
#include "libsys/error.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"

#define MOST 8192

static void read_all(cap_t serial, uint32_t wanted)
{
    static uint8_t data[MOST + SERIAL_READ_REPLY_DATA_MAX];
    struct serial_read_reply reply;
    uint32_t count = 0;
    while (count < wanted) {
        err_t error = serial_read(serial, &reply);
        if (error != OK) {
            print_error("reading", error);
            return;
        }
        __builtin_memcpy(data + count, reply.data, reply.data_length);
        count += reply.data_length;
    }
    printf("%u bytes, checksum %08x\n", count, crc32(0, data, count));
}

int main(int argc, char **argv)
{
    cap_t serial = cap_named("serial");
    struct serial_state_reply state;
    if (argc == 3 && strcmp(argv[1], "read") == 0) {
        long wanted = strtol(argv[2], NULL, 10);
        if (wanted < 0 || wanted > MOST) return 1;
        read_all(serial, (uint32_t)wanted);
    } else if (serial_state(serial, &state) == OK) {
        printf("%u bytes wait\n", state.queued);
    }
    return 0;
}
