# SPDX-License-Identifier: MIT
"""The manifest in its binary form, struct manifest of abi/manifest.h."""

import zlib

import header
from system_file import GRANTS, KINDS, LIMITS


def manifest(system):
    head = header.layout("manifest.h", "manifest", LIMITS)
    entry = header.layout("manifest.h", "manifest_entry", LIMITS)
    names = [e.name for e in system.entries]
    entries = b"".join(entry.pack(entry_values(e, names)) for e in system.entries)
    raw = head.pack({
        "magic": LIMITS["MANIFEST_MAGIC"],
        "version": LIMITS["MANIFEST_VERSION"],
        "size": head.size + len(entries),
        "entry_count": len(system.entries),
        "entry_size": entry.size,
        "reserve_pages": system.reserve,
        "supervisor_priority": system.supervisor,
    }) + entries
    crc = head.fields["crc"][0]
    return raw[:crc] + zlib.crc32(raw[crc + 4:]).to_bytes(4, "little") + raw[crc + 4:]


def entry_values(entry, names):
    flags = (LIMITS["MANIFEST_START"] * entry.start | LIMITS["MANIFEST_RESTART"] * entry.restart
             | LIMITS["MANIFEST_FPU"] * entry.fpu)
    return {
        "name": entry.name,
        "about": entry.about,
        "kind": LIMITS[KINDS[entry.kind]],
        "flags": flags,
        "grants": sum(LIMITS[GRANTS[grant]] for grant in entry.grants),
        "priority": entry.priority,
        "stack_pages": entry.stack,
        "quota_pages": entry.quota,
        "table_slots": entry.slots,
        "pool_frames": entry.pool,
        "backoff_ms": entry.backoff,
        "lives": entry.lives,
        "heartbeat_ms": entry.heartbeat,
        "irqs": sum(1 << irq for irq in entry.irqs),
        "calls": sum(1 << names.index(name) for name in entry.calls),
        "port_count": len(entry.ports),
        "device_count": len(entry.devices),
        "ports": [ports_values(ports) for ports in entry.ports],
        "keep_pages": entry.keep,
        "run_pages": entry.run,
        "arguments": "".join(text + "\0" for text in entry.arguments),
        "devices": [device_values(device) for device in entry.devices],
    }


def ports_values(ports):
    access = LIMITS["PORT_READ"] * ("r" in ports.access) | LIMITS["PORT_WRITE"] * ("w" in ports.access)
    values = bytearray(32)
    for value in ports.values or []:
        values[value // 8] |= 1 << value % 8
    return {"first": ports.first, "count": ports.count, "access": access, "valued": int(ports.values is not None),
            "values": bytes(values)}


def device_values(device):
    access = LIMITS["ACCESS_READ"] | LIMITS["ACCESS_WRITE"] * ("w" in device.access)
    return {"name": device.name, "address": device.address, "size": device.size, "access": access}
