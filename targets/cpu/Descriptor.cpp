//===- Descriptor.cpp - a model's description of itself -------------------===//
//
// Every field in the order of runtime/include/edge/model.h; the header states
// the offsets, and the runtime's tests read what is written here.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/Descriptor.h"

#include "runtime/include/edge/model.h"
#include "targets/cpu/ConstantGlobals.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "llvm/TargetParser/Triple.h"

using namespace edgec;
using namespace mlir;

/// The ABI's number for an element type; EDGE_DTYPE_INVALID if it has none.
static uint32_t dtypeOf(Type type) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(type)) {
    switch (quantized.getStorageTypeIntegralWidth()) {
    case 4:
      return quantized.isSigned() ? EDGE_DTYPE_I4 : EDGE_DTYPE_U4;
    case 8:
      return quantized.isSigned() ? EDGE_DTYPE_I8 : EDGE_DTYPE_U8;
    case 16:
      return quantized.isSigned() ? EDGE_DTYPE_I16 : EDGE_DTYPE_U16;
    case 32:
      return quantized.isSigned() ? EDGE_DTYPE_I32 : EDGE_DTYPE_U32;
    default:
      return EDGE_DTYPE_INVALID;
    }
  }
  if (type.isF32())
    return EDGE_DTYPE_F32;
  if (type.isF64())
    return EDGE_DTYPE_F64;
  if (type.isF16())
    return EDGE_DTYPE_F16;
  if (type.isBF16())
    return EDGE_DTYPE_BF16;
  if (isa<Float8E4M3FNType>(type))
    return EDGE_DTYPE_F8E4M3;
  if (isa<Float8E5M2Type>(type))
    return EDGE_DTYPE_F8E5M2;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return EDGE_DTYPE_INVALID;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return EDGE_DTYPE_BOOL;
  case 4:
    return isUnsigned ? EDGE_DTYPE_U4 : EDGE_DTYPE_I4;
  case 8:
    return isUnsigned ? EDGE_DTYPE_U8 : EDGE_DTYPE_I8;
  case 16:
    return isUnsigned ? EDGE_DTYPE_U16 : EDGE_DTYPE_I16;
  case 32:
    return isUnsigned ? EDGE_DTYPE_U32 : EDGE_DTYPE_I32;
  case 64:
    return isUnsigned ? EDGE_DTYPE_U64 : EDGE_DTYPE_I64;
  default:
    return EDGE_DTYPE_INVALID;
  }
}

/// Bytes of a dense buffer: 4-bit elements lie two to a byte, booleans one.
static int64_t sizeBytes(RankedTensorType type) {
  Type element = type.getElementType();
  if (auto quantized = dyn_cast<quant::QuantizedType>(element))
    element = quantized.getStorageType();
  int64_t bits = element.isInteger(1) ? 8 : element.getIntOrFloatBitWidth();
  return (type.getNumElements() * bits + 7) / 8;
}

static uint32_t architectureOf(llvm::StringRef triple) {
  switch (llvm::Triple(triple).getArch()) {
  case llvm::Triple::x86_64:
    return EDGE_ARCHITECTURE_X86_64;
  case llvm::Triple::aarch64:
    return EDGE_ARCHITECTURE_AARCH64;
  case llvm::Triple::riscv64:
    return EDGE_ARCHITECTURE_RISCV64;
  case llvm::Triple::riscv32:
    return EDGE_ARCHITECTURE_RISCV32;
  case llvm::Triple::arm:
  case llvm::Triple::thumb:
    return EDGE_ARCHITECTURE_ARM;
  default:
    return EDGE_ARCHITECTURE_ANY;
  }
}

namespace {

using Fields = llvm::SmallVector<ConstantField>;

/// Turns a program's attributes into rows of constants.
class DescriptorBuilder {
public:
  DescriptorBuilder(rt::ProgramOp program, const DescriptorOptions &options)
      : program(program), options(options),
        symbol("edge_model_" + program.getSymName().str()),
        data(program->getParentOfType<ModuleOp>(), symbol) {}

