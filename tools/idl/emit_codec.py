# SPDX-License-Identifier: MIT
"""C functions that put a message together and take it apart: put_X fills *m from a struct, get_X checks *m and fills
the struct. Both follow the places that model.py has given."""

import model

LIMITS = {"u8": "UINT8_MAX", "u16": "UINT16_MAX", "u32": "UINT32_MAX", "bool": "1"}


def c_type(name):
    return "bool" if name == "bool" else f"{'u' if name[0] == 'u' else ''}int{name[1:]}_t"


def element(interface, item):
    return f"struct {interface.name}_{item.type}" if item.struct else c_type(item.type)


def bad(conditions, error="ERR_BAD_MESSAGE", width=118):
    """Lines that return the error when one of the conditions holds."""
    if not conditions:
        return []
    lines, line = [], "    if ("
    for i, condition in enumerate(conditions):
        piece = condition + (" || " if i + 1 < len(conditions) else ")")
        if len(line) + len(piece) > width:
            lines.append(line.rstrip())
            line = "        "
        line += piece
    return [*lines, line, f"        return {error};"]


def out_of_range(word, kind):
    if kind in LIMITS:
        return f"{word} > {LIMITS[kind]}"
    if kind in ("u64", "i64"):
        return None
    return f"(int64_t){word} != ({c_type(kind)}){word}"


def scalar_from(word, kind):
    return word if kind == "u64" else f"({c_type(kind)}){word}" if kind != "bool" else f"{word} != 0"


def payload_size(item):
    """C expression: bytes of a field in the payload."""
    if item.kind == "struct":
        return str(item.unit)
    if item.kind == "string":
        return f"{item.length_name} + 1"
    return item.length_name if item.unit == 1 else f"{item.length_name} * {item.unit}"


def positions(message):
    """Lines that compute where each field of the payload is, and the payload's size; {field: C expression}; and the
    gaps between fields, as (end of one, start of the next)."""
    lines, at, gaps = [], {}, []
    fixed, end = 8 * len(message.spilled), None  # end: C expression, once it is no longer a fixed number
    for item in message.payload:
        if end is None:
            start = model.align_up(fixed, item.align)
            if start != fixed:
                gaps.append((str(fixed), str(start)))
            at[item.name] = str(start)
            fixed = start + item.unit
            if item.variable:
                end = f"{start} + {payload_size(item)}" if start else payload_size(item)
            continue
        if item.align > 1:
            lines.append(f"    const size_t {item.name}_at = wire_align({end}, {item.align});")
            gaps.append((end, f"{item.name}_at"))
        else:
            lines.append(f"    const size_t {item.name}_at = {end};")
        at[item.name] = f"{item.name}_at"
        end = f"{item.name}_at + {payload_size(item)}"
    if message.payload or message.spilled:
        lines.append(f"    const size_t size = {end or fixed};")
    return lines, at, gaps


def offset(base, at):
    return base if at == "0" else f"{base} + {at}"


def pointers(message):
    return [f for f in message.payload if f.variable]


