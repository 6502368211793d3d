// SPDX-License-Identifier: MIT
// Instructions that are the kernel's, and exceptions that any program can raise (SDM vol. 2 and vol. 3, chapter 6).
#include "abi/fault.h"
#include "libsys/stdlib.h"
#include "user/probe/probe.h"

void probe_int(uint64_t n); // user/probe/int.asm

#define DO(...) __asm__ volatile(__VA_ARGS__)
// The compiler may keep something in the 128 bytes below rsp and does not see that these push. lea changes no flag.
#define ABOVE_RED_ZONE(CODE) "leaq -128(%%rsp), %%rsp\n\t" CODE "\n\tleaq 128(%%rsp), %%rsp"
#define FLAG_TRAP 0x100u
#define FLAG_ALIGNMENT 0x40000u
#define FLAG_INTERRUPTS 0x200u

static uint64_t flags(void)
{
    uint64_t value;
    DO(ABOVE_RED_ZONE("pushfq\n\tpopq %0") : "=r"(value)::"memory");
    return value;
}

static void set_flags(uint64_t value) { DO(ABOVE_RED_ZONE("pushq %0\n\tpopfq")::"r"(value) : "memory", "cc"); }

// A processor without UMIP lets everybody read where the tables are, and no kernel can forbid it (CPUID leaf 7, ECX 2).
static void need_umip(void)
{
    uint32_t leaf = 7, features = 0;
    DO("cpuid" : "+a"(leaf), "+c"(features)::"rbx", "rdx");
    if (features & BIT(2)) return;
    probe_say("this processor has no UMIP: it cannot be forbidden");
    exit(0);
}

PROBE(do_cli, DO("cli"))
PROBE(do_sti, DO("sti"))
PROBE(do_hlt, DO("hlt"))
PROBE(port_in, uint8_t value; DO("inb $0x60, %0" : "=a"(value)))
PROBE(port_out, DO("outb %0, $0x64" ::"a"((uint8_t)0xfe)))
PROBE(port_string, char byte; void *at = &byte; DO("insb" : "+D"(at) : "d"(0x60) : "memory"))
PROBE(read_cr0, uint64_t value; DO("movq %%cr0, %0" : "=r"(value)))
PROBE(read_cr3, uint64_t value; DO("movq %%cr3, %0" : "=r"(value)))
PROBE(write_cr0, DO("movq %0, %%cr0" ::"r"(0ull)))
PROBE(write_cr3, DO("movq %0, %%cr3" ::"r"(0ull)))
PROBE(write_cr4, DO("movq %0, %%cr4" ::"r"(0ull)))
PROBE(write_dr7, DO("movq %0, %%dr7" ::"r"(0x400ull)))
PROBE(do_rdmsr, uint32_t low; uint32_t high; DO("rdmsr" : "=a"(low), "=d"(high) : "c"(0xc0000082)))
PROBE(do_wrmsr, DO("wrmsr" ::"a"(0), "d"(0), "c"(0xc0000082)))
PROBE(do_rdpmc, uint32_t low; uint32_t high; DO("rdpmc" : "=a"(low), "=d"(high) : "c"(0)))
PROBE(do_lgdt, uint8_t table[10] = {0}; DO("lgdt %0" ::"m"(table)))
PROBE(do_lidt, uint8_t table[10] = {0}; DO("lidt %0" ::"m"(table)))
PROBE(do_lldt, DO("lldt %w0" ::"r"(0)))
PROBE(do_ltr, DO("ltr %w0" ::"r"(0x28)))
PROBE(do_sgdt, need_umip(); uint8_t table[10]; DO("sgdt %0" : "=m"(table)))
PROBE(do_sidt, need_umip(); uint8_t table[10]; DO("sidt %0" : "=m"(table)))
PROBE(do_smsw, need_umip(); uint64_t value; DO("smsw %0" : "=r"(value)))
PROBE(do_invlpg, DO("invlpg (%0)" ::"r"(0x400000ull) : "memory"))
PROBE(do_wbinvd, DO("wbinvd"))
PROBE(do_clts, DO("clts"))
PROBE(do_swapgs, DO("swapgs"))
PROBE(do_sysret, DO("sysretq" ::"c"(0x400000ull) : "r11"))
PROBE(do_stac, DO("stac"))
PROBE(do_wrfsbase, DO("wrfsbase %0" ::"r"(0ull)))
PROBE(do_wrgsbase, DO("wrgsbase %0" ::"r"(0ull)))
PROBE(do_xsetbv, DO("xsetbv" ::"a"(0), "d"(0), "c"(0)))
PROBE(kernel_segment, DO("movw %w0, %%ds" ::"r"(0x10)))
PROBE(kernel_code, DO("pushq $0x08\n\tleaq 1f(%%rip), %%rax\n\tpushq %%rax\n\tlretq\n1:" ::: "rax", "memory"))
PROBE(ring0_iret, DO("movq %%rsp, %%rax\n\tpushq $0x10\n\tpushq %%rax\n\tpushq $0x2\n\tpushq $0x08\n\t"
                     "leaq 1f(%%rip), %%rax\n\tpushq %%rax\n\tiretq\n1:" ::
                         : "rax", "memory"))

