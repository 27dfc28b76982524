//===- Encode.cpp - the bytes of a program --------------------------------===//
//
// One function per command that names its fields; offsets, widths and codes
// come from the generated constants. A number that does not fit its field is a
// diagnostic, never a truncated field.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Encode.h"

#include "npu_constants.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace edgec::npu;

// The dialect's words are the stream's.
static_assert(unsigned(MicroOp::constant) == NPU_MICRO_CONST &&
              unsigned(MicroOp::div) == NPU_MICRO_DIV &&
              unsigned(MicroOp::xor_) == NPU_MICRO_XOR &&
              unsigned(MicroOp::rescale_double) == NPU_MICRO_RESCALE_DOUBLE &&
              unsigned(MicroOp::requantize) == NPU_MICRO_REQUANTIZE &&
              unsigned(MicroOp::fsub) == NPU_MICRO_FSUB &&
              unsigned(MicroOp::round_even) == NPU_MICRO_ROUND_EVEN &&
              unsigned(MicroOp::zext16) == NPU_MICRO_ZEXT16 &&
              unsigned(MicroOp::table) == NPU_MICRO_TABLE &&
              unsigned(MicroOp::fdiv) == NPU_MICRO_FDIV);
static_assert(unsigned(Element::i8) == NPU_DTYPE_I8 &&
              unsigned(Element::u8) == NPU_DTYPE_U8 &&
              unsigned(Element::i16) == NPU_DTYPE_I16 &&
              unsigned(Element::u16) == NPU_DTYPE_U16 &&
              unsigned(Element::i32) == NPU_DTYPE_I32);
static_assert(unsigned(Unit::load) == NPU_UNIT_LOAD &&
              unsigned(Unit::store) == NPU_UNIT_STORE &&
              unsigned(Unit::mac) == NPU_UNIT_MAC &&
              unsigned(Unit::vector) == NPU_UNIT_VECTOR);
static_assert(unsigned(Encoding::dense) == NPU_ENCODING_DENSE &&
              unsigned(Encoding::zero_runs) == NPU_ENCODING_ZERO_RUNS &&
              unsigned(Encoding::block_sparse) == NPU_ENCODING_BLOCK_SPARSE);

namespace {
enum class FieldType { u8, u16, u32, i16, i32 };

class Encoder {
public:
  explicit Encoder(ProgramOp program) : program(program) {}
  FailureOr<std::vector<char>> encode();

private:
  /// Appends a command of `length` bytes, whose fields are then put in.
  void begin(Operation &op, unsigned opcode, unsigned flags, size_t length) {
    current = &op;
    start = bytes.size();
    bytes.resize(start + length, 0);
    bytes[start] = char(opcode);
    bytes[start + 1] = char(flags);
    ++count;
  }
  void put(size_t offset, FieldType type, int64_t value);
  void putProgram(ArrayAttr code, size_t lengthOffset);
  void write(LoadOp op) { writeTransfer(op, NPU_OPCODE_LOAD); }
  void write(StoreOp op) { writeTransfer(op, NPU_OPCODE_STORE); }
  template <typename OpTy> void writeTransfer(OpTy op, unsigned opcode);
  void write(MacOp op);
  void write(PoolOp op);
  void write(VectorOp op);
  void write(WaitOp op);
  void write(SignalOp op);
  void write(NoteOp op);
  void finishCommand();
  void writeHeader();

  ProgramOp program;
  std::vector<char> bytes;
  Operation *current = nullptr;
  size_t start = 0;
  int64_t count = 0, semaphores = 0;
  bool failed = false;
};
} // namespace

void Encoder::put(size_t offset, FieldType type, int64_t value) {
  auto write = [&](auto zero) {
    using T = decltype(zero);
    if (value < int64_t(std::numeric_limits<T>::min()) ||
        value > int64_t(std::numeric_limits<T>::max())) {
      if (!failed) {
        current->emitOpError("has the number ")
            << value << ", which its field of " << 8 * sizeof(T)
            << " bits cannot hold";
      }
      failed = true;
      return;
    }
    llvm::support::endian::write(bytes.data() + start + offset, T(value),
                                 llvm::endianness::little);
  };
  switch (type) {
  case FieldType::u8:
    return write(uint8_t());
  case FieldType::u16:
    return write(uint16_t());
  case FieldType::u32:
    return write(uint32_t());
  case FieldType::i16:
    return write(int16_t());
  case FieldType::i32:
    return write(int32_t());
  }
}

