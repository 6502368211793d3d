// SPDX-License-Identifier: MIT
// Operation × type of object × rights: each capability argument of each operation is tried with an object of each type
// and with each of the 256 sets of rights that a copy can be made with. Of another type: ERR_WRONG_TYPE. Without a right
// that is needed: ERR_NO_RIGHT. With all of them the call gets further, to a refusal that has nothing to do with the
// capability: so nothing ever happens, and the books show it.
#include "tests/programs/attack_init/matrix.h"

#define TRIED EMPTY // the slot that holds the copy

static const struct {
    enum object_type type;
    uint32_t slot;
} objects[] = {
    {TYPE_MEMORY, PINNED},   {TYPE_DEVICE, SCREEN}, {TYPE_PROCESS, CHILD}, {TYPE_THREAD, RUNS},
    {TYPE_ENDPOINT, CALLEE}, {TYPE_PORTS, ROOT},    {TYPE_IRQ, LINE},      {TYPE_CLOCK, CLOCK},
    {TYPE_LOG, LOG},         {TYPE_POWER, POWER},   {TYPE_DYING, DYING},   {TYPE_CLEARING, HALF},
};

#define T(NAME) BIT(TYPE_##NAME)
#define ANY (~0ull)
#define RUNS_OF_FRAMES (T(MEMORY) | T(DEVICE))
#define NO_TRY 0xff // with all rights it would be done: not tried here

// Where the capability stands: in rdi, in a word, or among those that a message takes along.
enum place { WORD_0, WORD_1, WORD_2, WORD_3, WORD_4, REGISTER, TAKEN_ALONG };

struct argument {
    const char *name;
    int line;
    uint8_t operation;
    enum place place;
    uint64_t types; // that are right
    uint8_t rights; // that are needed
    uint8_t result; // with the right type and all rights
    uint32_t slot;  // what rdi holds if the capability is elsewhere
    uint8_t caps;   // in the tag
    uint16_t length;
    uint64_t words[5];
};

#define ARGUMENT(OPERATION, PLACE, TYPES, RIGHTS, RESULT, SLOT, LENGTH, CAPS, ...) \
    {"rights_of_" #OPERATION "/" #PLACE, \
     __LINE__, \
     SYS_##OPERATION, \
     PLACE, \
     TYPES, \
     RIGHTS, \
     RESULT, \
     SLOT, \
     CAPS, \
     LENGTH, \
     {__VA_ARGS__}},

#define SEND RIGHT_SEND
#define NOTIFY RIGHT_NOTIFY
#define GRANT RIGHT_GRANT
#define MANAGE RIGHT_MANAGE
#define READ RIGHT_READ
#define WRITE RIGHT_WRITE
#define EXECUTE RIGHT_EXECUTE
#define MAP RIGHT_MAP

