"""What bench/compare measures with: processes and their memory, and ONNX Runtime
as a second contestant that stays loaded and runs on command.
"""
import atexit
import json
import os
import shutil
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
SCRATCH = os.path.join(BUILD, "bench")
ONNX_RUNTIME = "node_modules/onnxruntime-node/bin/napi-v6/linux/{}/libonnxruntime.so.1"
MACHINES = {"x86_64": "x64", "aarch64": "arm64"}


# What the compiler is told, and the processor that QEMU then plays: one that has the
# instructions.
EMULATED = {
    "cortex-a53": ("aarch64", "cortex-a53"),
    "cortex-a55": ("aarch64", "cortex-a76"),
    "cortex-a72": ("aarch64", "cortex-a72"),
    "cortex-a76": ("aarch64", "cortex-a76"),
    "cortex-x2": ("aarch64", "max"),
    "neoverse-v1": ("aarch64", "max"),
    "rv64gc": ("riscv64", "rv64,v=false"),
    "rv64gcv/128": ("riscv64", "rv64,v=true,vext_spec=v1.0,vlen=128"),
    "rv64gcv/256": ("riscv64", "rv64,v=true,vext_spec=v1.0,vlen=256"),
}


_own_folder = None


def scratch_file(name):
    """A path in a folder of this process alone, which disappears with it: two
    comparisons at once must not read each other's results."""
    global _own_folder
    if _own_folder is None:
        os.makedirs(SCRATCH, exist_ok=True)
        _own_folder = tempfile.mkdtemp(prefix="run-", dir=SCRATCH)
        atexit.register(shutil.rmtree, _own_folder, ignore_errors=True)
    return os.path.join(_own_folder, name)


class Failure(Exception):
    """A command did not do what was asked; the text says which and why."""


def tool(name):
    path = os.path.join(BUILD, "bin", name)
    if not os.path.exists(path):
        raise Failure(f"{path} is missing; build it first: scripts/configure && ninja -C build")
    return path


def compiled(source, name, *flags):
    """Builds one of bench's own single-file programs when its source is newer."""
    program, source = os.path.join(SCRATCH, name), os.path.join(ROOT, "bench", source)
    if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
        os.makedirs(SCRATCH, exist_ok=True)
        compiler = "clang++-22" if source.endswith(".cpp") else "clang-22"
        subprocess.run([compiler, "-O2", source, "-o", program, *flags], check=True)
    return program


def deployed(artifact):
    """Copies an artifact in place, as it is on its way to where it runs. What the
    linker has just written lies scattered in memory, page by page, and weights that
    share sets of the second-level cache made resnet50's quantized model up to 1.4
    times as slow, from one compilation to the next."""
    shutil.copyfile(artifact, artifact + ".copy")
    os.replace(artifact + ".copy", artifact)


def measured(command, timeout=600):
    """Runs a command; returns its standard output and {"wall_s", "cpu_s", "peak_mb"}."""
    report = scratch_file("measure.json")
    command = [str(part) for part in command]
    measure = compiled("measure.c", "measure")
    try:
        done = subprocess.run(
            [measure, report, *command], capture_output=True, text=True, timeout=timeout
        )
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(command)}: not done after {timeout} s") from None
    if done.returncode != 0:
        message = (done.stderr.strip() or done.stdout.strip())[-600:]
        raise Failure(f"{' '.join(command)}: exit {done.returncode}: {message}")
    with open(report, encoding="utf-8") as file:
        return done.stdout, json.load(file)


def emulator(kind):
    """QEMU as one of EMULATED, without a program."""
    target, cpu = EMULATED[kind]
    libraries = f"/usr/{target}-linux-gnu"  # where Debian's cross compilers keep theirs
    return ["qemu-" + target, "-L", libraries, "-cpu", cpu]


def runner(kind):
    """The program to run under it."""
    return tool("edge-run-" + EMULATED[kind][0])


def node_modules():
    """The folder of npm packages with onnxruntime-node, installed into build/bench."""
    machine = MACHINES.get(os.uname().machine)
    if not os.path.exists(os.path.join(SCRATCH, ONNX_RUNTIME.format(machine))):
        if machine is None or not shutil.which("npm"):
            raise Failure("ONNX Runtime is missing; run scripts/setup bench")
        os.makedirs(SCRATCH, exist_ok=True)
        # Its install script would download a CUDA build; the CPU one is in the package.
        npm = ["npm", "install", "--silent", "--ignore-scripts", "--prefix", SCRATCH, "onnxruntime-node"]
        subprocess.run(npm, check=True, stdout=subprocess.DEVNULL)
    return os.path.join(SCRATCH, "node_modules")


def onnx_runtime_library(given):
    """The path given, or the library in npm's package."""
    if given:
        return given
    return os.path.join(os.path.dirname(node_modules()), ONNX_RUNTIME.format(MACHINES.get(os.uname().machine)))


class OnnxRuntime:
    """One model loaded in an ort-bench process; as_defined: operator by operator,
    without the optimizations of its graph."""

    def __init__(self, library, model, threads, image, output, as_defined=False):
        program = compiled("peers/ort_bench.cpp", "ort-bench", "-std=c++17", "-ldl")
        self.process = subprocess.Popen(
            [program, *(["-as-defined"] if as_defined else []), library, model, str(threads), output, image],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.loaded = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"ort-bench ended with status {self.process.wait()}")
        return json.loads(line)

    def run(self, runs):
        self.process.stdin.write(f"{runs}\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
