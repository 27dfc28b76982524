#!/usr/bin/env python3
"""Checks the house rules that a compiler cannot: which folder may include which,
how long a file may be, which names it may not have, that no path of somebody's
machine was committed, and that the links between documents lead somewhere.

    check_layering.py ROOT            checks the tracked files of a repository
    check_layering.py --self-test     shows that each rule catches its violation

The arrows run one way, dialects <- passes <- targets <- compiler: a file may
include its own layer and those to the left of it. The runtime stands alone, and
the compiler takes from it only the ABI header. Tests and examples may include
everything.
"""
import os
import re
import subprocess
import sys
import tempfile

MAX_LINES = 600
LAYERS = ["dialects", "passes", "targets", "compiler"]
RUNTIME_ABI = "runtime/include/edge/model.h"
FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "manager", "common", "misc"}
WORDS_OF_A_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Directories that exist only on one person's machine. Assembled from pieces so
# that this file does not contain what it forbids.
MACHINE_PATHS = re.compile(r"(?<![\w.}/-])/(?:" + "|".join(["home", "work", "root", "Users"]) + r")/[\w.]")
SOURCE = (".c", ".cpp", ".h", ".td", ".inc")
LIMITED = SOURCE + (".py", ".cmake", "CMakeLists.txt")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
INCLUDE = re.compile(r'^\s*(?:#\s*)?include\s+["<]([^">]+)[">]', re.MULTILINE)


def tracked_files(root):
    """The files git knows (committed or staged); in a source archive, all of them."""
    try:
        listing = subprocess.run(
            ["git", "-C", root, "ls-files", "-z"], capture_output=True, check=True
        ).stdout.decode()
        names = [name for name in listing.split("\0") if name]
        if names:
            return [name for name in names if os.path.isfile(os.path.join(root, name))]
    except (OSError, subprocess.CalledProcessError):
        pass
    names = []
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith(("build", ".git"))]
        names += [os.path.relpath(os.path.join(folder, f), root) for f in files]
    return sorted(names)


def layer_of(path):
    return path.split("/", 1)[0]


def include_fault(includer, included):
    """Why `includer` must not include `included` (both relative to the root), or None."""
    source, wanted = layer_of(includer), layer_of(included)
    if source == "runtime":
        if wanted in LAYERS or included.startswith(("mlir/", "llvm/", "mlir-c/", "llvm-c/", "lld/")):
            return "the runtime depends on nothing"
        return None
    if source not in LAYERS:
        return None
    if wanted == "runtime" and included != RUNTIME_ABI:
        return f"the compiler knows of the runtime only {RUNTIME_ABI}"
    if included.startswith("edge/") and included != "edge/model.h":
        return f"the compiler knows of the runtime only {RUNTIME_ABI}"
    if wanted in ("test", "examples", "bench"):
        return f"{wanted}/ is not part of the product"
    if wanted in LAYERS and LAYERS.index(wanted) > LAYERS.index(source):
        return f"{source} may not know {wanted}: the arrows are " + " <- ".join(LAYERS)
    return None


def resolve(root, includer, included):
    """An include beside the includer counts as its path from the root."""
    beside = os.path.normpath(os.path.join(os.path.dirname(includer), included))
    if os.path.isfile(os.path.join(root, beside)):
        return beside
    return included


def faults(root):
    for path in tracked_files(root):
        name = os.path.basename(path)
        if FORBIDDEN_NAMES & {word.lower() for word in WORDS_OF_A_NAME.findall(name)}:
            yield f"{path}: the name says nothing about the content; name the idea"
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                text = file.read()
        except UnicodeDecodeError:
            continue  # a model, an array: no text
        lines = text.count("\n")
        if path.endswith(LIMITED) and lines > MAX_LINES:
            yield f"{path}: {lines} lines, at most {MAX_LINES}; split it by idea"
        for match in MACHINE_PATHS.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: path of one machine ({match.group(0)}...)"
        if path.endswith(".md"):
            for match in LINK.finditer(text):
                if not os.path.exists(os.path.join(root, os.path.dirname(path), match.group(1))):
                    line = text.count("\n", 0, match.start()) + 1
                    yield f"{path}:{line}: the link to {match.group(1)} leads nowhere"
        if not path.endswith(SOURCE):
            continue
        for match in INCLUDE.finditer(text):
            reason = include_fault(path, resolve(root, path, match.group(1)))
            if reason:
                line = text.count("\n", 0, match.start(1)) + 1
                yield f"{path}:{line}: includes {match.group(1)}: {reason}"


def self_test():
    """Each file below breaks exactly one rule, except those that break none."""
    cases = {
        "dialects/edge/Edge.cpp": ('#include "passes/graph/Passes.h"\n', True),
        "dialects/edge/Edge.td": ('include "mlir/IR/OpBase.td"\n', False),
        "passes/graph/Fold.cpp": ('#include "targets/cpu/Cpu.h"\n', True),
        "passes/graph/Cse.cpp": ('#include "dialects/edge/Edge.h"\n#include "Passes.h"\n', False),
        "targets/cpu/Cpu.cpp": ('#include "compiler/Pipeline.h"\n', True),
        "compiler/Good.cpp": ('#include "targets/cpu/Cpu.h"\n#include "runtime/include/edge/model.h"\n', False),
        "compiler/Abi.cpp": ('#include "runtime/include/edge/runtime.h"\n', True),
        "compiler/Test.cpp": ('#include "test/Fixture.h"\n', True),
        "runtime/src/load.c": ('#include "compiler/Compiler.h"\n', True),
        "runtime/src/llvm.c": ("#include <llvm/ADT/StringRef.h>\n", True),
        "runtime/src/pool.c": ('#include "edge/runtime.h"\n#include <stdint.h>\n', False),
        "test/e2e/AnyTest.cpp": ('#include "compiler/Compiler.h"\n', False),
        "passes/graph/GraphUtils.cpp": ("\n", True),
        "passes/graph/graph_helper.h": ("\n", True),
        "passes/graph/CommonFold.cpp": ("\n", True),
        "passes/graph/Miscount.cpp": ("\n", False),
        "passes/kernel/Long.cpp": ("\n" * (MAX_LINES + 1), True),
        "passes/kernel/Short.cpp": ("\n" * MAX_LINES, False),
        "docs/where.md": ("see /" + "home/me/model.onnx\n", True),
        "docs/lost.md": ("[there](nowhere.md)\n", True),
        "docs/linked.md": ("[here](linked.md#words), [web](https://mlir.llvm.org)\n", False),
        "docs/fine.md": ("see $HOME/x, /usr/lib, a/" + "work/b and ${X}/" + "work/y\n", False),
    }
    wrong = []
    for path, (text, expected) in cases.items():
        with tempfile.TemporaryDirectory() as root:
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full))
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
            found = list(faults(root))
            if bool(found) != expected:
                wrong.append(f"{path}: expected {'a fault' if expected else 'no fault'}, got {found}")
    return wrong


def main():
    found = self_test() if sys.argv[1:] == ["--self-test"] else list(faults(sys.argv[1]))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
