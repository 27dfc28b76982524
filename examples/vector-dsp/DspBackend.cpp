//===- DspBackend.cpp - edgec compiles for the vector DSP -----------------===//
//
// A whole backend: it says what the DSP is, which kernels it can compute
// (elementwise arithmetic of integers), what they cost, and writes its
// programs. edgec loads it with -load-backend; nothing of edgec knows it.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "dialects/edge/Integer.h"
#include "examples/vector-dsp/dsp.h"
#include "passes/place/Backend.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace edgec;
using namespace mlir;

static int32_t dspType(Type type) {
  Type element = cast<RankedTensorType>(type).getElementType();
  if (element.isInteger(8))
    return element.isUnsignedInteger() ? DSP_U8 : DSP_I8;
  if (element.isSignlessInteger(16))
    return DSP_I16;
  return element.isSignlessInteger(32) ? DSP_I32 : 0;
}

/// The instruction of an elementwise operator; 0: there is none.
static int32_t dspOperation(Operation *op) {
  return llvm::TypeSwitch<Operation *, int32_t>(op)
      .Case([](edge::CastOp) { return DSP_WRAP; })
      .Case([](edge::AddOp) { return DSP_ADD; })
      .Case([](edge::SubOp) { return DSP_SUBTRACT; })
      .Case([](edge::MinOp) { return DSP_MINIMUM; })
      .Case([](edge::MaxOp) { return DSP_MAXIMUM; })
      .Case([](edge::ShiftLeftOp) { return DSP_SHIFT_LEFT; })
      .Case([](edge::RescaleOp op) {
        return op.getRounding() == edge::Rounding::double_rounding
                   ? DSP_RESCALE_DOUBLE
                   : DSP_RESCALE_SINGLE;
      })
      .Default(0);
}

static int64_t elementsOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

/// Whether `operand` repeats along the first dimensions of `result` only.
static bool isPeriodic(Value operand, Value result) {
  auto small = cast<RankedTensorType>(operand.getType()).getShape();
  auto large = cast<RankedTensorType>(result.getType()).getShape();
  small = small.drop_while([](int64_t size) { return size == 1; });
  return small.size() <= large.size() && small == large.take_back(small.size());
}

namespace {

/// Writes the instructions of one region.
class Writer {
public:
  Writer(place::RegionOp region) : region(region) {}

  void write() {
    Block &body = region.getBody().front();
    for (BlockArgument argument : body.getArguments()) {
      // Buffers 0 and 1 are the constants and the working memory.
      auto buffer = static_cast<int32_t>(argument.getArgNumber() + 2);
      emit(DSP_LOAD, argument, {0, buffer, dspType(argument.getType())});
    }
    writeBlock(body);
    auto buffer = static_cast<int32_t>(body.getNumArguments() + 2);
    for (Value result : body.getTerminator()->getOperands()) {
      code.append({DSP_STORE, static_cast<int32_t>(elementsOf(result)),
                   placeOf.lookup(result), 0, buffer++,
                   dspType(result.getType()), 1, 1, 1});
    }
  }

  llvm::SmallVector<int32_t> code;
  std::vector<char> constants;
  int64_t workBytes = 0;

private:
  place::RegionOp region;
  llvm::DenseMap<Value, int32_t> placeOf;

  void writeBlock(Block &block) {
    for (Operation &op : block.without_terminator()) {
      if (auto constant = dyn_cast<edge::ConstantOp>(op)) {
        load(constant);
      } else if (isa<edge::ReshapeOp>(op)) {
        placeOf[op.getResult(0)] = placeOf.lookup(op.getOperand(0));
      } else if (auto kernel = dyn_cast<schedule::KernelOp>(op)) {
        Block &inner = kernel.getBody().front();
        for (auto [argument, operand] :
             llvm::zip(inner.getArguments(), kernel.getInputs()))
          placeOf[argument] = placeOf.lookup(operand);
        writeBlock(inner);
        for (auto [result, value] : llvm::zip(
                 kernel.getResults(), inner.getTerminator()->getOperands()))
          placeOf[result] = placeOf.lookup(value);
      } else {
        compute(op);
      }
    }
  }

  int32_t reserve(Value value) {
    auto place = static_cast<int32_t>(workBytes);
    placeOf[value] = place;
    workBytes += elementsOf(value) * 4;
    return place;
  }

