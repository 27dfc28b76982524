//===- Backend.h - what an accelerator is to the compiler ------*- C++ -*-===//
//
// A backend compiles parts of a model for one accelerator. It answers four
// questions: what is the device (describe), what would work on it cost (cost),
// how does it compute a region (lower), and what are the bytes of that program
// (encode). The passes know backends by this interface alone; ours and those
// of others (-load-backend) are entered in a registry by their kind.
// docs/adding-a-backend.md walks through one.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_BACKEND_H
#define EDGEC_PASSES_PLACE_BACKEND_H

#include "dialects/place/Place.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/IR/DialectRegistry.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace edgec::place {

/// Raised with every change of the classes below, so that a backend in a
/// library of its own is not mistaken for one that fits.
inline constexpr unsigned backendInterfaceVersion = 1;

/// What a piece of work costs on one processor.
struct Cost {
  double nanoseconds = 0;
  double nanojoules = 0;
  /// Bytes to and from the memory that all processors share.
  double memoryBytes = 0;

  Cost &operator+=(const Cost &other) {
    nanoseconds += other.nanoseconds;
    nanojoules += other.nanojoules;
    memoryBytes += other.memoryBytes;
    return *this;
  }
};

/// The figures of a device that placement and reports need.
struct DeviceFigures {
  double clockHertz = 0;
  /// Multiply-adds at best.
  double macsPerSecond = 0;
  /// To and from the shared memory, at best.
  double memoryBytesPerSecond = 0;
  int64_t localBytes = 0;
  /// From the host's submission to the first command.
  double launchNanoseconds = 0;
  double idleWatts = 0;
};

/// What one unit of a device does for one of the model's layers in one go, and
/// when it is predicted to; for reports.
struct ScheduledWork {
  std::string unit, layer;
  /// From the first command on.
  double beginNanoseconds = 0, endNanoseconds = 0;
  double memoryBytes = 0;
  int64_t macs = 0;
};

/// What lies where in a device's own memory, and from when to when; likewise.
struct LocalBuffer {
  std::string name;
  int64_t offsetBytes = 0, sizeBytes = 0;
  double beginNanoseconds = 0, endNanoseconds = 0;
};

/// What a lowered region needs. The program itself is an operation of the
/// backend's own at the end of the module, a symbol with the name that
/// Backend::lower was given.
struct DeviceProgram {
  /// Contents of the job's buffer 0: packed weights and tables.
  std::vector<char> constants;
  /// Size of the job's buffer 1: memory of the host that the device uses for
  /// intermediate results.
  int64_t scratchBytes = 0;
  Cost predicted;
  int64_t macs = 0;
  /// May be left empty.
  std::vector<ScheduledWork> schedule;
  std::vector<LocalBuffer> localBuffers;
};

/// Hears of each program that was made, by its symbol.
using ProgramListener =
    std::function<void(llvm::StringRef symbol, const DeviceProgram &program)>;

/// Compiles for one accelerator. All calls may come from several threads at
/// once and give the same answer for the same question.
class Backend {
public:
  virtual ~Backend() = default;

  /// The registered kind, "npu".
  virtual llvm::StringRef kind() const = 0;
  /// The device's name, "npu-256".
  virtual llvm::StringRef name() const = 0;
  virtual DeviceFigures figures() const = 0;
  /// What the runtime's driver is told of the device, in the order that its
  /// specification gives, and the version of its programs.
  virtual std::vector<uint64_t> parameters() const = 0;
  virtual uint32_t formatVersion() const = 0;

  /// Whether the device can compute the kernel; if not, `reason` says why in
  /// the user's words ("its elements are float32").
  virtual bool supports(schedule::KernelOp kernel,
                        std::string &reason) const = 0;

  /// Estimates a region of kernels (all supported) and reshapes in their order
  /// in the graph, as lower() would make it, without the launch.
  virtual Cost cost(llvm::ArrayRef<mlir::Operation *> region) const = 0;

  /// Makes the device's program for `region`: an operation with the symbol name
  /// `symbol` at the end of the module. Its buffers are the constants, the
  /// scratch memory, then the region's inputs and results. Fails with a
  /// diagnostic.
  virtual mlir::FailureOr<DeviceProgram>
  lower(RegionOp region, llvm::StringRef symbol) const = 0;

  /// The bytes of a program that lower() made.
  virtual mlir::FailureOr<std::vector<char>>
  encode(mlir::Operation *program) const = 0;
};

/// A family of accelerators that one implementation compiles for.
struct BackendKind {
  /// "npu"; also the name of the default device of the kind.
  std::string kind;
  /// For -list-targets.
  std::string summary;
  /// Names of the devices that are built in: "npu-64", "npu-256".
  std::vector<std::string> devices;
  /// Makes a backend for a device that is built in (or the kind's default), or
  /// for the description in `file` (JSON text) if that is not empty.
  std::function<llvm::Expected<std::unique_ptr<Backend>>(llvm::StringRef name,
                                                         llvm::StringRef file)>
      create;
  /// The dialects of its programs.
  std::function<void(mlir::DialectRegistry &)> registerDialects;
};

/// The kinds that a compiler knows.
class BackendRegistry {
public:
  /// Fails if there is one of that name already.
  llvm::Error add(BackendKind kind);
  /// The kind that `name` or one of its devices is called, or null.
  const BackendKind *find(llvm::StringRef name) const;
  llvm::ArrayRef<BackendKind> kinds() const { return all; }

private:
  std::vector<BackendKind> all;
};

/// The accelerators of one compilation, in the order of `place.devices`.
using Backends = std::vector<std::shared_ptr<const Backend>>;

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_BACKEND_H