// clang-format off
static const struct argument arguments[] = {
    //       operation         place        types           rights          further on        rdi     tag     words
    ARGUMENT(call,             REGISTER,    T(ENDPOINT),    SEND,           ERR_BAD_MESSAGE,  0,      0, 5,   0)
    ARGUMENT(call,             TAKEN_ALONG, ANY,            GRANT,          ERR_NO_SLOT,      CALLEE, 0, 1,   0)
    ARGUMENT(send,             REGISTER,    T(ENDPOINT),    SEND,           ERR_BAD_MESSAGE,  0,      0, 5,   0)
    ARGUMENT(send,             TAKEN_ALONG, ANY,            GRANT,          ERR_NO_SLOT,      CALLEE, 0, 1,   0)
    ARGUMENT(recv,             REGISTER,    T(ENDPOINT),    0,              ERR_NOT_RECEIVER, 0,      0, 0,   0)
    ARGUMENT(notify,           REGISTER,    T(ENDPOINT),    NOTIFY,         OK,               0,      0, 0,   0)
    ARGUMENT(cap_copy,         REGISTER,    ANY,            0,              ERR_BAD_SLOT,     0,      0, 0,   0, 0, ALL)
    ARGUMENT(cap_copy,         WORD_0,      T(PROCESS),     MANAGE,         ERR_BAD_SLOT,     RUN,    0, 0,   0, BEYOND, ALL)
    ARGUMENT(cap_mint,         REGISTER,    ANY,            MANAGE,         ERR_BAD_SLOT,     0,      0, 0,   0, 0, ALL)
    ARGUMENT(cap_mint,         WORD_0,      T(PROCESS),     MANAGE,         ERR_BAD_SLOT,     RUN,    0, 0,   0, BEYOND, ALL)
    ARGUMENT(cap_move,         REGISTER,    ANY,            0,              ERR_BAD_SLOT,     0,      0, 0,   0, 0)
    ARGUMENT(cap_move,         WORD_0,      T(PROCESS),     MANAGE,         ERR_BAD_SLOT,     RUN,    0, 0,   0, BEYOND)
    ARGUMENT(cap_info,         REGISTER,    ANY,            0,              OK,               0,      0, 0,   0)
    ARGUMENT(memory_split,     REGISTER,    RUNS_OF_FRAMES, MANAGE,         ERR_BAD_LENGTH,   0,      0, 0,   0, GONE)
    ARGUMENT(memory_join,      REGISTER,    T(MEMORY),      MANAGE,         ERR_NOT_NEIGHBOUR, 0,     0, 0,   APART)
    ARGUMENT(memory_join,      WORD_0,      T(MEMORY),      MANAGE,         ERR_NOT_NEIGHBOUR, RUN,   0, 0,   0)
    ARGUMENT(memory_map,       REGISTER,    RUNS_OF_FRAMES, READ,           ERR_BAD_LENGTH,   0,      0, 0,   CHILD, PLACE_FREE, 0, 0, ACCESS_READ)
    ARGUMENT(memory_map,       REGISTER,    RUNS_OF_FRAMES, READ | WRITE,   ERR_BAD_LENGTH,   0,      0, 0,   CHILD, PLACE_FREE, 0, 0, RW)
    ARGUMENT(memory_map,       REGISTER,    RUNS_OF_FRAMES, READ | EXECUTE, ERR_BAD_LENGTH,   0,      0, 0,   CHILD, PLACE_FREE, 0, 0, ACCESS_READ | ACCESS_EXECUTE)
    ARGUMENT(memory_map,       WORD_0,      T(PROCESS),     MAP,            ERR_BAD_LENGTH,   RUN,    0, 0,   0, PLACE_FREE, 0, 0, ACCESS_READ)
    ARGUMENT(memory_info,      REGISTER,    RUNS_OF_FRAMES, 0,              OK,               0,      0, 0,   0)
    ARGUMENT(process_create,   REGISTER,    T(MEMORY) | T(CLEARING), MANAGE, NO_TRY,          0,      0, 0,   0)
    ARGUMENT(process_donate,   REGISTER,    T(PROCESS),     MANAGE,         ERR_NO_CAP,       0,      0, 0,   GONE)
    ARGUMENT(process_donate,   WORD_0,      T(MEMORY) | T(CLEARING), MANAGE, NO_TRY,          CHILD,  0, 0,   0)
    ARGUMENT(process_destroy,  REGISTER,    ANY,            MANAGE,         ERR_SLOT_USED,    0,      0, 0,   RUN)
    ARGUMENT(process_unmap,    REGISTER,    T(PROCESS),     MAP,            ERR_BAD_LENGTH,   0,      0, 0,   PLACE, 0)
    ARGUMENT(process_protect,  REGISTER,    T(PROCESS),     MAP,            ERR_BAD_LENGTH,   0,      0, 0,   PLACE, 0, ACCESS_READ)
    ARGUMENT(process_query,    REGISTER,    T(PROCESS),     MAP,            ERR_BAD_ADDRESS,  0,      0, 0,   1ull << 47)
    ARGUMENT(process_info,     REGISTER,    T(PROCESS),     0,              OK,               0,      0, 0,   0)
    ARGUMENT(thread_create,    REGISTER,    T(PROCESS),     MANAGE,         ERR_BAD_ARGUMENT, 0,      0, 0,   GONE, 0, 0, 0, 0)
    ARGUMENT(thread_create,    WORD_2,      T(ENDPOINT),    SEND,           ERR_BAD_ARGUMENT, CHILD,  0, 0,   GONE, 0, 0, 0, 0)
    ARGUMENT(thread_create,    WORD_3,      T(ENDPOINT),    SEND,           ERR_BAD_ARGUMENT, CHILD,  0, 0,   GONE, 0, 0, 0, 0)
    ARGUMENT(thread_start,     REGISTER,    T(THREAD),      MANAGE,         ERR_BAD_STATE,    0,      0, 0,   PLACE)
    ARGUMENT(thread_suspend,   REGISTER,    T(THREAD),      MANAGE,         NO_TRY,           0,      0, 0,   0)
    ARGUMENT(thread_resume,    REGISTER,    T(THREAD),      MANAGE,         ERR_BAD_STATE,    0,      0, 0,   0)
    ARGUMENT(thread_read,      REGISTER,    T(THREAD),      MANAGE,         ERR_BAD_STATE,    0,      0, 0,   0)
    ARGUMENT(thread_write,     REGISTER,    T(THREAD),      MANAGE,         ERR_BAD_STATE,    0,      0, 0,   0)
    ARGUMENT(thread_priority,  REGISTER,    T(THREAD),      MANAGE,         ERR_BAD_ARGUMENT, 0,      0, 0,   0)
    ARGUMENT(thread_debug,     REGISTER,    T(THREAD),      MANAGE,         ERR_NO_CAP,       0,      0, 0,   GONE)
    ARGUMENT(thread_debug,     WORD_0,      T(ENDPOINT),    SEND,           NO_TRY,           RUNS,   0, 0,   0)
    ARGUMENT(thread_info,      REGISTER,    T(THREAD),      0,              OK,               0,      0, 0,   0)
    ARGUMENT(thread_destroy,   REGISTER,    T(THREAD),      MANAGE,         NO_TRY,           0,      0, 0,   0)
    ARGUMENT(endpoint_create,  REGISTER,    T(PROCESS),     MANAGE,         ERR_BAD_SLOT,     0,      0, 0,   0, CHILD)
    ARGUMENT(endpoint_create,  WORD_1,      T(PROCESS),     MANAGE,         ERR_POOL_EMPTY,   POOR,   0, 0,   GONE, 0)
    ARGUMENT(endpoint_bind,    REGISTER,    T(ENDPOINT),    MANAGE,         ERR_NO_CAP,       0,      0, 0,   GONE)
    ARGUMENT(endpoint_bind,    WORD_0,      T(PROCESS),     MANAGE,         ERR_BUSY,         OURS,   0, 0,   0)
    ARGUMENT(endpoint_destroy, REGISTER,    T(ENDPOINT),    MANAGE,         NO_TRY,           0,      0, 0,   0)
    ARGUMENT(irq_bind,         REGISTER,    T(IRQ),         MANAGE,         ERR_BAD_ARGUMENT, 0,      0, 0,   OURS, 0)
    ARGUMENT(irq_bind,         WORD_0,      T(ENDPOINT),    NOTIFY,         ERR_BAD_ARGUMENT, LINE,   0, 0,   0, 0)
    ARGUMENT(irq_ack,          REGISTER,    T(IRQ),         MANAGE,         OK,               0,      0, 0,   0)
    ARGUMENT(ports_create,     REGISTER,    T(PORTS),       MANAGE,         ERR_PORT,         0,      0, 0,   GONE, 0x2f8, 0, PORT_READ)
    ARGUMENT(ports_in,         REGISTER,    T(PORTS),       READ,           ERR_PORT,         0,      0, 0,   0x2f8, 1)
    ARGUMENT(ports_out,        REGISTER,    T(PORTS),       WRITE,          ERR_PORT,         0,      0, 0,   0x2f8, 1)
    ARGUMENT(clock_read,       REGISTER,    T(CLOCK),       0,              OK,               0,      0, 0,   0)
    ARGUMENT(log_write,        REGISTER,    T(LOG),         WRITE,          ERR_BAD_LENGTH,   0,      257, 0, 0)
    ARGUMENT(log_read,         REGISTER,    T(LOG),         READ,           ERR_EMPTY,        0,      0, 0,   ~0ull)
    ARGUMENT(power,            REGISTER,    T(POWER),       WRITE,          ERR_BAD_ARGUMENT, 0,      0, 0,   3)
    ARGUMENT(power,            REGISTER,    T(POWER),       MANAGE,         ERR_PORT_VALUE,   0,      0, 0,   POWER_METHOD, 0x10000)
};
// clang-format on

