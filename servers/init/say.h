// SPDX-License-Identifier: MIT
// What init tells people: on the log, and on the screen, which is init's own until vga runs and when it is gone.
#pragma once

#include "libsys/syscall.h"

// Maps the screen. Without a text screen only the log is used.
void say_start(bool has_screen);

// A sentence about the boot: on the log, on the screen at once, and kept for boot_sentences.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Straight to the screen's next row: only while there is no vga.
void say_on_screen(const char *text);

// What say was told so far, each sentence closed by a newline: vga shows it again when it has taken the screen over.
const char *boot_sentences(void);

// init's last words, without "The machine stops.": the kernel adds that and puts them on log and screen.
noreturn void stop_system(const char *format, ...) __attribute__((format(printf, 1, 2)));