namespace {
/// Where a field lies, and what it is.
struct Field {
  size_t offset;
  FieldType type;
};
} // namespace

// Fields by their names in the specification.
#define EDGEC_FIELD(name, NAME, offset, type)                                  \
  [[maybe_unused]] constexpr Field name{offset, FieldType::type};
namespace headerField {
NPU_HEADER_FIELDS(EDGEC_FIELD)
} // namespace headerField
namespace loadField {
NPU_LOAD_FIELDS(EDGEC_FIELD)
} // namespace loadField
namespace macField {
NPU_MAC_FIELDS(EDGEC_FIELD)
} // namespace macField
namespace poolField {
NPU_POOL_FIELDS(EDGEC_FIELD)
} // namespace poolField
namespace vectorField {
NPU_VECTOR_FIELDS(EDGEC_FIELD)
} // namespace vectorField
namespace waitField {
NPU_WAIT_FIELDS(EDGEC_FIELD)
} // namespace waitField
namespace signalField {
NPU_SIGNAL_FIELDS(EDGEC_FIELD)
} // namespace signalField
namespace noteField {
NPU_NOTE_FIELDS(EDGEC_FIELD)
} // namespace noteField
#undef EDGEC_FIELD

#define PUT(scope, name, value)                                                \
  put(scope::name.offset, scope::name.type, int64_t(value))

void Encoder::putProgram(ArrayAttr code, size_t lengthOffset) {
  put(lengthOffset, FieldType::u8, int64_t(code.size()));
  for (auto micro : code.getAsRange<MicroAttr>()) {
    size_t at = bytes.size() - start;
    bytes.resize(bytes.size() + 8, 0);
    put(at, FieldType::u8, int64_t(micro.getOp()));
    put(at + 1, FieldType::u8, micro.getDst());
    if (micro.getOp() == MicroOp::constant) {
      put(at + 4, FieldType::i32, micro.getValue());
      continue;
    }
    unsigned sources = sourceCount(micro.getOp());
    int64_t values[] = {micro.getA(), micro.getB(), micro.getC()};
    for (unsigned source = 0; source < sources; ++source)
      put(at + 2 + source, FieldType::u8, values[source]);
  }
}

template <typename OpTy> void Encoder::writeTransfer(OpTy op, unsigned opcode) {
  begin(*op, opcode, 0, NPU_LOAD_BYTES);
  PUT(loadField, buffer, op.getBuffer());
  PUT(loadField, bufferOffset, op.getOffset());
  PUT(loadField, sramAddress, op.getAddress());
  PUT(loadField, rowBytes, op.getRowBytes());
  PUT(loadField, rows, op.getRows());
  PUT(loadField, bufferStride, op.getBufferStride());
  PUT(loadField, sramStride, op.getSramStride());
}

#define PUT_WINDOW(scope)                                                      \
  PUT(scope, inputAddress, input.getAddress());                                \
  PUT(scope, inputHeight, input.getHeight());                                  \
  PUT(scope, inputWidth, input.getWidth());                                    \
  PUT(scope, inputChannels, input.getChannels());                              \
  PUT(scope, inputDtype, input.getElement());                                  \
  PUT(scope, inputRowStride, input.getRowStride());                            \
  PUT(scope, inputPixelStride, input.getPixelStride());                        \
  PUT(scope, inputRingRows, input.getRingRows());                              \
  PUT(scope, inputRingFirst, input.getRingFirst());                            \
  PUT(scope, inputY0, window.getY0());                                         \
  PUT(scope, inputX0, window.getX0());                                         \
  PUT(scope, kernelHeight, window.getKernelY());                               \
  PUT(scope, kernelWidth, window.getKernelX());                                \
  PUT(scope, strideY, window.getStrideY());                                    \
  PUT(scope, strideX, window.getStrideX());                                    \
  PUT(scope, dilationY, window.getDilationY());                                \
  PUT(scope, dilationX, window.getDilationX());                                \
  PUT(scope, outputAddress, output.getAddress());                              \
  PUT(scope, outputRowStride, output.getRowStride());                          \
  PUT(scope, outputPixelStride, output.getPixelStride());                      \
  PUT(scope, outputHeight, output.getHeight());                                \
  PUT(scope, outputWidth, output.getWidth());                                  \
  PUT(scope, outputChannels, output.getChannels());                            \
  PUT(scope, outputDtype, output.getElement())

