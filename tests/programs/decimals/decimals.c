// SPDX-License-Identifier: MIT
// `decimals`: floating point in a program with `fpu = true`. Two of them at once show whether each keeps its registers.
#include "libsys/stdio.h"
#include "libsys/stdlib.h"

// The sum of 1/n², for as long as that takes: the sum lives in a register through many interruptions.
static double basel(unsigned long terms)
{
    double sum = 0;
    for (unsigned long n = terms; n > 0; n--)
        sum += 1.0 / ((double)n * (double)n);
    return sum;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        unsigned long terms = strtoul(argv[1], NULL, 10);
        double sum = basel(terms);
        for (int i = 0; i < 3; i++)
            if (basel(terms) != sum) {
                printf("the sum changed\n");
                return 1;
            }
        printf("pi squared is about %.4f\n", 6 * sum);
        return 0;
    }
    printf("The numbers are %d and %f\n", 42, 1.0 / 3.0);
    printf("some numbers: %d %.3f\n", 42, 1.337);
    return 0;
}
