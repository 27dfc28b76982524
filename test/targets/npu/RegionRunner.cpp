//===- RegionRunner.cpp - runs a model on the simulated NPU ---------------===//
//
// The function's body moves into a place.region after the evaluator has run it.
//
//===----------------------------------------------------------------------===//
#include "test/targets/npu/RegionRunner.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "npu_constants.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::npu;
using evaluator::HostTensor;

RegionRunner::RegionRunner() {
  context.loadDialect<edge::EdgeDialect, schedule::ScheduleDialect,
                      place::PlaceDialect, NpuDialect, func::FuncDialect,
                      quant::QuantDialect>();
  context.getDiagEngine().registerHandler(
      [&](Diagnostic &diagnostic) { diagnostics += diagnostic.str() + "\n"; });
}

int64_t RegionRunner::random(int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(generator);
}

HostTensor RegionRunner::randomTensor(RankedTensorType type) {
  HostTensor tensor(type);
  if (tensor.isFloat()) {
    for (double &real : tensor.reals)
      real = double(random(-3000, 3000)) / 16;
    return tensor;
  }
  auto [low, high] = evaluator::integerRange(type.getElementType());
  for (int64_t &integer : tensor.integers)
    integer = random(low, high);
  return tensor;
}

OwningOpRef<ModuleOp> RegionRunner::parse(const std::string &text) {
  diagnostics.clear();
  auto module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    ADD_FAILURE() << diagnostics;
  return module;
}

/// Moves the function's body into a region on device 0.
static place::RegionOp makeRegion(func::FuncOp function) {
  Block &body = function.getBody().front();
  Operation *terminator = body.getTerminator();
  OpBuilder builder(terminator);
  auto region = place::RegionOp::create(builder, function.getLoc(),
                                        terminator->getOperandTypes(), 0,
                                        ValueRange(body.getArguments()));
  Block *inside = builder.createBlock(
      &region.getBody(), {}, body.getArgumentTypes(),
      SmallVector<Location>(body.getNumArguments(), function.getLoc()));
  SmallVector<Operation *> operations;
  for (Operation &op : body) {
    if (&op != terminator && &op != region)
      operations.push_back(&op);
  }
  for (Operation *op : operations)
    op->moveBefore(inside, inside->end());
  builder.setInsertionPointToEnd(inside);
  place::YieldOp::create(builder, function.getLoc(), terminator->getOperands());
  for (auto [outer, inner] :
       llvm::zip_equal(body.getArguments(), inside->getArguments()))
    outer.replaceUsesWithIf(inner, [&](OpOperand &use) {
      return use.getOwner()->getBlock() == inside;
    });
  terminator->setOperands(region.getResults());
  return region;
}

Outcome RegionRunner::run(const std::string &text, llvm::StringRef machine,
                          llvm::StringRef description) {
  Outcome outcome;
  OwningOpRef<ModuleOp> module = parse(text);
  if (!module)
    return outcome;
  module->getOperation()->setAttr(
      place::devicesAttrName,
      ArrayAttr::get(
          &context, {place::DeviceAttr::get(&context, "npu", machine, 0, {})}));
  auto function = *module->getOps<func::FuncOp>().begin();
  std::vector<HostTensor> inputs;
  for (Type type : function.getArgumentTypes())
    inputs.push_back(randomTensor(cast<RankedTensorType>(type)));
  auto expected = evaluator::evaluate(function, inputs);
  if (failed(expected)) {
    ADD_FAILURE() << diagnostics;
    return outcome;
  }

  auto backend = npuBackend().create(machine, description);
  if (!backend) {
    ADD_FAILURE() << llvm::toString(backend.takeError());
    return outcome;
  }
  place::RegionOp region = makeRegion(function);
  auto program = (*backend)->lower(region, "program");
  if (failed(program) || failed(verify(*module))) {
    ADD_FAILURE() << diagnostics;
    return outcome;
  }
  auto bytes = (*backend)->encode(module->lookupSymbol("program"));
  if (failed(bytes)) {
    ADD_FAILURE() << diagnostics;
    return outcome;
  }

  std::vector<std::vector<char>> memory = {
      program->constants, std::vector<char>(program->scratchBytes)};
  for (const HostTensor &input : inputs)
    memory.push_back(evaluator::toBytes(input));
  for (const HostTensor &output : *expected)
    memory.emplace_back(evaluator::toBytes(output).size(), char(0x5a));
  std::vector<edge_npu_buffer> buffers;
  for (auto [index, bytes] : llvm::enumerate(memory)) {
    uint32_t access = EDGE_NPU_READ;
    if (index == 1)
      access |= EDGE_NPU_WRITE;
    if (index >= 2 + inputs.size())
      access = EDGE_NPU_WRITE;
    buffers.push_back({bytes.data(), bytes.size(), access, 0});
  }
  edge_npu_options options = {};
  options.check_races = 1;
  std::vector<uint64_t> parameters = (*backend)->parameters();
  edge_npu_simulator *simulator = nullptr;
  edge_npu_error error = {};
  if (edge_npu_create(parameters.data(), uint32_t(parameters.size()), &options,
                      &simulator, &error) != EDGE_NPU_OK) {
    ADD_FAILURE() << error.text;
    return outcome;
  }
  int32_t status = edge_npu_run(simulator, bytes->data(), bytes->size(),
                                buffers.data(), uint32_t(buffers.size()),
                                nullptr, &outcome.statistics, &error);
  edge_npu_destroy(simulator);
  if (status != EDGE_NPU_OK) {
    std::string program;
    llvm::raw_string_ostream(program) << *module->lookupSymbol("program");
    ADD_FAILURE() << "command " << error.command << " " << error.rule << ": "
                  << error.text << "\n"
                  << llvm::StringRef(program).take_front(20000).str();
    return outcome;
  }
  outcome.ok = true;
  outcome.kilohertz = parameters[NPU_PARAMETER_CLOCK_KILOHERTZ];
  for (auto [index, output] : llvm::enumerate(*expected)) {
    const std::vector<char> &bytes = memory[2 + inputs.size() + index];
    HostTensor actual = evaluator::fromBytes(output.type, bytes);
    outcome.ok &=
        actual.integers == output.integers && actual.reals == output.reals;
    if (!outcome.ok)
      ADD_FAILURE() << "output " << index << " differs on " << machine.str()
                    << "\n"
                    << text;
  }
  outcome.program = std::move(*program);
  return outcome;
}

std::string RegionRunner::refusal(const std::string &text,
                                  llvm::StringRef machine) {
  OwningOpRef<ModuleOp> module = parse(text);
  auto backend = npuBackend().create(machine, "");
  std::string reason;
  if (module && backend)
    module->walk([&](schedule::KernelOp kernel) {
      (*backend)->supports(kernel, reason);
    });
  return reason;
}