#define PUT_PIPELINE(scope)                                                    \
  if (auto parameters = op.getParameters()) {                                  \
    PUT(scope, parametersAddress, parameters->getAddress());                   \
    PUT(scope, parametersStride, parameters->getStride());                     \
  }                                                                            \
  if (auto table = op.getTable()) {                                            \
    PUT(scope, tableAddress, table->getAddress());                             \
    PUT(scope, tableEntries, table->getEntries());                             \
    PUT(scope, tableDtype, table->getElement());                               \
  }                                                                            \
  PUT(scope, resultRegister, op.getResultRegister());                          \
  putProgram(op.getProgram(), scope::programLength.offset)

void Encoder::write(MacOp op) {
  TileAttr input = op.getInput(), output = op.getOutput();
  WindowAttr window = op.getWindow();
  WeightsAttr weights = op.getWeights();
  unsigned flags = (op.getDepthwise() ? NPU_MAC_FLAG_DEPTHWISE : 0) |
                   (op.getAccumulator() ? NPU_MAC_FLAG_ACCUMULATE : 0) |
                   (op.getRaw() ? NPU_MAC_FLAG_RAW : 0);
  begin(*op, NPU_OPCODE_MAC, flags, NPU_MAC_BYTES);
  PUT_WINDOW(macField);
  PUT(macField, padValue, window.getPad());
  PUT(macField, inputZeroPoint, window.getZero());
  PUT(macField, weightDtype, weights.getElement());
  PUT(macField, weightZeroPoint, weights.getZero());
  PUT(macField, weightEncoding, weights.getEncoding());
  PUT(macField, weightsAddress, weights.getAddress());
  PUT(macField, weightsBytes, weights.getBytes());
  if (auto residual = op.getResidual()) {
    PUT(macField, residualDtype, residual->getElement());
    PUT(macField, residualAddress, residual->getAddress());
    PUT(macField, residualRowStride, residual->getStrides()[0]);
    PUT(macField, residualPixelStride, residual->getStrides()[1]);
  }
  if (auto sums = op.getAccumulator()) {
    PUT(macField, accumulatorAddress, sums->getAddress());
    PUT(macField, accumulatorRowStride, sums->getStrides()[0]);
    PUT(macField, accumulatorPixelStride, sums->getStrides()[1]);
  }
  PUT_PIPELINE(macField);
}

void Encoder::write(PoolOp op) {
  TileAttr input = op.getInput(), output = op.getOutput();
  WindowAttr window = op.getWindow();
  begin(*op, NPU_OPCODE_POOL, op.getKind() == Pool::sum ? NPU_POOL_FLAG_SUM : 0,
        NPU_POOL_BYTES);
  PUT_WINDOW(poolField);
  PUT_PIPELINE(poolField);
}

void Encoder::write(VectorOp op) {
  begin(*op, NPU_OPCODE_VECTOR, 0, NPU_VECTOR_BYTES);
  const Field extents[] = {vectorField::extent0, vectorField::extent1,
                           vectorField::extent2, vectorField::extent3};
  for (auto [field, extent] : llvm::zip_equal(extents, op.getExtents()))
    put(field.offset, field.type, extent);
#define EDGEC_OPERAND(i)                                                       \
  {                                                                            \
    vectorField::operand##i##Dtype, vectorField::operand##i##Address, {        \
      vectorField::operand##i##Stride0, vectorField::operand##i##Stride1,      \
          vectorField::operand##i##Stride2, vectorField::operand##i##Stride3   \
    }                                                                          \
  }
  const struct {
    Field element, address, strides[4];
  } operands[] = {EDGEC_OPERAND(0),
                  EDGEC_OPERAND(1),
                  EDGEC_OPERAND(2),
                  {vectorField::outputDtype,
                   vectorField::outputAddress,
                   {vectorField::outputStride0, vectorField::outputStride1,
                    vectorField::outputStride2, vectorField::outputStride3}}};
