#!/usr/bin/env python3
"""Keeps the tables of docs/npu.md equal to targets/npu/spec/commands.json.

    npu_data_sheet.py ROOT           fails if a table differs, and shows how
    npu_data_sheet.py ROOT --write   writes the tables

A table follows its mark, `<!-- spec: mac -->`, up to the next empty line. Every
rule that the simulator names in an error must stand on the page and in a test,
and the other way round.
"""
import difflib
import json
import pathlib
import re
import sys


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def fields(record):
    return table(
        ["byte", "field", "type", "meaning"],
        [[f["offset"], f"`{f['name']}`", f["type"], f["meaning"]] for f in record["fields"]],
    )


def spec_table(spec, what):
    commands = {command["name"]: command for command in spec["commands"]}
    name, _, flags = what.partition(" ")
    if flags:
        rows = [[f["bit"], f"`{f['name']}`", f["meaning"]] for f in commands[name]["flags"]]
        return table(["bit of byte 1", "flag", "meaning"], rows)
    if what in commands:
        return fields(commands[what])
    if what == "header":
        return fields(spec["header"])
    if what == "commands":
        rows = [[c["opcode"], f"`{c['name']}`", c["unit"], f"{c['bytes']}{' + program' if c['program'] else ''}", c["meaning"]] for c in spec["commands"]]
        return table(["opcode", "command", "unit", "bytes", "meaning"], rows)
    if what == "parameters":
        rows = [[p["index"], f"`{p['name']}`", p["unit"], f"{p['low']} to {p['high']}", p["meaning"]] for p in spec["parameters"]]
        return table(["", "parameter", "unit", "range", "meaning"], rows)
    if what == "dataTypes":
        return table(["code", "type", "bytes", "meaning"], [[d["code"], d["name"], d["bytes"], d["meaning"]] for d in spec[what]])
    if what == "microOperations":
        return table(["code", "operation", "sources", "result"], [[m["code"], f"`{m['name']}`", m["sources"], m["meaning"]] for m in spec[what]])
    return table(["code", "name", "meaning"], [[row["code"], row["name"], row["meaning"]] for row in spec[what]])


def machine_table(root, spec):
    files = [json.loads(path.read_text()) for path in sorted((root / "targets/machines").glob("npu-*.json"))]
    files.sort(key=lambda machine: machine["macRows"] * machine["macColumns"])
    rows = [[f"`{p['name']}`"] + [machine[p["name"]] for machine in files] for p in spec["parameters"]]
    return table(["parameter"] + [machine["name"] for machine in files], rows)


def with_tables(root, text):
    spec = json.loads((root / "targets/npu/spec/commands.json").read_text())
    result, skipping = [], False
    for line in text.splitlines():
        mark = re.fullmatch(r"<!-- (?:spec: (.*)|machines) -->", line)
        if mark:
            result.append(line)
            result.append("")
            result += spec_table(spec, mark[1]) if mark[1] else machine_table(root, spec)
            result.append("")
            skipping = True
        elif not (skipping and (line.startswith("|") or not line)):
            skipping = False
            result.append(line)
    return "\n".join(result).rstrip("\n") + "\n"


def labels(files):
    return {label for path in files for label in re.findall(r"\b[SDTWPXR][1-9][0-9]?\b", path.read_text())}


def rule_faults(root):
    page = labels([root / "docs/npu.md"])
    code = set()
    for path in (root / "runtime/devices/npu").glob("*.c"):
        code |= set(re.findall(r'"([SDTWPXR][0-9]+)"', path.read_text()))
    tests = labels((root / "test/devices").glob("Npu*Test.cpp"))
    for name, found in (("docs/npu.md", page), ("the tests", tests)):
        if code - found:
            yield f"rules that {name} do not name: {sorted(code - found)}"
    if page - code:
        yield f"rules that the simulator does not know: {sorted(page - code)}"


def main():
    root = pathlib.Path(sys.argv[1])
    page = root / "docs/npu.md"
    text = page.read_text()
    wanted = with_tables(root, text)
    if "--write" in sys.argv:
        page.write_text(wanted)
        return 0
    sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), wanted.splitlines(True), "docs/npu.md", "commands.json"))
    faults = list(rule_faults(root))
    print("\n".join(faults))
    return 0 if text == wanted and not faults else 1


if __name__ == "__main__":
    sys.exit(main())