PROBE(div_zero, uint32_t low = 1; uint32_t high = 0; DO("divl %2" : "+a"(low), "+d"(high) : "r"(0u) : "cc"))
PROBE(do_ud2, DO("ud2"))
PROBE(do_int3, DO("int3"))
PROBE(do_icebp, DO(".byte 0xf1"))
PROBE(single_step, set_flags(flags() | FLAG_TRAP))
PROBE(stack_segment, DO("movq %%rsp, %%rax\n\tmovq %0, %%rsp\n\tpushq %%rax\n\tmovq %%rax, %%rsp" ::"r"(1ull << 63)
                        : "rax", "memory"))

// Unmasks division by zero in the x87's control word and divides; fwait makes the error come out.
PROBE(x87_error, uint16_t control = 0x037b; DO("fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\tfwait" ::"m"(control)))
// The same in SSE: MXCSR bit 9 is the mask of division by zero.
PROBE(sse_error, uint32_t control = 0x1d80; uint32_t one = 1;
      DO("ldmxcsr %0\n\txorps %%xmm1, %%xmm1\n\tcvtsi2ss %1, %%xmm0\n\tdivss %%xmm1, %%xmm0" ::"m"(control), "m"(one)))

// IOPL is 0, so POPF leaves the interrupt flag as it is and says nothing.
static void popf_interrupts(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    set_flags(flags() & ~(uint64_t)FLAG_INTERRUPTS);
    if (!(flags() & FLAG_INTERRUPTS)) probe_worked("POPF switched interrupts off");
    set_flags(flags() | 0x3000);
    if (flags() & 0x3000) probe_worked("POPF raised the I/O privilege level");
}

// Alignment checks stay off; and since AC is what lets the kernel read user pages under SMAP, the kernel must not take
// it over: a call with the flag set has to go as any other.
static void misaligned(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    static uint64_t words[2] = {0x1122334455667788, 0};
    set_flags(flags() | FLAG_ALIGNMENT);
    uint64_t value = *(volatile uint64_t *)((char *)words + 1);
    probe_say("misaligned read with the alignment flag set: %#llx", (unsigned long long)value);
}

static void software_interrupt(int argc, char **argv)
{
    uint64_t n = argc > 0 ? strtoul(argv[0], NULL, 0) : 0x80;
    if (n > 255) n = 255;
    probe_say("int %llu", (unsigned long long)n);
    probe_int(n);
}

#define GP "general protection"
#define UD "invalid opcode"