#undef EDGEC_OPERAND
  auto putOperand = [&](OperandAttr operand, unsigned place) {
    put(operands[place].element.offset, operands[place].element.type,
        int64_t(operand.getElement()));
    put(operands[place].address.offset, operands[place].address.type,
        operand.getAddress());
    for (auto [field, stride] :
         llvm::zip_equal(operands[place].strides, operand.getStrides()))
      put(field.offset, field.type, stride);
  };
  for (auto [place, operand] :
       llvm::enumerate(op.getInputs().getAsRange<OperandAttr>()))
    putOperand(operand, place);
  putOperand(op.getOutput(), 3);
  PUT_PIPELINE(vectorField);
}

void Encoder::write(WaitOp op) {
  begin(*op, NPU_OPCODE_WAIT, unsigned(op.getUnit()), NPU_WAIT_BYTES);
  PUT(waitField, semaphore, op.getSemaphore());
  PUT(waitField, value, op.getValue());
  semaphores = std::max(semaphores, int64_t(op.getSemaphore()) + 1);
}

void Encoder::write(SignalOp op) {
  begin(*op, NPU_OPCODE_SIGNAL, unsigned(op.getUnit()), NPU_SIGNAL_BYTES);
  PUT(signalField, semaphore, op.getSemaphore());
  semaphores = std::max(semaphores, int64_t(op.getSemaphore()) + 1);
}

void Encoder::write(NoteOp op) {
  begin(*op, NPU_OPCODE_NOTE, 0, NPU_NOTE_BYTES);
  PUT(noteField, value, op.getValue());
}

/// The length in words.
void Encoder::finishCommand() {
  put(2, FieldType::u16, int64_t(bytes.size() - start) / 4);
}

void Encoder::writeHeader() {
  MachineAttr machine = program.getMachine();
  ArrayRef<int64_t> sizes = program.getBufferSizes();
  current = program;
  start = 0;
  llvm::ArrayRef<uint8_t> body(reinterpret_cast<const uint8_t *>(bytes.data()) +
                                   NPU_HEADER_BYTES,
                               bytes.size() - NPU_HEADER_BYTES);
  PUT(headerField, magic, NPU_MAGIC);
  PUT(headerField, formatVersion, NPU_FORMAT_VERSION);
  PUT(headerField, headerBytes, NPU_HEADER_BYTES);
  PUT(headerField, totalBytes, bytes.size());
  PUT(headerField, commandCount, count);
  PUT(headerField, bufferCount, sizes.size());
  PUT(headerField, macRows, machine.getMacRows());
  PUT(headerField, macColumns, machine.getMacColumns());
  PUT(headerField, sramBytes, machine.getSramBytes());
  PUT(headerField, vectorLanes, machine.getVectorLanes());
  PUT(headerField, semaphoreCount, semaphores);
  PUT(headerField, constantsBytes, sizes[0]);
  PUT(headerField, scratchBytes, sizes[1]);
  PUT(headerField, crc32, llvm::crc32(body));
}

FailureOr<std::vector<char>> Encoder::encode() {
  bytes.assign(NPU_HEADER_BYTES, 0);
  for (Operation &op : program.getBody().front()) {
    llvm::TypeSwitch<Operation *>(&op)
        .Case<LoadOp, StoreOp, MacOp, PoolOp, VectorOp, WaitOp, SignalOp,
              NoteOp>([&](auto command) { write(command); });
    finishCommand();
  }
  begin(*program, NPU_OPCODE_END, 0, NPU_END_BYTES);
  finishCommand();
  writeHeader();
  if (failed)
    return failure();
  return std::move(bytes);
}

FailureOr<std::vector<char>> edgec::npu::encode(ProgramOp program) {
  return Encoder(program).encode();
}
