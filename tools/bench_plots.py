# SPDX-License-Identifier: MIT
"""Pictures of build/bench/bench.json: an SVG for each series of rows (`message_call_64` is the point 64 of the series
message_call), and one for the rows that stand alone, against their ceilings."""

import html
import re

from bench_compare import CEILINGS, UNIT

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 360, 70, 40, 40
COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd")
POINT = re.compile(r"(.+)_(\d+)")
BAR = 18
# pictures: (file, title, what is counted along, series)
PICTURES = (
    ("message", "a message with a body", "bytes of body", ("message_call", "message_reply")),
    ("others", "messages and notifications among others", "threads, endpoints and capabilities alive",
     ("ipc_round_trip_others", "notify_wake_others")),
    ("clients", "a round with one server", "clients alive", ("clients",)),
    ("pages", "pages mapped, protected, unmapped", "pages", ("map", "protect", "unmap")),
)


def series(rows):
    """{series: [(point, value)]}"""
    found = {}
    for row in rows:
        match = POINT.fullmatch(row["name"])
        if match:
            found.setdefault(match[1], []).append((int(match[2]), row["value"]))
    return {name: sorted(points) for name, points in found.items()}


def text(x, y, words, anchor="start", size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{html.escape(str(words))}</text>'


def picture(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'font-family="sans-serif"><rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


def lines(title, along, drawn):
    """Lines from 0, so that a flat one looks flat. drawn: {series: points}"""
    most_x = max(x for points in drawn.values() for x, _ in points) or 1
    most_y = max(y for points in drawn.values() for _, y in points) * 1.1 or 1
    inner_width, inner_height = WIDTH - LEFT - 20, HEIGHT - TOP - BOTTOM

    def place(x, y):
        return LEFT + inner_width * x / most_x, HEIGHT - BOTTOM - inner_height * y / most_y

    parts = [text(WIDTH / 2, 20, f"{title} ({UNIT})", "middle", 14), text(WIDTH / 2, HEIGHT - 6, along, "middle")]
    for step in range(5):
        _, y = place(0, most_y * step / 4)
        parts += [f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>',
                  text(LEFT - 6, y + 4, round(most_y * step / 4), "end", 11)]
    for x in sorted({x for points in drawn.values() for x, _ in points}):
        if x in (0, most_x) or x >= most_x / 8:
            parts.append(text(place(x, 0)[0], HEIGHT - BOTTOM + 16, x, "middle", 11))
    for color, (name, points) in zip(COLORS, drawn.items()):
        where = [place(x, y) for x, y in points]
        parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="2" points="'
                     + " ".join(f"{x:.1f},{y:.1f}" for x, y in where) + '"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in where]
        parts.append(f'<g fill="{color}">{text(LEFT + 10, TOP + 16 * (1 + list(drawn).index(name)), name)}</g>')
    return picture(WIDTH, HEIGHT, parts)


def bars(title, rows, ceilings):
    """rows: [(name, value)]. Each bar is as long as its part of the ceiling, or of the longest where there is none."""
    room = WIDTH - 260
    longest = max((value for _, value in rows), default=1)
    parts = [text(WIDTH / 2, 20, title, "middle", 14)]
    for place, (name, value) in enumerate(rows):
        y = TOP + place * (BAR + 8)
        ceiling = ceilings.get(name)
        length = room * min(1.2, value / ceiling if ceiling else value / longest) / 1.2
        color = COLORS[0] if not ceiling else COLORS[2] if value <= ceiling else COLORS[1]
        parts += [text(150, y + BAR - 4, name, "end"),
                  f'<rect x="158" y="{y}" width="{length:.1f}" height="{BAR}" fill="{color}"/>',
                  text(164 + length, y + BAR - 4, f"{value} of {ceiling}" if ceiling else value, size=11)]
    if ceilings:
        x = 158 + room / 1.2
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{TOP + len(rows) * (BAR + 8)}" stroke="black" '
                     'stroke-dasharray="4"/>')
    return picture(WIDTH, TOP + len(rows) * (BAR + 8) + 20, parts)


def draw(rows, folder):
    """Writes the pictures that there are rows for; their names."""
    found, made = series(rows), {}
    for name, title, along, wanted in PICTURES:
        drawn = {one: found[one] for one in wanted if one in found}
        if drawn:
            made[name] = lines(title, along, drawn)
    alone = [(row["name"], row["value"]) for row in rows if row["name"] in CEILINGS]
    if alone:
        made["figures"] = bars(f"figures against their ceilings ({UNIT})", alone, CEILINGS)
    boot = [(row["name"].removeprefix("boot_"), row["value"]) for row in rows
            if row["name"].startswith("boot_") and row["name"] != "boot_to_prompt"]
    if boot:
        made["boot"] = bars(f"the boot, part by part ({UNIT})", boot, {})
    for name, drawing in made.items():
        (folder / f"{name}.svg").write_text(drawing, encoding="utf-8")
    return sorted(made)
