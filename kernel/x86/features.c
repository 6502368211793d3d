// SPDX-License-Identifier: MIT
#include "kernel/x86/features.h"

#include "kernel/log.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/fpu.h"

// CPUID (SDM vol. 2, "CPUID"): leaf 1 ECX, leaf 7 EBX and ECX.
#define LEAF1_ECX_XSAVE BIT(26)
#define LEAF7_EBX_SMEP BIT(7)
#define LEAF7_EBX_SMAP BIT(20)
#define LEAF7_ECX_UMIP BIT(2)

#define DR7_OFF 0x400

void features_init(void)
{
    uint32_t leaves = cpuid(0, 0).eax;
    struct cpuid leaf1 = cpuid(1, 0), leaf7 = leaves >= 7 ? cpuid(7, 0) : (struct cpuid){0};
    bool smep = leaf7.ebx & LEAF7_EBX_SMEP, smap = leaf7.ebx & LEAF7_EBX_SMAP, umip = leaf7.ecx & LEAF7_ECX_UMIP;
    bool xsave = leaf1.ecx & LEAF1_ECX_XSAVE;
    cr4_write(CR4_PAE | CR4_PGE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT | (smep ? CR4_SMEP : 0) |
              (smap ? CR4_SMAP : 0) | (umip ? CR4_UMIP : 0) | (xsave ? CR4_OSXSAVE : 0));
    dr7_write(DR7_OFF);
    fpu_init(xsave);
    log_line("processor: NX%s%s%s%s", smep ? " SMEP" : "", smap ? " SMAP" : "", umip ? " UMIP" : "",
             xsave ? " XSAVE" : " FXSAVE");
}