// clang-format off
const struct probe instruction_probes[] = {
    {"cli",            "switches interrupts off",                GP, do_cli, DIES},
    {"sti",            "switches interrupts on",                 GP, do_sti, DIES},
    {"hlt",            "halts the processor",                    GP, do_hlt, DIES},
    {"port-in",        "reads port 0x60",                        GP, port_in, DIES},
    {"port-out",       "writes 0xfe to port 0x64: a reset",      GP, port_out, DIES},
    {"port-string",    "reads port 0x60 into memory",            GP, port_string, DIES},
    {"read-cr0",       "reads CR0",                              GP, read_cr0, DIES},
    {"read-cr3",       "reads CR3",                              GP, read_cr3, DIES},
    {"mov-cr0",        "writes CR0",                             GP, write_cr0, DIES},
    {"mov-cr3",        "writes CR3",                             GP, write_cr3, DIES},
    {"mov-cr4",        "writes CR4",                             GP, write_cr4, DIES},
    {"mov-dr7",        "writes DR7",                             GP, write_dr7, DIES},
    {"rdmsr",          "reads LSTAR",                            GP, do_rdmsr, DIES},
    {"wrmsr",          "writes LSTAR",                           GP, do_wrmsr, DIES},
    {"rdpmc",          "reads a performance counter",            GP, do_rdpmc, DIES},
    {"lgdt",           "loads a GDT",                            GP, do_lgdt, DIES},
    {"lidt",           "loads an IDT",                           GP, do_lidt, DIES},
    {"lldt",           "loads an LDT",                           GP, do_lldt, DIES},
    {"ltr",            "loads a task register",                  GP, do_ltr, DIES},
    {"sgdt",           "reads where the GDT is (UMIP)",          GP, do_sgdt, DIES},
    {"sidt",           "reads where the IDT is (UMIP)",          GP, do_sidt, DIES},
    {"smsw",           "reads the machine status word (UMIP)",   GP, do_smsw, DIES},
    {"invlpg",         "flushes a page's translation",           GP, do_invlpg, DIES},
    {"wbinvd",         "writes the caches back",                 GP, do_wbinvd, DIES},
    {"clts",           "clears the task-switched flag",          GP, do_clts, DIES},
    {"swapgs",         "swaps the GS base",                      GP, do_swapgs, DIES},
    {"sysret",         "returns from a system call it is not in",GP, do_sysret, DIES},
    {"kernel-segment", "loads the kernel's data segment",        GP, kernel_segment, DIES},
    {"kernel-code",    "returns far into the kernel's segment",  GP " (QEMU: page fault)", kernel_code, DIES},
    {"ring0-iret",     "returns from an interrupt to ring 0",    GP " (QEMU: page fault)", ring0_iret, DIES},
    {"xsetbv",         "writes XCR0",                            GP " or " UD, do_xsetbv, DIES},
    {"stac",           "opens the user's pages to the kernel",   UD, do_stac, DIES},
    {"wrfsbase",       "writes the FS base",                     UD, do_wrfsbase, DIES},
    {"wrgsbase",       "writes the GS base",                     UD, do_wrgsbase, DIES},
    {"int",            "raises the interrupt of a number",       GP ", but for 3", software_interrupt, DIES},
    {"div-zero",       "divides by zero",                        "divide by zero", div_zero, DIES},
    {"ud2",            "an instruction that is none",            UD, do_ud2, DIES},
    {"icebp",          "raises a debug exception",               "debug (QEMU: " UD ")", do_icebp, DIES},
    {"single-step",    "sets the trap flag",                     "debug", single_step, DIES},
    {"stack-segment",  "pushes at an address that is none",      "stack segment fault (QEMU: " GP ")", stack_segment, DIES},
    {"x87",            "divides by zero in the x87",             "x87 floating point", x87_error, DIES},
    {"sse",            "divides by zero in SSE",                 "SIMD floating point (QEMU: nothing)", sse_error, SURVIVES},
    {"int3",           "a breakpoint",                           "reported, then it goes on", do_int3, SURVIVES},
    {"popf",           "clears the interrupt flag, sets IOPL",   "both ignored", popf_interrupts, SURVIVES},
    {"misaligned",     "reads unaligned under AC",               "works", misaligned, SURVIVES},
    {NULL, NULL, NULL, NULL, DIES},
};
