//===- NpuVerify.cpp - what a command may ask for --------------*- C++ -*-===//
//
// Checks commands as the machine will: alignment, bounds of buffers and SRAM,
// banks, registers. Every number is first checked to be below 2^31, so that the
// products of two of them cannot overflow.
//
//===----------------------------------------------------------------------===//
#include "dialects/npu/Npu.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec::npu;

namespace {
constexpr int64_t limit = int64_t(1) << 31;

/// Bytes [first, last) of SRAM.
struct Span {
  int64_t first = 0, last = 0;
};

/// Checks one command against the machine of its program.
class Checker {
public:
  explicit Checker(Operation *op)
      : op(op), machine(cast<ProgramOp>(op->getParentOp()).getMachine()) {}

  LogicalResult error(const Twine &message) { return op->emitOpError(message); }

  LogicalResult inSram(Span span, StringRef what, StringRef label = "C2") {
    if (span.first < 0 || span.last > machine.getSramBytes())
      return error(label + ": the " + what + " takes bytes [" +
                   Twine(span.first) + ", " + Twine(span.last) + ") of " +
                   Twine(machine.getSramBytes()) + " bytes of SRAM");
    return success();
  }

  LogicalResult aligned(int64_t number, Element element, StringRef what) {
    int64_t bytes = std::max<int64_t>(1, bytesOf(element));
    if (number % bytes != 0)
      return error("C1: " + what + " " + Twine(number) +
                   " is not aligned to elements of " + Twine(bytes) + " bytes");
    return success();
  }

  /// The bytes of a tile, once its numbers are known to be sound.
  static Span spanOf(TileAttr tile) {
    int64_t rows = tile.getRingRows() ? tile.getRingRows() : tile.getHeight();
    return {tile.getAddress(),
            tile.getAddress() + (rows - 1) * tile.getRowStride() +
                (tile.getWidth() - 1) * tile.getPixelStride() +
                tile.getChannels() * bytesOf(tile.getElement())};
  }

  LogicalResult checkTile(TileAttr tile, StringRef what, bool ring);
  LogicalResult checkWindow(WindowAttr window);
  LogicalResult checkOperand(OperandAttr operand, ArrayRef<int64_t> extents,
                             StringRef what);
  LogicalResult checkPixels(OperandAttr operand, TileAttr output,
                            StringRef what);
  LogicalResult checkProgram(std::optional<ParametersAttr> parameters,
                             std::optional<TableAttr> table, ArrayAttr program,
                             int64_t result, int64_t channels);
  LogicalResult checkBanks(TileAttr input, WeightsAttr weights);

private:
  Operation *op;
  MachineAttr machine;
};
} // namespace

LogicalResult Checker::checkTile(TileAttr tile, StringRef what, bool ring) {
  for (int64_t number :
       {tile.getHeight(), tile.getWidth(), tile.getChannels()}) {
    if (number < 1 || number >= limit)
      return error("C5: a size of the " + what + " is " + Twine(number));
  }
  for (int64_t number :
       {tile.getAddress(), tile.getRowStride(), tile.getPixelStride(),
        tile.getRingRows(), tile.getRingFirst()}) {
    if (number < 0 || number >= limit)
      return error("C5: a number of the " + what + " is " + Twine(number));
  }
  if (tile.getRingRows() ? !ring || tile.getHeight() > tile.getRingRows() ||
                               tile.getRingFirst() >= tile.getRingRows()
                         : tile.getRingFirst() != 0)
    return error("C8: the ring of the " + what + " does not hold its rows");
  for (int64_t number :
       {tile.getAddress(), tile.getRowStride(), tile.getPixelStride()}) {
    if (failed(aligned(number, tile.getElement(), what)))
      return failure();
  }
  return inSram(spanOf(tile), what);
}

LogicalResult Checker::checkWindow(WindowAttr window) {
  for (int64_t number :
       {window.getKernelY(), window.getKernelX(), window.getStrideY(),
        window.getStrideX(), window.getDilationY(), window.getDilationX()}) {
    if (number < 1 || number >= limit)
      return error("C5: a size of the window is " + Twine(number));
  }
  return success();
}

