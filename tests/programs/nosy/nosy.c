// SPDX-License-Identifier: MIT
// A debugger that asks init for what is not its debuggee's: everything else must be refused.
#include "abi/fault.h"
#include "interfaces/init.h"
#include "libsys/error.h"
#include "libsys/start.h"
#include "libsys/stdio.h"

static cap_t debuggee;

static void expect(const char *what, err_t wanted, err_t got)
{
    printf("%s: %s%s\n", what, error_name(got), wanted == got ? "" : " IS WRONG");
}

static void what_spawners_may(void)
{
    struct init_spawn_reply spawned;
    struct init_debug_reply debugged;
    struct init_wait_reply how;
    struct init_process_reply process;
    struct init_program_reply program;
    struct init_mapping_reply mapping;
    expect("spawn", ERR_DENIED, init_spawn(debuggee, "hello", "", 0, NO_CAP, &spawned));
    expect("debug", ERR_DENIED, init_debug(debuggee, "debug", 0, "hello", "", 0, NO_CAP, &debugged));
    expect("wait", ERR_DENIED, init_wait(debuggee, start_page()->id, &how));
    expect("kill", ERR_DENIED, init_kill(debuggee, 0, "echo"));
    expect("process", ERR_DENIED, init_process(debuggee, 1, &process));
    expect("program", ERR_DENIED, init_program(debuggee, 0, &program));
    expect("mapping", ERR_DENIED, init_mapping(debuggee, 0, 0, "echo", &mapping));
}

static void edges_of_its_memory(uint64_t text)
{
    struct init_look_reply found;
    const uint8_t byte = 0xcc;
    const uint64_t stack = USER_STACK_TOP;
    expect("its text", OK, init_look(debuggee, text, 256, &found));
    expect("its stack", OK, init_look(debuggee, stack - 8, 8, &found));
    expect("behind it", ERR_RANGE, init_look(debuggee, stack - 8, 9, &found));
    expect("no byte", ERR_RANGE, init_look(debuggee, text, 0, &found));
    expect("too many", ERR_RANGE, init_look(debuggee, text, 257, &found));
    expect("the kernel", ERR_RANGE, init_look(debuggee, 0xffffffff80100000, 8, &found));
    expect("nothing", ERR_NOT_MAPPED, init_look(debuggee, 0x1000, 8, &found));
    expect("writing to the stack", OK, init_change(debuggee, stack - 8, &byte, 1));
    bool is_there = init_look(debuggee, stack - 8, 1, &found) == OK && found.bytes[0] == byte;
    expect("and reading it", OK, is_there ? OK : ERR_NOT_FOUND);
    expect("writing to text", ERR_NO_RIGHT, init_change(debuggee, text, &byte, 1));
    expect("writing to its start page", ERR_NO_RIGHT, init_change(debuggee, USER_START_PAGE, &byte, 1));
    expect("writing nothing", ERR_RANGE, init_change(debuggee, stack - 8, &byte, 0));
}

int main(void)
{
    struct registers registers;
    struct init_look_reply found;
    debuggee = cap_named("debuggee");
    err_t error = thread_read(cap_named("thread"), &registers);
    expect("its registers", OK, error);
    what_spawners_may();
    edges_of_its_memory(registers.rip);
    expect("finish", OK, init_finish(debuggee));
    expect("afterwards", ERR_NOT_FOUND, init_look(debuggee, registers.rip, 1, &found));
    expect("its thread", ERR_NO_CAP, thread_read(cap_named("thread"), &registers));
    return 0;
}