def put(interface, name, struct, message, tag, limit):
    """static err_t put_NAME(const struct STRUCT *from, struct message *m): a request (*m is all zeros, the stub adds
    the capabilities), or with the tag "0" a reply (*m may still hold the request)."""
    lines = [f"static err_t put_{name}(const struct {struct} *from, struct message *m)", "{"]
    for item in message.variable:
        n, most = item.length_name, f"{limit}{item.name}_max".upper()
        if item.kind == "string":
            lines += [f'    const char *const {item.name}_from = from->{item.name} ? from->{item.name} : "";',
                      f"    const size_t {n} = strnlen({item.name}_from, {most} + 1);"]
        else:
            lines.append(f"    const size_t {n} = from->{n};")
        lines += bad([f"{n} > {most}"], "ERR_TOO_LONG")
        if item.utf8:
            lines += bad([f"!utf8_is_valid({item.name}_from, {n})"], "ERR_UTF8")
    places, at, gaps = positions(message)
    lines += places
    words = [f"(uint64_t)from->{f.name}" for f in message.scalars] + length_words(message)
    # A reply is put together apart where what it points to may lie in the words of the request.
    if tag == "0" and not message.payload and not message.spilled:
        lines += [f"    m->words[{i}] = {word};" for i, word in enumerate(words + ["0"] * (model.WORDS - len(words)))]
        last = []
    elif tag == "0":
        lines += wrap(f"    uint64_t words[MESSAGE_WORDS] = {{{', '.join(words) or '0'}}};")
        last = ["    __builtin_memcpy(m->words, words, sizeof words);"]
    else:
        lines += [f"    m->words[{i}] = {word};" for i, word in enumerate(words)]
        last = []
    length = "0"
    if message.payload or message.spilled:
        lines += put_payload(interface, message, at, gaps, "words" if last else "m->words")
        length = f"size > WIRE_ROOM({message.first}) ? size : 0"
    lines += [*last, f"    m->tag = TAG(0, {tag}, {length}, 0);"]
    if message.caps and tag == "0":
        caps = ", ".join(f"from->{cap}" for cap in message.caps)
        lines.append(f"    wire_put_caps(m, (const cap_t[]){{{caps}}}, {len(message.caps)});")
    return [*lines, "    return OK;", "}", ""]


def length_words(message):
    result = []
    for first in range(0, len(message.variable), 4):
        parts = [f"{f.length_name} << {16 * i}" if i else f.length_name
                 for i, f in enumerate(message.variable[first:first + 4])]
        result.append(" | ".join(parts))
    return result


def put_payload(interface, message, at, gaps, words):
    lines = []
    movable = pointers(message)
    # A single one is moved as memmove does; among several, one could be overwritten before it is read.
    if len(movable) > 1 or any(f.struct and f.struct.padded for f in movable):
        inside = [f"wire_is_in_body({f.name}_from)" if f.kind == "string" else f"wire_is_in_body(from->{f.name})"
                  for f in movable]
        lines += [f"    if (size > WIRE_ROOM({message.first})) {{", *("    " + line for line in bad(inside, width=114)),
                  "    }"]
    lines.append(f"    uint8_t *const to = wire_out({words}, {message.first}, size);")
    for item in movable:
        target = offset("to", at[item.name])
        if item.kind == "string":
            lines.append(f"    wire_put({target}, {item.name}_from, {item.length_name} + 1);")
        elif item.struct and item.struct.padded:
            lines += [f"    for (size_t i = 0; i < {item.length_name}; i++)",
                      f"        put_type_{item.type}({target} + i * {item.unit}, &from->{item.name}[i]);"]
        else:
            lines.append(f"    wire_put({target}, from->{item.name}, {payload_size(item)});")
    for i, item in enumerate(message.spilled):
        lines.append(f"    wire_put_word({offset('to', str(8 * i))}, (uint64_t)from->{item.name});")
    for item in message.payload:
        if item.kind == "struct":
            lines.append(f"    put_type_{item.type}({offset('to', at[item.name])}, &from->{item.name});")
    lines += [f"    wire_zero(to, {end}, {start});" for end, start in gaps]
    return lines


def get(interface, name, struct, message, limit, keep):
    """static err_t get_NAME(const struct message *m, struct STRUCT *to). keep: what *to points to outlives *m."""
    lines = [f"static err_t get_{name}(const struct message *m, struct {struct} *to)", "{"]
    checks = [out_of_range(f"m->words[{i}]", f.type) for i, f in enumerate(message.scalars)]
    for first in range(0, len(message.variable), 4):
        word = f"m->words[{message.length_word + first // 4}]"
        some = message.variable[first:first + 4]
        for i, item in enumerate(some):
            lines.append(f"    const uint32_t {item.length_name} = (uint16_t)({word} >> {16 * i});" if i else
                         f"    const uint32_t {item.length_name} = (uint16_t){word};")
        if len(some) < 4:
            checks.append(f"{word} >> {16 * len(some)} != 0")
        checks += [f"{f.length_name} > {f'{limit}{f.name}_max'.upper()}" for f in some]
    if not message.payload and not message.spilled:
        checks.append("TAG_LENGTH(m->tag) != 0")
    lines += bad([c for c in checks if c])
    places, at, _ = positions(message)
    lines += places
    results = [(f.name, scalar_from(f"m->words[{i}]", f.type)) for i, f in enumerate(message.scalars)]
    if message.payload or message.spilled:
        body = keep and pointers(message) or any(f.kind == "list" for f in message.payload)
        lines += [f"    const uint8_t *const from = {'wire_in_body' if body else 'wire_in'}(m, {message.first}, size);",
                  "    if (!from)", "        return ERR_BAD_MESSAGE;"]
        lines += get_payload(interface, message, at, results)
    lines += [f"    to->{target} = {value};" for target, value in results]
    return [*lines, "    return OK;", "}", ""]


