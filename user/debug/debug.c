// SPDX-License-Identifier: MIT
// A debugger: `debug NAME [WORD]...` or `debug ID` at the shell's prompt, `help` at its own. What it may touch is what init
// gave it for this one program (docs/debug.md); started in any other way it has nothing to debug.
#include "common/mem.h"
#include "interfaces/init.h"
#include "libsys/error.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/string.h"
#include "user/debug/keys.h"
#include "user/debug/target.h"

#define PROMPT "debug> "
#define WORDS 20
#define FLAG_TRAP 0x100u // ours, while it is stepped
#define FRAMES 16

struct command {
    const char *name;
    const char *arguments;
    const char *summary;
    int least, most; // arguments
    void (*run)(int count, char **words);
};
static const struct command commands[12];
static bool leaving;

// In the order of struct registers.
static const char names[][8] = {"rip", "rsp", "rbp", "rax", "rdi", "rsi", "rdx", "r8",  "r9",
                                "r10", "r12", "rbx", "r13", "r14", "r15", "rcx", "r11", "rflags"};
#define REGISTERS (sizeof names / sizeof names[0])
_Static_assert(REGISTERS == sizeof(struct registers) / 8, "a name for each register");

static cap_t debuggee(void) { return cap_named("debuggee"); }

// 0x… or decimal. False, and says so: it is none.
static bool number(const char *word, uint64_t *value)
{
    char *end;
    *value = strtoull(word, &end, 0);
    bool is_number = end != word && *end == '\0' && *word != '-' && *word != '+';
    if (!is_number) printf("%s is not a number: 0x401000 or 4198400\n", word);
    return is_number;
}

static void tell_memory_error(uint64_t address, err_t error)
{
    const char *text = error == ERR_DENIED     ? "the memory server's page: only it and the program see it"
                       : error == ERR_NO_RIGHT ? "the program itself may not write there"
                       : error == ERR_RANGE    ? "that does not lie in one page of the user half"
                                               : error_text(error);
    printf("0x%lx: %s\n", address, text);
}

// --- going on

static void command_step(int count, char **words)
{
    uint64_t steps = 1;
    if (count > 0 && !number(words[0], &steps)) return;
    if (steps == 0)
        printf("0 steps are none\n");
    else
        target_run(steps);
}

static void command_continue(int count, char **words)
{
    (void)count, (void)words;
    target_run(0);
}

static void list_breakpoints(void)
{
    if (target.breakpoint_count == 0) printf("no breakpoint\n");
    for (unsigned i = 0; i < target.breakpoint_count; i++)
        target_print_place(target.breakpoints[i], false);
}

static unsigned find_breakpoint(uint64_t address)
{
    unsigned i = 0;
    while (i < target.breakpoint_count && target.breakpoints[i] != address)
        i++;
    return i;
}

static void command_break(int count, char **words)
{
    uint64_t address;
    struct init_look_reply byte;
    if (count == 0) {
        list_breakpoints();
        return;
    }
    if (!number(words[0], &address)) return;
    err_t error = init_look(debuggee(), address, 1, &byte);
    if (error != OK)
        tell_memory_error(address, error);
    else if (find_breakpoint(address) < target.breakpoint_count)
        printf("%s is a breakpoint already\n", words[0]);
    else if (target.breakpoint_count == BREAKPOINTS)
        printf("there are %u breakpoints, and no room for more\n", BREAKPOINTS);
    else
        target.breakpoints[target.breakpoint_count++] = address;
}

static void command_delete(int count, char **words)
{
    uint64_t address;
    (void)count;
    if (!number(words[0], &address)) return;
    unsigned place = find_breakpoint(address);
    if (place == target.breakpoint_count)
        printf("%s is no breakpoint\n", words[0]);
    else
        target.breakpoints[place] = target.breakpoints[--target.breakpoint_count];
}

// --- registers and memory

static void command_registers(int count, char **words)
{
    (void)count, (void)words;
    char text[128];
    uint64_t values[REGISTERS];
    memcpy(values, &target.registers, sizeof values);
    values[REGISTERS - 1] &= ~(uint64_t)FLAG_TRAP;
    for (unsigned i = 0; i < REGISTERS; i += 3) {
        size_t length = 0;
        for (unsigned k = i; k < i + 3; k++)
            length += (size_t)snprintf(text + length, sizeof text - length, "%-6s %016lx  ", names[k], values[k]);
        printf("%s\n", text);
    }
}

static void command_set(int count, char **words)
{
    uint64_t value, *registers = (uint64_t *)&target.registers;
    (void)count;
    unsigned i = 0;
    while (i < REGISTERS && strcmp(names[i], words[0]) != 0)
        i++;
    if (i == REGISTERS) {
        printf("%s is no register: `registers` lists them\n", words[0]);
        return;
    }
    if (!number(words[1], &value)) return;
    uint64_t before = registers[i];
    registers[i] = value;
    err_t error = target_write_registers();
    if (error == OK) return;
    registers[i] = before;
    print_error(words[0], error);
}

static void print_row(uint64_t address, const uint8_t *bytes, unsigned count)
{
    char text[128];
    size_t length = (size_t)snprintf(text, sizeof text, "0x%lx ", address);
    for (unsigned i = 0; i < 16; i++)
        length += i < count ? (size_t)snprintf(text + length, sizeof text - length, " %02x", bytes[i])
                            : (size_t)snprintf(text + length, sizeof text - length, "   ");
    length += (size_t)snprintf(text + length, sizeof text - length, "  ");
    for (unsigned i = 0; i < count; i++)
        text[length++] = bytes[i] >= ' ' && bytes[i] < 0x7f ? (char)bytes[i] : '.';
    text[length] = '\0';
    printf("%s\n", text);
}