static uint32_t try_argument(const struct argument *a)
{
    struct message m = {0};
    for (int i = 0; i < 5; i++)
        m.words[i] = a->words[i];
    uint32_t slot = a->slot;
    if (a->place == REGISTER)
        slot = TRIED;
    else if (a->place == TAKEN_ALONG)
        message_page()->send_slots[0] = TRIED;
    else
        m.words[a->place] = TRIED;
    return op(TAG(a->operation, 0, a->length, a->caps), slot, &m);
}

static void try_rights(const struct argument *a, enum object_type type, uint32_t rights)
{
    bool right_type = a->types >> type & 1, may = (rights & a->rights) == a->rights;
    if (right_type && may && a->result == NO_TRY) return;
    uint32_t result = try_argument(a);
    // Where both are wrong, either may be said first.
    if (!right_type && !may && result == ERR_NO_RIGHT) return;
    expect_at(a->line, !right_type ? ERR_WRONG_TYPE : may ? a->result : ERR_NO_RIGHT, result);
}

static void try_all(const struct argument *a)
{
    books_note();
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
        for (uint32_t mask = 0; mask < 256; mask++) {
            struct cap_info info = {0};
            EXPECT(OK, cap_copy((cap_t){objects[i].slot}, NO_CAP, TRIED, mask));
            EXPECT(OK, cap_info((cap_t){TRIED}, &info));
            EXPECT(objects[i].type, info.type);
            EXPECT(0, info.rights & ~mask);
            try_rights(a, info.type, (uint32_t)info.rights);
            cap_drop((cap_t){TRIED});
        }
    UNCHANGED();
}

void rights_run(void)
{
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
        attack_begin(arguments[i].name);
        try_all(&arguments[i]);
        attack_end();
    }
}
