"""How lit runs the .mlir and .test files: with our tools and LLVM's on PATH.

Substitutions besides lit's own (%s, %S, %t): %source, %examples, %models,
%architecture (this machine's, as -target takes it), and
%vector-dsp (the example's backend), %edge-run-CPU, which runs edge-run on an
emulated CPU. Features that a test may
REQUIRE: models, chromium, load-backend, amx, qemu-aarch64, qemu-riscv64,
host-ARCHITECTURE.
%edge-run-amx runs artifacts for %amx, with an emulated matrix unit where the
processor has none.
"""
import os
import platform
import shutil

import lit.formats

config.name = "EdgeC"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "fuzz"]
config.test_source_root = os.path.dirname(os.path.abspath(__file__))
config.test_exec_root = os.path.join(config.edgec_binary_dir, "test")

config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.edgec_binary_dir, "bin"), config.llvm_tools_dir, os.environ["PATH"]]
)
# What tests' scripts share.
config.environment["PYTHONPATH"] = os.path.join(config.test_source_root, "Inputs")

config.substitutions.append(("%source", config.edgec_source_dir))
config.substitutions.append(("%examples", os.path.join(config.edgec_source_dir, "examples")))
config.substitutions.append(("%models", config.models_dir))
config.substitutions.append(("%architecture", platform.machine()))
config.available_features.add("host-" + platform.machine())
if config.models_dir:
    config.available_features.add("models")
for emulator in ("qemu-aarch64", "qemu-riscv64"):
    if shutil.which(emulator):
        config.available_features.add(emulator)

# A browser that shows reports, without a window, a network or, for root, its sandbox.
for browser in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
    if shutil.which(browser):
        config.available_features.add("chromium")
        config.substitutions.append(("%chromium", "timeout 120 " + browser + " --headless --no-sandbox --disable-gpu "
                                     "--enable-logging=stderr --host-resolver-rules='MAP * ~NOTFOUND'"))
        break

# Only a compiler that shares MLIR with its libraries can load one.
backend = os.path.join(config.edgec_binary_dir, "lib", "libvector-dsp-backend.so")
config.substitutions.append(("%vector-dsp", backend))
if os.path.exists(backend):
    config.available_features.add("load-backend")

# What artifacts for Intel's matrix unit need besides it.
config.substitutions.append(("%amx", "-target=x86_64 -mcpu=x86-64-v4 -mattr=+avx512vnni,+amx-tile,+amx-int8,+amx-bf16"))
emulated = os.path.join(config.edgec_binary_dir, "bin", "edge-run-amx")
config.substitutions.append(("%edge-run-amx", emulated))
if os.path.exists(emulated):
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        words = set(cpuinfo.read().split())
    if {"avx512bw", "avx512dq", "avx512vl", "avx512_vnni"} <= words:
        config.available_features.add("amx")

VECTORS = "rv64,v=true,vext_spec=v1.0,vlen="
for name, architecture, cpu in (
    ("cortex-a53", "aarch64", "cortex-a53"),
    ("cortex-a76", "aarch64", "cortex-a76"),
    ("rv64gc", "riscv64", "rv64"),
    ("vlen128", "riscv64", VECTORS + "128"),
    ("vlen256", "riscv64", VECTORS + "256"),
):
    program = os.path.join(config.edgec_binary_dir, "bin", "edge-run-" + architecture)
    command = f"qemu-{architecture} -L /usr/{architecture}-linux-gnu -cpu {cpu} {program}"
    config.substitutions.append(("%edge-run-" + name, command))