  void emit(int32_t operation, Value result, std::array<int32_t, 3> operands,
            std::array<int32_t, 3> periods = {1, 1, 1}) {
    code.append(
        {operation, static_cast<int32_t>(elementsOf(result)), reserve(result)});
    code.append(operands.begin(), operands.end());
    code.append(periods.begin(), periods.end());
  }

  void load(edge::ConstantOp constant) {
    auto offset = static_cast<int32_t>(constants.size());
    bool isUnsigned = dspType(constant.getType()) == DSP_U8;
    for (const APInt &value : constant.getValue().getValues<APInt>()) {
      auto word = static_cast<int32_t>(isUnsigned ? value.getZExtValue()
                                                  : value.getSExtValue());
      auto *bytes = reinterpret_cast<const char *>(&word);
      constants.insert(constants.end(), bytes, bytes + sizeof(word));
    }
    emit(DSP_LOAD, constant, {offset, 0, DSP_I32});
  }

  void compute(Operation &op) {
    std::array<int32_t, 3> operands = {0, 0, 0}, periods = {1, 1, 1};
    for (auto [index, operand] : llvm::enumerate(op.getOperands())) {
      operands[index] = placeOf.lookup(operand);
      periods[index] = static_cast<int32_t>(elementsOf(operand));
    }
    if (isa<edge::CastOp>(op))
      operands[2] = dspType(op.getResult(0).getType());
    emit(dspOperation(&op), op.getResult(0), operands, periods);
  }
};

/// 64 lanes at 500 MHz, 8 GB/s, 2 us to launch, 10 mW.
constexpr place::DeviceFigures dspFigures{500e6, 32e9, 8e9, 0, 2000, 0.01};
class DspBackend : public place::Backend {
public:
  llvm::StringRef kind() const override { return "dsp"; }
  llvm::StringRef name() const override { return "dsp"; }
  place::DeviceFigures figures() const override { return dspFigures; }
  std::vector<uint64_t> parameters() const override { return {}; }
  uint32_t formatVersion() const override { return DSP_VERSION; }

  bool supports(schedule::KernelOp kernel, std::string &reason) const override {
    for (Operation &op : kernel.getBody().front().without_terminator()) {
      llvm::StringRef name = op.getName().stripDialect();
      if (!isa<edge::ConstantOp>(op) && !dspOperation(&op))
        reason = ("the DSP has no " + name).str();
      for (Value value : llvm::concat<Value>(op.getOperands(), op.getResults()))
        if (!dspType(value.getType()) || !isPeriodic(value, op.getResult(0)))
          reason = ("the DSP has no " + name + " of such tensors").str();
    }
    return reason.empty();
  }

  place::Cost cost(llvm::ArrayRef<Operation *> region) const override {
    place::Cost cost;
    for (Operation *op : region) {
      op->walk([&](Operation *inner) {
        if (inner->getNumResults() == 1 && dspOperation(inner))
          cost.nanoseconds += double(elementsOf(inner->getResult(0))) / 32;
      });
    }
    cost.nanojoules = cost.nanoseconds * 0.05;
    return cost;
  }

  FailureOr<place::DeviceProgram> lower(place::RegionOp region,
                                        llvm::StringRef symbol) const override {
    Writer writer(region);
    writer.write();
    if (writer.workBytes > INT32_MAX)
      return region.emitError("needs more memory than the DSP addresses");
    auto module = region->getParentOfType<ModuleOp>();
    OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
    place::ProgramOp::create(b, region.getLoc(), symbol, writer.code);
    place::DeviceProgram program;
    program.constants = std::move(writer.constants);
    program.scratchBytes = writer.workBytes;
    program.predicted = cost(region.getOperation());
    return program;
  }

  FailureOr<std::vector<char>> encode(Operation *program) const override {
    ArrayRef<int32_t> code = cast<place::ProgramOp>(program).getCode();
    auto *bytes = reinterpret_cast<const char *>(code.data());
    return std::vector<char>(bytes, bytes + code.size() * sizeof(int32_t));
  }
};

} // namespace

extern "C" bool edgec_register_backends(place::BackendRegistry &registry,
                                        unsigned interfaceVersion) {
  if (interfaceVersion != place::backendInterfaceVersion)
    return false;
  place::BackendKind kind{"dsp", "an imaginary vector DSP", {}, {}, {}};
  kind.create = [](llvm::StringRef, llvm::StringRef) {
    return std::make_unique<DspBackend>();
  };
  kind.registerDialects = [](DialectRegistry &) {};
  return !llvm::errorToBool(registry.add(std::move(kind)));
}