LogicalResult Checker::checkOperand(OperandAttr operand,
                                    ArrayRef<int64_t> extents, StringRef what) {
  if (operand.getStrides().size() != extents.size())
    return error("C6: the " + what + " needs one stride per loop");
  if (operand.getAddress() < 0 || operand.getAddress() >= limit)
    return error("C2: the " + what + "'s address lies outside of the SRAM");
  if (failed(aligned(operand.getAddress(), operand.getElement(), what)))
    return failure();
  Span span = {operand.getAddress(),
               operand.getAddress() + bytesOf(operand.getElement())};
  for (auto [stride, extent] : llvm::zip_equal(operand.getStrides(), extents)) {
    if (stride <= -limit || stride >= limit)
      return error("C5: a stride of the " + what + " is " + Twine(stride));
    if (failed(aligned(stride, operand.getElement(), what)))
      return failure();
    // Both are below 2^31, so this cannot overflow twice.
    (stride < 0 ? span.first : span.last) += stride * (extent - 1);
    if (span.first < 0 || span.last > machine.getSramBytes())
      break;
  }
  return inSram(span, what);
}

/// An operand with as many pixels and channels as the output.
LogicalResult Checker::checkPixels(OperandAttr operand, TileAttr output,
                                   StringRef what) {
  int64_t extents[] = {output.getHeight(), output.getWidth()};
  if (failed(checkOperand(operand, extents, what)))
    return failure();
  int64_t last = operand.getAddress() +
                 (extents[0] - 1) * operand.getStrides()[0] +
                 (extents[1] - 1) * operand.getStrides()[1] +
                 output.getChannels() * bytesOf(operand.getElement());
  return inSram({operand.getAddress(), last}, what);
}

LogicalResult Checker::checkProgram(std::optional<ParametersAttr> parameters,
                                    std::optional<TableAttr> table,
                                    ArrayAttr program, int64_t result,
                                    int64_t channels) {
  if (result < 0 || result >= parameterSource)
    return error("C7: there is no register " + Twine(result));
  int64_t count = parameters ? parameters->getCount() : 0;
  if (parameters && count != 0) {
    if (count < 0 || count > parameterLimit || parameters->getStride() < 1 ||
        parameters->getStride() >= limit || parameters->getAddress() < 0)
      return error("C7: a number of the parameters is out of range");
    if (failed(aligned(parameters->getAddress(), Element::i32, "parameters")) ||
        failed(
            inSram({parameters->getAddress(),
                    parameters->getAddress() +
                        4 * ((count - 1) * parameters->getStride() + channels)},
                   "parameters")))
      return failure();
  }
  if (table && (table->getEntries() < 1 || table->getEntries() > 65536 ||
                table->getAddress() < 0))
    return error("C7: a number of the table is out of range");
  if (table &&
      (failed(aligned(table->getAddress(), table->getElement(), "table")) ||
       failed(inSram({table->getAddress(),
                      table->getAddress() +
                          table->getEntries() * bytesOf(table->getElement())},
                     "table"))))
    return failure();
  for (auto micro : program.getAsRange<MicroAttr>()) {
    if (micro.getDst() < 0 || micro.getDst() >= parameterSource)
      return error("C7: there is no register " + Twine(micro.getDst()));
    if (micro.getOp() == MicroOp::table && !table)
      return error("C7: the program reads a table that is not there");
    int64_t sources[] = {micro.getA(), micro.getB(), micro.getC()};
    for (int64_t source : ArrayRef(sources, sourceCount(micro.getOp()))) {
      if (source < 0 || source >= int64_t(parameterSource) + count)
        return error("C7: there is no source " + Twine(source));
    }
  }
  return success();
}

LogicalResult Checker::checkBanks(TileAttr input, WeightsAttr weights) {
  int64_t bank = machine.getSramBytes() / machine.getSramBanks();
  Span tile = spanOf(input);
  int64_t firstBank = weights.getAddress() / bank,
          lastBank = (weights.getAddress() + weights.getBytes() - 1) / bank;
  if (tile.first / bank <= lastBank && firstBank <= (tile.last - 1) / bank)
    return error("C3: input and weights share bank " +
                 Twine(std::max(tile.first / bank, firstBank)));
  return success();
}