  LogicalResult build() {
    auto inputs = tensors(program.getInputNames(), program.getInputTypes());
    auto outputs = tensors(program.getOutputNames(), program.getOutputTypes());
    if (failed(inputs) || failed(outputs))
      return failure();
    llvm::SmallVector<Fields> kernels;
    for (auto call : program.getBody().front().getOps<rt::CallOp>())
      kernels.push_back(kernel(call));
    Fields extensions;
    for (const std::string &extension : options.extensions)
      extensions.push_back(data.string(extension));

    schedule::MachineAttr machine = options.machine;
    // A multiply-add counts as two operations; rates are in hundredths.
    double flopsPerCycle = 2.0 * static_cast<double>(machine.getFloatLanes()) *
                           static_cast<double>(machine.getFmaPerCycle()) / 100;
    Fields model = {
        data.i32(EDGE_MODEL_MAGIC),
        data.i32(EDGE_ABI_VERSION),
        data.i32(sizeof(edge_model)),
        data.i32(architectureOf(machine.getTriple())),
        data.string(program.getSymName()),
        data.string(machine.getTriple()),
        data.string(machine.getCpu()),
        data.string(options.buildId),
        data.i64(program.getArenaBytes()),
        data.i64(64),
        data.i64(program.getWeightsBytes()),
        data.f64(flopsPerCycle),
        data.f64(static_cast<double>(machine.getClockMHz()) * 1e6),
        data.i32(inputs->size()),
        data.i32(outputs->size()),
        data.structs(*inputs),
        data.structs(*outputs),
        data.i32(kernels.size()),
        data.i32(extensions.size()),
        data.structs(kernels),
        data.array(extensions),
        data.address(options.entry),
    };
    addFunction(data.structs(ArrayRef<Fields>(model)));
    return success();
  }

private:
  rt::ProgramOp program;
  const DescriptorOptions &options;
  std::string symbol;
  ConstantGlobals data;

  FailureOr<llvm::SmallVector<Fields>> tensors(ArrayAttr names,
                                               ArrayAttr types) {
    llvm::SmallVector<Fields> rows;
    for (auto [name, type] : llvm::zip_equal(names, types)) {
      auto text = cast<StringAttr>(name).getValue();
      auto tensor = cast<RankedTensorType>(cast<TypeAttr>(type).getValue());
      uint32_t dtype = dtypeOf(tensor.getElementType());
      if (dtype == EDGE_DTYPE_INVALID) {
        program.emitError()
            << "input or output '" << text << "' has type " << tensor
            << ", which a compiled model cannot hand over; "
               "cast it within the model";
        return failure();
      }
      Fields shape;
      for (int64_t size : tensor.getShape())
        shape.push_back(data.i64(size));
      Fields row = {data.string(text), data.i32(dtype),
                    data.i32(tensor.getRank()), data.array(shape),
                    data.i64(sizeBytes(tensor))};
      llvm::append_range(row, quantization(tensor.getElementType()));
      rows.push_back(std::move(row));
    }
    return rows;
  }

  /// quant_count, quant_axis, scales, zero_points.
  Fields quantization(Type type) {
    llvm::SmallVector<double> scales;
    llvm::SmallVector<int64_t> zeroPoints;
    int64_t axis = -1;
    if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type)) {
      scales.push_back(uniform.getScale());
      zeroPoints.push_back(uniform.getZeroPoint());
    } else if (auto perAxis =
                   dyn_cast<quant::UniformQuantizedPerAxisType>(type)) {
      llvm::append_range(scales, perAxis.getScales());
      llvm::append_range(zeroPoints, perAxis.getZeroPoints());
      if (scales.size() > 1)
        axis = perAxis.getQuantizedDimension();
    }
    Fields scaleFields, zeroFields;
    Type f32 = Float32Type::get(program.getContext());
    for (double scale : scales)
      scaleFields.push_back({f32, scale});
    for (int64_t zeroPoint : zeroPoints)
      zeroFields.push_back(data.i32(zeroPoint));
    return {data.i32(scales.size()), data.i32(axis), data.array(scaleFields),
            data.array(zeroFields)};
  }

  Fields kernel(rt::CallOp call) {
    return {data.string(call.getKernelName()),
            data.string(call.getLayers()),
            data.i64(call.getFlops()),
            data.i64(call.getBytes()),
            data.i64(std::max<int64_t>(call.getExtent(), 1)),
            data.i32(EDGE_DTYPE_F32),
            data.i32(0)};
  }

  /// ptr @edge_model_NAME() { return the descriptor }
  void addFunction(const ConstantField &descriptor) {
    auto module = program->getParentOfType<ModuleOp>();
    ImplicitLocOpBuilder builder(program.getLoc(), program.getContext());
    builder.setInsertionPointToEnd(module.getBody());
    auto type = LLVM::LLVMFunctionType::get(descriptor.type, {});
    auto function = LLVM::LLVMFuncOp::create(builder, symbol, type);
    builder.setInsertionPointToStart(function.addEntryBlock(builder));
    auto address = LLVM::AddressOfOp::create(
        builder, descriptor.type, std::get<std::string>(descriptor.value));
    LLVM::ReturnOp::create(builder, address.getResult());
  }
};

} // namespace

LogicalResult edgec::buildDescriptor(rt::ProgramOp program,
                                     const DescriptorOptions &options) {
  return DescriptorBuilder(program, options).build();
}