// Rows of 16 bytes, none of which crosses a page.
static void command_read(int count, char **words)
{
    uint64_t address, left = 16;
    if (!number(words[0], &address) || (count > 1 && !number(words[1], &left))) return;
    for (uint64_t part; left > 0; address += part, left -= part) {
        struct init_look_reply found;
        uint8_t bytes[16];
        part = left < 16 ? left : 16;
        if (part > PAGE_SIZE - address % PAGE_SIZE) part = PAGE_SIZE - address % PAGE_SIZE;
        err_t error = init_look(debuggee(), address, (uint32_t)part, &found);
        if (error != OK) {
            tell_memory_error(address, error);
            return;
        }
        memcpy(bytes, found.bytes, part);
        print_row(address, bytes, (unsigned)part);
        if (keys_were_interrupted()) return;
    }
}

static void command_write(int count, char **words)
{
    uint64_t address, value;
    uint8_t bytes[WORDS];
    if (!number(words[0], &address)) return;
    for (int i = 1; i < count; i++) {
        if (!number(words[i], &value)) return;
        if (value > 0xff) {
            printf("%s is more than a byte holds\n", words[i]);
            return;
        }
        bytes[i - 1] = (uint8_t)value;
    }
    err_t error = init_change(debuggee(), address, bytes, (size_t)count - 1);
    if (error == OK)
        target.changed = true;
    else
        tell_memory_error(address, error);
}

// Where a frame pointer points: the caller's frame pointer and the return address (System V ABI, "The Stack Frame").
static void walk_frames(void)
{
    struct init_look_reply found;
    uint64_t frame[2], at = target.registers.rbp;
    for (unsigned i = 0; i < FRAMES && at % 16 == 0 && init_look(debuggee(), at, sizeof frame, &found) == OK; i++) {
        memcpy(frame, found.bytes, sizeof frame);
        if (frame[1] == 0) return;
        target_print_place(frame[1], true);
        if (frame[0] <= at) return;
        at = frame[0];
    }
}

static void command_backtrace(int count, char **words)
{
    (void)count, (void)words;
    target_print_place(target.registers.rip, false);
    if (target.state == TARGET_HELD) {
        walk_frames();
        return;
    }
    for (uint64_t i = 0; i < target.trace_length; i++) // which the kernel has found, on all of its stack
        target_print_place(target.trace[i], true);
}

// --- leaving

static void command_kill(int count, char **words)
{
    (void)count, (void)words;
    err_t error = init_finish(debuggee());
    leaving = error == OK;
    if (error != OK) print_error("kill", error);
}

static void command_quit(int count, char **words)
{
    (void)count, (void)words;
    err_t error = target_detach();
    leaving = error != ERR_BUSY;
    if (error != OK) print_error("quit", error);
}

static void command_help(int count, char **words)
{
    (void)count, (void)words;
    for (unsigned i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char left[40];
        snprintf(left, sizeof left, "%s %s", commands[i].name, commands[i].arguments);
        printf("%-27s %s\n", left, commands[i].summary);
    }
}

static const struct command commands[12] = {
    {"step", "[COUNT]", "run so many instructions, one by default", 0, 1, command_step},
    {"continue", "", "run until a breakpoint, a fault or Ctrl-C", 0, 0, command_continue},
    {"break", "[ADDRESS]", "stop when it comes there, or list where", 0, 1, command_break},
    {"delete", "ADDRESS", "forget a breakpoint", 1, 1, command_delete},
    {"registers", "", "show them, but those of the FPU", 0, 0, command_registers},
    {"set", "REGISTER VALUE", "change a register", 2, 2, command_set},
    {"read", "ADDRESS [COUNT]", "show memory", 1, 2, command_read},
    {"write", "ADDRESS BYTE...", "change memory, where the program may write", 2, WORDS - 1, command_write},
    {"backtrace", "", "show who called", 0, 0, command_backtrace},
    {"kill", "", "end the program, and the debugger", 0, 0, command_kill},
    {"quit", "", "let the program go on without the debugger", 0, 0, command_quit},
    {"help", "", "this list", 0, 0, command_help},
};

// The first letters of a command will do, if they mean one only. NULL: says what is wrong.
static const struct command *find(const char *word)
{
    const struct command *found = NULL;
    for (unsigned i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strncmp(commands[i].name, word, strlen(word)) != 0) continue;
        if (found) {
            printf("%s may be %s or %s\n", word, found->name, commands[i].name);
            return NULL;
        }
        found = &commands[i];
    }
    if (!found) printf("%s: no such command. Type help for a list.\n", word);
    return found;
}

static void run_line(char *line)
{
    char *words[WORDS + 1], *rest;
    int count = 0;
    for (char *word = strtok_r(line, " ", &rest); word && count <= WORDS; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    if (count == 0) return;
    const struct command *command = find(words[0]);
    if (!command) return;
    if (count - 1 < command->least || count - 1 > command->most)
        printf("usage: %s %s\n", command->name, command->arguments);
    else
        command->run(count - 1, words + 1);
}

int main(int argc, char **argv)
{
    if (argc < 2 || !debuggee().slot) {
        printf("There is nothing to debug. At the shell's prompt: debug NAME [WORD]... or debug ID\n");
        return 1;
    }
    target.name = argv[1];
    err_t error = keys_start();
    if (error == OK) error = target_attach();
    if (error != OK) {
        print_error(target.name, error);
        return 1;
    }
    printf("%s stands at ", target.name);
    target_print_place(target.registers.rip, false);
    while (!leaving && target.state != TARGET_GONE) {
        char line[72];
        keys_read_line(PROMPT, line, sizeof line);
        run_line(line);
    }
    return 0;
}
