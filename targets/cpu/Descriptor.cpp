//===- Descriptor.cpp - a model's description of itself -------------------===//
//
// Every field in the order of runtime/include/edge/model.h; the header states
// the offsets, and the runtime's tests read what is written here.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/Descriptor.h"

#include "runtime/include/edge/model.h"
#include "targets/cpu/ConstantGlobals.h"
#include "targets/cpu/JobInfo.h"
#include "targets/cpu/TensorInfo.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/TargetParser/Triple.h"

using namespace edgec;
using namespace mlir;

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

using Fields = ConstantRow;

/// Turns programs' attributes into rows of constants.
class DescriptorBuilder {
public:
  DescriptorBuilder(ArrayRef<ProgramWithEntry> family,
                    const DescriptorOptions &options)
      : family(family), model(family.front().program), options(options),
        symbol("edge_model_" + model.getSymName().str()),
        data(model->getParentOfType<ModuleOp>(), symbol) {}

  LogicalResult build() {
    Fields variants;
    llvm::SmallVector<Fields> alternatives;
    for (ProgramWithEntry other : family.drop_front()) {
      auto fields = describe(other, {}, {});
      if (failed(fields))
        return failure();
      ConstantField address = data.structs(ArrayRef<Fields>(*fields));
      if (other.program.getVariantOf())
        variants.push_back(address);
      else
        alternatives.push_back(alternative(
            other.program, *other.program.getAlternative(), address));
    }
    // The model itself is the first.
    if (!alternatives.empty()) {
      alternatives.insert(alternatives.begin(),
                          alternative(model, usedDevices(model), data.null()));
    }
    auto fields = describe(family.front(), variants, alternatives);
    if (failed(fields))
      return failure();
    addFunction(data.structs(ArrayRef<Fields>(*fields)));
    return success();
  }

private:
  ArrayRef<ProgramWithEntry> family;
  rt::ProgramOp model;
  const DescriptorOptions &options;
  std::string symbol;
  ConstantGlobals data;

  double clockHertz() const {
    return static_cast<double>(
               schedule::MachineAttr(options.machine).getClockMHz()) *
           1e6;
  }

  /// The fields of an edge_alternative.
  Fields alternative(rt::ProgramOp program, llvm::StringRef label,
                     const ConstantField &descriptor) {
    RunPrediction run =
        predictRun(program, place::hostFigures(options.machine));
    return {data.string(label), descriptor,
            data.i64(std::llround(run.nanoseconds)),
            data.i64(std::llround(run.nanojoules)),
            data.f64(std::numeric_limits<double>::quiet_NaN())};
  }

  /// The fields of an edge_model; `variants` and `alternatives` are others.
  FailureOr<Fields> describe(const ProgramWithEntry &of, const Fields &variants,
                             ArrayRef<Fields> alternatives) {
    rt::ProgramOp program = of.program;
    auto inputs = tensors(program.getInputNames(), program.getInputTypes());
    auto outputs = tensors(program.getOutputNames(), program.getOutputTypes(),
                           program.getOutputSizes());
    if (failed(inputs) || failed(outputs))
      return failure();
    llvm::SmallVector<Fields> kernels;
    program.walk([&](rt::CallOp call) { kernels.push_back(kernel(call)); });
    llvm::SmallVector<Fields> devices = deviceRows(data, program),
                              jobs = jobRows(data, program, of.weights);
    Fields extensions;
    for (const std::string &extension : options.extensions)
      extensions.push_back(data.string(extension));

    schedule::MachineAttr machine = options.machine;
    // A multiply-add counts as two operations; rates are in hundredths.
    double flopsPerCycle = 2.0 * static_cast<double>(machine.getFloatLanes()) *
                           static_cast<double>(machine.getFmaPerCycle()) / 100;
    return Fields{
        data.i32(EDGE_MODEL_MAGIC),
        data.i32(EDGE_ABI_VERSION),
        data.i32(sizeof(edge_model)),
        data.i32(architectureOf(machine.getTriple())),
        data.string(model.getSymName()),
        data.string(machine.getTriple()),
        data.string(machine.getCpu()),
        data.string(options.buildId),
        data.i64(program.getArenaBytes()),
        data.i64(64),
        data.i64(program.getWeightsBytes()),
        data.f64(flopsPerCycle),
        data.f64(clockHertz()),
        data.i32(inputs->size()),
        data.i32(outputs->size()),
        data.structs(*inputs),
        data.structs(*outputs),
        data.i32(kernels.size()),
        data.i32(extensions.size()),
        data.structs(kernels),
        data.array(extensions),
        data.address(of.entry),
        data.i32(variants.size()),
        data.i32(0),
        data.array(variants),
        data.i32(devices.size()),
        data.i32(jobs.size()),
        data.structs(devices),
        data.structs(jobs),
        data.i32(alternatives.size()),
        data.i32(0),
        data.structs(alternatives),
    };
  }

  /// `sizes` has an output and a dimension for each tensor, or nothing.
  FailureOr<llvm::SmallVector<Fields>> tensors(ArrayAttr names, ArrayAttr types,
                                               ArrayRef<int64_t> sizes = {}) {
    llvm::SmallVector<Fields> rows;
    for (auto [index, name, type] : llvm::enumerate(names, types)) {
      ActualSize size;
      if (!sizes.empty())
        size = {sizes[2 * index], sizes[2 * index + 1]};
      auto text = cast<StringAttr>(name).getValue();
      auto tensor = cast<RankedTensorType>(cast<TypeAttr>(type).getValue());
      std::optional<Fields> row = tensorInfo(data, text, tensor, size);
      if (!row) {
        model.emitError() << "input or output '" << text << "' has type "
                          << tensor
                          << ", which a compiled model cannot hand over; "
                             "cast it within the model";
        return failure();
      }
      rows.push_back(std::move(*row));
    }
    return rows;
  }

  Fields kernel(rt::CallOp call) {
    return {data.string(call.getKernelName()),
            data.string(call.getLayers()),
            data.i64(call.getFlops()),
            data.i64(call.getBytes()),
            data.i64(std::max<int64_t>(call.getExtent(), 1)),
            data.i32(call.getInteger() ? EDGE_DTYPE_I32 : EDGE_DTYPE_F32),
            data.i32(std::clamp<int64_t>(call.getCycles(), 0, UINT32_MAX))};
  }

  /// ptr @edge_model_NAME() { return the descriptor }
  void addFunction(const ConstantField &descriptor) {
    auto module = model->getParentOfType<ModuleOp>();
    ImplicitLocOpBuilder builder(model.getLoc(), model.getContext());
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

LogicalResult edgec::buildDescriptor(ArrayRef<ProgramWithEntry> family,
                                     const DescriptorOptions &options) {
  return DescriptorBuilder(family, options).build();
}