//===-- Operations --------------------------------------------------------===//

LogicalResult ProgramOp::verify() {
  MachineAttr machine = getMachine();
  for (int64_t number : {machine.getMacRows(), machine.getMacColumns(),
                         machine.getSramBytes(), machine.getSramBanks(),
                         machine.getVectorLanes(), machine.getSemaphores()}) {
    if (number < 1 || number >= limit)
      return emitOpError("C4: a number of the machine is ") << number;
  }
  ArrayRef<int64_t> sizes = getBufferSizes();
  if (sizes.size() < 2 || int64_t(getOutputs()) < 0 ||
      getOutputs() > sizes.size() - 2 ||
      llvm::any_of(sizes, [](int64_t size) { return size < 0; }))
    return emitOpError("C1: needs the sizes of constants and scratch memory, "
                       "then of inputs and ")
           << getOutputs() << " outputs";
  constexpr int64_t most = 1 << 16;
  int64_t count = std::min(most, machine.getSemaphores());
  std::vector<int64_t> signals(count, 0);
  std::vector<std::optional<Unit>> signaller(count);
  for (Operation &op : getBody().front()) {
    if (!isa<LoadOp, StoreOp, MacOp, PoolOp, VectorOp, WaitOp, SignalOp,
             NoteOp>(op))
      return op.emitOpError("C2: is no command of the npu");
    auto known = [&](uint64_t semaphore) { return semaphore < signals.size(); };
    if (auto signal = dyn_cast<SignalOp>(op)) {
      if (!known(signal.getSemaphore()))
        continue;
      std::optional<Unit> &unit = signaller[signal.getSemaphore()];
      if (unit && *unit != signal.getUnit())
        return signal.emitOpError("C5: another unit signals semaphore ")
               << signal.getSemaphore();
      unit = signal.getUnit();
      ++signals[signal.getSemaphore()];
    } else if (auto wait = dyn_cast<WaitOp>(op)) {
      if (known(wait.getSemaphore()) &&
          int64_t(wait.getValue()) > signals[wait.getSemaphore()])
        return wait.emitOpError("C3: waits for ")
               << wait.getValue() << ", but " << signals[wait.getSemaphore()]
               << " signals precede it";
    }
  }
  return success();
}

template <typename OpTy>
static LogicalResult verifyTransfer(OpTy op, bool isLoad) {
  Checker checker(op);
  auto program = cast<ProgramOp>(op->getParentOp());
  ArrayRef<int64_t> sizes = program.getBufferSizes();
  uint64_t buffer = op.getBuffer(),
           firstOutput = sizes.size() - program.getOutputs();
  bool allowed =
      buffer < sizes.size() &&
      (buffer == 1 || (isLoad ? buffer < firstOutput : buffer >= firstOutput));
  if (!allowed)
    return checker.error("C1: buffer " + Twine(buffer) + " cannot be " +
                         (isLoad ? "read" : "written"));
  int64_t rows = op.getRows(), rowBytes = op.getRowBytes();
  for (int64_t number : {rows, rowBytes}) {
    if (number < 1 || number >= limit)
      return checker.error("C4: a size is " + Twine(number));
  }
  for (int64_t number :
       {int64_t(op.getOffset()), int64_t(op.getAddress()),
        int64_t(op.getBufferStride()), int64_t(op.getSramStride())}) {
    if (number < 0 || number >= limit)
      return checker.error("C4: an offset or stride is " + Twine(number));
  }
  int64_t end =
      op.getOffset() + (rows - 1) * int64_t(op.getBufferStride()) + rowBytes;
  if (end > sizes[buffer])
    return checker.error("C2: reaches byte " + Twine(end) + " of buffer " +
                         Twine(buffer) + ", which has " + Twine(sizes[buffer]));
  int64_t address = op.getAddress();
  return checker.inSram(
      {address, address + (rows - 1) * int64_t(op.getSramStride()) + rowBytes},
      "transfer", "C3");
}

