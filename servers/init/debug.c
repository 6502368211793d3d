// SPDX-License-Identifier: MIT
// Debuggers. A debugger holds two capabilities of one other program, its debuggee: its first thread, which the kernel lets
// it stop, read and step, and our endpoint with a badge that names the process, for what the kernel does not do.
#include "common/mem.h"
#include "common/string.h"
#include "interfaces/init.h"
#include "servers/init/build.h"
#include "servers/init/builder.h"
#include "servers/init/image.h"

// --- starting and ending

static err_t find_debuggee(uint64_t id, struct process **out)
{
    struct process *p = process_find(id);
    if (!p || !atomic_load(&p->started)) return ERR_NOT_FOUND;
    if (entry_is_standing(p->entry)) return ERR_DENIED; // others depend on it
    if (process_find(p->debugger)) return ERR_BUSY;
    *out = p;
    return OK;
}

static err_t make_debuggee(const struct init_debug *in, struct process **out)
{
    uint32_t entry;
    err_t err = program_entry(in->name, &entry);
    if (err == OK) err = program_make(entry, NULL, in->arguments, in->arguments_length, out);
    if (err != OK) return err;
    err = thread_suspend(place_slot(*out, PLACE_THREAD));
    if (err != OK) program_unmake(*out);
    return err;
}

static err_t run_both(struct process *debuggee, bool is_new, struct process *debugger)
{
    debuggee->debugger = atomic_load(&debugger->id);
    err_t err = is_new ? build_run(debuggee) : OK;
    if (err == OK) err = build_run(debugger);
    return err;
}

err_t handle_debug(struct caller *from, const struct init_debug *in, struct init_debug_reply *out)
{
    uint32_t entry;
    struct process *debugger = NULL, *debuggee = NULL;
    err_t err = check_spawner(from, in->arguments, in->arguments_length, INIT_DEBUG_ENDED);
    if (err == OK) err = program_entry(in->debugger, &entry);
    if (err != OK) return err;
    bool is_new = in->id == 0;
    err = is_new ? make_debuggee(in, &debuggee) : find_debuggee(in->id, &debuggee);
    if (err != OK) return err;
    const char *name = manifest_entry(debuggee->entry)->name;
    err = program_make(entry, debuggee, name, strlen(name) + 1, &debugger);
    if (err == OK) err = run_both(debuggee, is_new, debugger);
    if (err != OK) {
        if (debugger) program_unmake(debugger);
        if (is_new) program_unmake(debuggee);
        return err;
    }
    debugger->ended = caller_keep(from, INIT_DEBUG_ENDED);
    *out = (struct init_debug_reply){.id = atomic_load(&debugger->id), .debuggee = atomic_load(&debuggee->id)};
    return OK;
}

void debuggee_release(uint64_t id)
{
    struct process *p = process_find(id);
    if (!p || !atomic_load(&p->started)) return;
    p->debugger = 0;
    // What a debugger had stopped goes on; a fault that it had not answered has gone to the supervisor already.
    (void)!thread_resume(place_slot(p, PLACE_THREAD));
}

// --- what only a debugger may ask, of its debuggee

bool is_debugger(const struct caller *from) { return from->badge & DEBUGGER_BADGE; }

static err_t debuggee_of(const struct caller *from, struct process **out)
{
    if (!is_debugger(from)) return ERR_DENIED;
    *out = process_find(from->badge & ~DEBUGGER_BADGE);
    return *out && atomic_load(&(*out)->started) ? OK : ERR_NOT_FOUND;
}

// A page of the image that every process of it shares, as the module is mapped here; NULL: it is none.
static const unsigned char *shared_page(const struct process *p, uint64_t page)
{
    const struct elf *elf = &image_of(p->entry)->elf;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        uint64_t first = segment->vaddr & ~(PAGE_SIZE - 1);
        if (segment_is_fresh(segment) || page < first || page - first >= segment_pages(segment) * PAGE_SIZE) continue;
        return elf->image + (segment->offset & ~(PAGE_SIZE - 1)) + (page - first);
    }
    return NULL;
}

// Maps a page of the debuggee's own frames into the builder's window.
static err_t open_page(const struct process *p, uint64_t page, uint32_t access)
{
    struct mapping_info mapping;
    struct run_info run;
    cap_t frames = place_slot(p, PLACE_FRAMES);
    err_t err = process_query(place_slot(p, PLACE_PROCESS), (vaddr_t){page}, &mapping);
    if (err == OK) err = memory_info(frames, &run);
    if (err != OK) return err;
    uint64_t place = (mapping.address.raw - run.address.raw) / PAGE_SIZE;
    if (mapping.address.raw < run.address.raw || place >= run.pages) return ERR_DENIED;
    if ((mapping.access & access) != access) return ERR_NO_RIGHT;
    return memory_map(frames, (cap_t){BOOT_SLOT_SELF}, (vaddr_t){BUILDER_WINDOW}, place, 1, access);
}

static err_t close_page(void) { return process_unmap((cap_t){BOOT_SLOT_SELF}, (vaddr_t){BUILDER_WINDOW}, 1); }

// Bytes of one page of the user half.
static bool is_in_a_page(uint64_t address, uint64_t count, uint64_t most)
{
    return count > 0 && count <= most && address < USER_TOP && address % PAGE_SIZE + count <= PAGE_SIZE;
}

err_t handle_look(struct caller *from, const struct init_look *in, struct init_look_reply *out)
{
    static uint8_t bytes[INIT_LOOK_REPLY_BYTES_MAX];
    struct process *p;
    uint64_t offset = in->address % PAGE_SIZE, page = in->address - offset;
    err_t err = debuggee_of(from, &p);
    if (err == OK && !is_in_a_page(in->address, in->count, sizeof bytes)) err = ERR_RANGE;
    if (err != OK) return err;
    const unsigned char *shared = shared_page(p, page);
    if (!shared) err = open_page(p, page, ACCESS_READ);
    if (err != OK) return err;
    memcpy(bytes, (shared ? shared : (const unsigned char *)BUILDER_WINDOW) + offset, in->count);
    if (!shared) err = close_page();
    out->bytes = bytes;
    out->bytes_length = in->count;
    return err;
}

err_t handle_change(struct caller *from, const struct init_change *in)
{
    struct process *p;
    uint64_t offset = in->address % PAGE_SIZE, page = in->address - offset;
    err_t err = debuggee_of(from, &p);
    if (err == OK && !is_in_a_page(in->address, in->bytes_length, INIT_CHANGE_BYTES_MAX)) err = ERR_RANGE;
    if (err == OK && shared_page(p, page)) err = ERR_NO_RIGHT; // all processes of the image run on it
    if (err == OK) err = open_page(p, page, ACCESS_READ | ACCESS_WRITE);
    if (err != OK) return err;
    memcpy((unsigned char *)BUILDER_WINDOW + offset, in->bytes, in->bytes_length);
    return close_page();
}

err_t handle_symbol(struct caller *from, const struct init_symbol *in, struct init_symbol_reply *out)
{
    static char text[INIT_SYMBOL_REPLY_NAME_MAX + 1];
    struct process *p;
    const char *name;
    err_t err = debuggee_of(from, &p);
    if (err != OK) return err;
    image_symbol(p->entry, in->address, in->is_return, &name, &out->offset);
    if (!name) return ERR_NOT_FOUND;
    copy_text(text, sizeof text, name);
    out->name = text;
    return OK;
}

err_t handle_finish(struct caller *from)
{
    struct process *p;
    err_t err = debuggee_of(from, &p);
    if (err == OK) order_kill(p);
    return err;
}