def get_payload(interface, message, at, results):
    lines, checks, utf8 = [], [], []
    for i, item in enumerate(message.spilled):
        lines.append(f"    const uint64_t {item.name}_word = wire_word({offset('from', str(8 * i))});")
        checks.append(out_of_range(f"{item.name}_word", item.type))
        results.append((item.name, scalar_from(f"{item.name}_word", item.type)))
    for item in message.payload:
        source, n = offset("from", at[item.name]), item.length_name
        if item.kind == "string":
            checks.append(f"!wire_is_text({source}, {n})")
            if item.utf8:
                utf8.append(f"!utf8_is_valid((const char *)({source}), {n})")
            results.append((item.name, f"(const char *)({source})"))
        elif item.kind == "bytes":
            results.append((item.name, source))
        elif item.kind == "list":
            if item.type == "bool":
                checks.append(f"!wire_are_bools({source}, {n})")
            elif item.struct and not item.struct.any_bytes:
                checks.append(f"!are_type_{item.type}({source}, {n})")
            results.append((item.name, f"(const {element(interface, item)} *)(const void *)({source})"))
        elif not item.struct.any_bytes:
            checks.append(f"!are_type_{item.type}({source}, 1)")
        if item.variable:
            results.append((n, n))
    lines += bad([c for c in checks if c]) + bad(utf8, "ERR_UTF8")
    for item in message.payload:
        if item.kind == "struct":
            lines.append(f"    __builtin_memcpy(&to->{item.name}, {offset('from', at[item.name])}, sizeof to->{item.name});")
    return lines


def type_helpers(interface, putting, getting):
    """put_type_X and are_type_X for the structs that the messages put together (taken apart) here contain."""
    lines = []
    for struct in interface.structs:
        name = f"struct {interface.name}_{struct.name}"
        uses = lambda messages, kinds: any(f.struct is struct and f.kind in kinds for m in messages for f in m.payload)
        kinds = ("struct", "list") if struct.padded else ("struct",)
        if uses(putting, kinds):
            members = ", ".join(f".{m.name} = from->{m.name}" for m in struct.members if m.type)
            lines += [f"static void put_type_{struct.name}(uint8_t *to, const {name} *from)", "{",
                      *wrap(f"    const {name} clean = {{{members}}};"),
                      "    __builtin_memcpy(to, &clean, sizeof clean);", "}", ""]
        if uses(getting, ("struct", "list")) and not struct.any_bytes:
            lines += [f"static bool are_type_{struct.name}(const uint8_t *from, size_t count)", "{",
                      f"    for (size_t i = 0; i < count; i++, from += {struct.size}) {{"]
            for m in struct.members:
                if m.type == "bool":
                    lines += [f"        if (from[{m.offset}] > 1)", "            return false;"]
                elif not m.type:
                    test = " || ".join(f"from[{m.offset + i}] != 0" for i in range(m.size))
                    lines += [f"        if ({test})", "            return false;"]
            lines += ["    }", "    return true;", "}", ""]
    return lines


def wrap(line, width=120, indent=8):
    """One long line of C, broken after commas."""
    if len(line) <= width:
        return [line]
    lines, current = [], ""
    for i, part in enumerate(line.split(", ")):
        piece = part if i == 0 else ", " + part
        if len(current) + len(piece) > width - 1:
            lines.append(current + ",")
            current = " " * indent + part
        else:
            current += piece
    return [*lines, current]