LogicalResult LoadOp::verify() { return verifyTransfer(*this, true); }
LogicalResult StoreOp::verify() { return verifyTransfer(*this, false); }

LogicalResult MacOp::verify() {
  Checker checker(*this);
  WeightsAttr weights = getWeights();
  if (failed(checker.checkTile(getInput(), "input", /*ring=*/true)) ||
      failed(checker.checkWindow(getWindow())) ||
      failed(checker.checkTile(getOutput(), "output", /*ring=*/false)))
    return failure();
  if (weights.getBytes() < 1 || weights.getBytes() >= limit)
    return checker.error("C5: the weights have " + Twine(weights.getBytes()) +
                         " bytes");
  if (weights.getAddress() < 0 || weights.getAddress() % 16 != 0)
    return checker.error("C1: the weights' address " +
                         Twine(weights.getAddress()) + " is not aligned");
  if (failed(checker.inSram(
          {weights.getAddress(), weights.getAddress() + weights.getBytes()},
          "weights")))
    return failure();
  if (bytesOf(getInput().getElement()) != 1 ||
      bytesOf(weights.getElement()) != 1 ||
      (getRaw() && getOutput().getElement() != Element::i32) ||
      (getAccumulator() && getAccumulator()->getElement() != Element::i32) ||
      getOutput().getElement() == Element::none)
    return checker.error(
        "C4: needs input and weights of 8 bits, and i32 for sums");
  if (getDepthwise() &&
      getOutput().getChannels() % getInput().getChannels() != 0)
    return checker.error(
        "C6: a depthwise tile has a multiple of its inputs as outputs");
  for (auto operand : {getResidual(), getAccumulator()}) {
    if (operand &&
        failed(checker.checkPixels(*operand, getOutput(), "operand")))
      return failure();
  }
  if (failed(checker.checkProgram(getParameters(), getTable(), getProgram(),
                                  getResultRegister(),
                                  getOutput().getChannels())))
    return failure();
  return checker.checkBanks(getInput(), weights);
}

LogicalResult PoolOp::verify() {
  Checker checker(*this);
  if (failed(checker.checkTile(getInput(), "input", /*ring=*/true)) ||
      failed(checker.checkWindow(getWindow())) ||
      failed(checker.checkTile(getOutput(), "output", /*ring=*/false)))
    return failure();
  if (getInput().getChannels() != getOutput().getChannels())
    return checker.error("C6: input and output differ in channels");
  return checker.checkProgram(getParameters(), getTable(), getProgram(),
                              getResultRegister(), getOutput().getChannels());
}

LogicalResult VectorOp::verify() {
  Checker checker(*this);
  if (getInputs().size() > 3 || getExtents().size() != 4)
    return checker.error("C6: needs four extents and at most three operands");
  for (int64_t extent : getExtents()) {
    if (extent < 1 || extent >= limit)
      return checker.error("C5: an extent is " + Twine(extent));
  }
  for (auto operand : getInputs().getAsRange<OperandAttr>()) {
    if (failed(checker.checkOperand(operand, getExtents(), "operand")))
      return failure();
  }
  if (failed(checker.checkOperand(getOutput(), getExtents(), "output")))
    return failure();
  return checker.checkProgram(getParameters(), getTable(), getProgram(),
                              getResultRegister(), getExtents()[3]);
}

LogicalResult WaitOp::verify() {
  Checker checker(*this);
  int64_t count =
      cast<ProgramOp>((*this)->getParentOp()).getMachine().getSemaphores();
  if (int64_t(getSemaphore()) < 0 || int64_t(getSemaphore()) >= count ||
      int64_t(getValue()) < 1)
    return checker.error("C1: no semaphore " + Twine(getSemaphore()) +
                         " with value " + Twine(getValue()));
  return success();
}

LogicalResult SignalOp::verify() {
  Checker checker(*this);
  int64_t count =
      cast<ProgramOp>((*this)->getParentOp()).getMachine().getSemaphores();
  if (int64_t(getSemaphore()) < 0 || int64_t(getSemaphore()) >= count)
    return checker.error("C1: no semaphore " + Twine(getSemaphore()));
  return success();
}
