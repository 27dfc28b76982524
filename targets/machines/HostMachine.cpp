//===- HostMachine.cpp - the processor that we run on ---------------------===//
//
// LLVM names the processor and its features; the operating system knows the
// caches and cores. What neither tells (pipes, bandwidths, clock) comes from
// the embedded machine of the same name, or of the same x86-64 level.
//
//===----------------------------------------------------------------------===//
#include "targets/machines/Machine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Threading.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace edgec;
using llvm::StringRef;

/// Whether the host has all that code for an x86 processor relies on. A
/// hypervisor may hide the model, not the features.
static bool offersAllOf(StringRef cpu, const llvm::StringMap<bool> &features) {
  auto needed = requiredExtensions("x86_64-unknown-linux-gnu", cpu, "");
  if (!needed) {
    llvm::consumeError(needed.takeError());
    return false;
  }
  return llvm::all_of(
      *needed, [&](const std::string &name) { return features.lookup(name); });
}

/// The name of the processor; LLVM's own where the features say no more.
static std::string processorName(const llvm::Triple &triple,
                                 const llvm::StringMap<bool> &features) {
  std::string name = llvm::sys::getHostCPUName().str();
  constexpr StringRef newest = "sapphirerapids";
  bool isOlder = triple.getArch() == llvm::Triple::x86_64 &&
                 !findEmbeddedMachine(name) && offersAllOf(newest, features);
  return isOlder ? newest.str() : name;
}

StringRef edgec::timedAs(StringRef cpu, int64_t l3Bytes) {
  // Emerald Rapids, the last of the older cores, has 320 MB at most.
  constexpr int64_t megabyte = 1 << 20, largestBefore = 320 * megabyte;
  return cpu == "sapphirerapids" && l3Bytes > largestBefore ? "graniterapids"
                                                            : cpu;
}

/// The embedded machine whose timings come nearest to the host's.
static StringRef nearestMachine(const llvm::Triple &triple, StringRef cpu,
                                int64_t l3Bytes,
                                const llvm::StringMap<bool> &features) {
  if (StringRef name = timedAs(cpu, l3Bytes); findEmbeddedMachine(name))
    return name;
  if (triple.isAArch64())
    return "aarch64";
  if (triple.isRISCV())
    return features.lookup("v") ? "rv64gcv" : "rv64gc";
  if (features.lookup("avx512vl"))
    return "x86-64-v4";
  return features.lookup("avx2") ? "x86-64-v3" : "x86-64-v2";
}

/// The size of the first core's data cache of `level` as the kernel tells it,
/// in bytes; 0 if it does not. sysconf() is no substitute: inside virtual
/// machines it adds up the third level of all sockets.
static int64_t cacheBytes(int level) {
  for (int index = 0; index < 8; ++index) {
    std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" +
                         std::to_string(index) + "/";
    auto field = [&](const char *name) -> std::string {
      auto buffer = llvm::MemoryBuffer::getFileAsStream(folder + name);
      return buffer ? (*buffer)->getBuffer().trim().str() : "";
    };
    if (field("level") != std::to_string(level) ||
        field("type") == "Instruction")
      continue;
    std::string size = field("size");
    uint64_t kilobytes = 0;
    StringRef digits = size;
    if (digits.consume_back("K") && !digits.getAsInteger(10, kilobytes))
      return static_cast<int64_t>(kilobytes) * 1024;
  }
  return 0;
}

Machine edgec::hostMachine() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  llvm::Triple triple(llvm::sys::getProcessTriple());
  std::string cpu = processorName(triple, features);

  Machine machine;
  const EmbeddedMachine *nearest =
      findEmbeddedMachine(nearestMachine(triple, cpu, cacheBytes(3), features));
  if (llvm::Expected<Machine> parsed =
          parseMachine(nearest->json, nearest->name))
    machine = std::move(*parsed);
  else
    llvm::consumeError(parsed.takeError());

  machine.name = "host";
  machine.description =
      "this processor (" + cpu + "), timed as " + nearest->name.str();
  // A hosted target in one spelling, whatever distribution LLVM was built for:
  // the triple is part of the artifact, and equal input gives equal bytes.
  if (!triple.isOSLinux())
    machine.triple = triple.str();
  machine.cpu = cpu;
  machine.features.clear();
  for (const auto &feature : features)
    if (feature.second)
      machine.features.push_back("+" + feature.first().str());
  llvm::sort(machine.features);
  if (features.lookup("avx512f"))
    machine.features.push_back("-prefer-256-bit");

  if (int64_t bytes = cacheBytes(1))
    machine.l1Bytes = bytes;
  if (int64_t bytes = cacheBytes(2))
    machine.l2Bytes = bytes;
  if (int64_t bytes = cacheBytes(3))
    machine.l3Bytes = bytes;
  machine.cores = llvm::get_physical_cores() > 0 ? llvm::get_physical_cores()
                                                 : machine.cores;
  llvm::cantFail(deriveVectorUnit(machine));
  return machine;
}
