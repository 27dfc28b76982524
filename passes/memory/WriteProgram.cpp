//===- WriteProgram.cpp - a memory plan as calls --------------------------===//
//
// A launch becomes an rt.call. A branch or body is written where it runs, with
// the addresses that its arguments, results and arena have there:
//
//   %r = edge.loop @body(%x) {trips = 3}      rt.copy <x> <r>
//                                             rt.loop counter <c> {trips = 3} {
//   @body: %s = rt.launch @kernel_0(%i, %x) =>  rt.call @kernel_0 [<c>, <r>,
//   <s>]
//                                               rt.copy <s> <r>
//                                             }
//
//===----------------------------------------------------------------------===//
#include "passes/memory/WriteProgram.h"

#include "dialects/rt/Jobs.h"

using namespace edgec;
using namespace mlir;

namespace {

/// Where a function's arguments, results and arena lie.
struct Frame {
  SmallVector<rt::AddressAttr> inputs, outputs;
  int64_t arena = 0;
};

class ProgramWriter {
public:
  ProgramWriter(OpBuilder &b, const llvm::StringMap<int64_t> &weightsOffsets)
      : b(b), weightsOffsets(weightsOffsets) {}

  LogicalResult write(const MemoryPlan &plan, const Frame &frame) {
    for (Operation *step : plan.order) {
      constexpr size_t maxSteps = 1'000'000;
      if (++stepCount > maxSteps)
        return step->emitError("the program would have more than ")
               << maxSteps << " calls; its branches and loops repeat too much";
      if (auto launch = dyn_cast<rt::LaunchOp>(step)) {
        writeCall(launch, plan, frame);
      } else if (auto submit = dyn_cast<rt::SubmitOp>(step)) {
        if (failed(writeSubmit(submit, plan, frame)))
          return failure();
      } else if (auto wait = dyn_cast<rt::WaitOp>(step)) {
        rt::WaitJobOp::create(b, wait.getLoc(), jobOf.lookup(wait.getSubmit()));
      } else if (auto branch = dyn_cast<edge::IfOp>(step)) {
        if (failed(writeIf(branch, plan, frame)))
          return failure();
      } else if (failed(writeLoop(cast<edge::LoopOp>(step), plan, frame))) {
        return failure();
      }
    }
    return success();
  }

private:
  OpBuilder &b;
  const llvm::StringMap<int64_t> &weightsOffsets;
  size_t stepCount = 0;
  /// The number of each submission where it was written last, and how many
  /// there are.
  llvm::DenseMap<Operation *, int64_t> jobOf;
  int64_t jobCount = 0;

  rt::AddressAttr address(rt::Space space, int64_t at) {
    return rt::AddressAttr::get(b.getContext(), space, at);
  }
  rt::AddressAttr arenaAddress(int64_t at) {
    return address(rt::Space::arena, at);
  }

  rt::AddressAttr addressOf(Value value, const MemoryPlan &plan,
                            const Frame &frame) {
    value = viewedValue(value);
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      if (frame.inputs.empty())
        return address(rt::Space::input, argument.getArgNumber());
      return frame.inputs[argument.getArgNumber()];
    }
    if (auto constant = value.getDefiningOp<rt::GetWeightsOp>())
      return address(rt::Space::weights,
                     weightsOffsets.lookup(constant.getWeights()));
    const Buffer &buffer = plan.buffers[plan.bufferOf.lookup(value)];
    if (buffer.output < 0)
      return arenaAddress(frame.arena + buffer.offset);
    if (frame.outputs.empty())
      return address(rt::Space::output, buffer.output);
    return frame.outputs[buffer.output];
  }

  /// Where the workspace of a branch or loop begins in the arena.
  static int64_t workspaceOf(Operation *op, const MemoryPlan &plan,
                             const Frame &frame) {
    return frame.arena + plan.buffers[plan.workspaceOf.lookup(op)].offset;
  }

  void writeCall(rt::LaunchOp launch, const MemoryPlan &plan,
                 const Frame &frame) {
    SmallVector<Attribute> addresses;
    for (Value operand : launch.getInputs())
      addresses.push_back(addressOf(operand, plan, frame));
    for (Value result : launch->getResults())
      addresses.push_back(addressOf(result, plan, frame));
    rt::CallOp::create(b, launch.getLoc(), launch.getKernelAttr(),
                       b.getArrayAttr(addresses), launch.getExtentAttr(),
                       launch.getKernelNameAttr(), launch.getLayersAttr(),
                       launch.getFlopsAttr(), launch.getBytesAttr(),
                       launch.getCyclesAttr(), launch.getConstantsAttr(),
                       launch.getIntegerAttr(), launch.getColumnsAttr(),
                       /*handover=*/b.getI64IntegerAttr(0),
                       /*after=*/b.getDenseI64ArrayAttr({}));
  }

  /// A submission's buffers: constants, scratch memory, inputs, outputs.
  LogicalResult writeSubmit(rt::SubmitOp submit, const MemoryPlan &plan,
                            const Frame &frame) {
    if (!submit.getCommands())
      return submit.emitOpError("has no commands; run edge-encode-programs");
    SmallVector<Attribute> addresses;
    SmallVector<int64_t> sizes;
    auto add = [&](Value value) {
      int64_t bytes = value ? tensorBytes(value.getType()) : 0;
      sizes.push_back(bytes);
      // Any address does for no bytes.
      addresses.push_back(
          addressOf(bytes ? value : submit.getCommands(), plan, frame));
    };
    add(submit.getConstants());
    add(submit.getScratch());
    for (Value input : submit.getInputs())
      add(input);
    for (Value output : submit.getOutputs())
      add(output);
    int64_t job = jobOf[submit] = jobCount++;
    auto number = [&](int64_t value) { return b.getI64IntegerAttr(value); };
    rt::SubmitJobOp::create(
        b, submit.getLoc(), number(job),
        addressOf(submit.getCommands(), plan, frame), b.getArrayAttr(addresses),
        number(tensorBytes(submit.getCommands().getType())),
        b.getDenseI64ArrayAttr(sizes),
        number(static_cast<int64_t>(submit.getOutputs().size())),
        submit.getDeviceAttr(), submit.getNameAttr(), submit.getLayersAttr(),
        submit.getNanosecondsAttr(), submit.getNanojoulesAttr(),
        submit.getMacsAttr());
    return success();
  }

  void writeCopy(Location loc, rt::AddressAttr source, rt::AddressAttr target,
                 int64_t bytes, int64_t sourceStep = 0,
                 int64_t targetStep = 0) {
    rt::CopyOp::create(b, loc, source, target, b.getI64IntegerAttr(bytes),
                       b.getI64IntegerAttr(sourceStep),
                       b.getI64IntegerAttr(targetStep));
  }

  LogicalResult writeIf(edge::IfOp branch, const MemoryPlan &plan,
                        const Frame &frame) {
    auto op = rt::IfOp::create(b, branch.getLoc(),
                               addressOf(branch.getCondition(), plan, frame));
    const auto &called = plan.called.find(branch)->second;
    auto write = [&](Region &region, ValueRange operands,
                     const MemoryPlan &inner) {
      OpBuilder::InsertionGuard guard(b);
      b.createBlock(&region);
      Frame inside;
      inside.arena = workspaceOf(branch, plan, frame);
      for (Value operand : operands)
        inside.inputs.push_back(addressOf(operand, plan, frame));
      for (Value result : branch.getResults())
        inside.outputs.push_back(addressOf(result, plan, frame));
      return this->write(inner, inside);
    };
    // One function may be both branches.
    if (failed(write(op.getThenCalls(), branch.getThenOperands(),
                     *called.front())))
      return failure();
    return write(op.getElseCalls(), branch.getElseOperands(), *called.back());
  }

  LogicalResult writeLoop(edge::LoopOp loop, const MemoryPlan &plan,
                          const Frame &frame) {
    Location loc = loop.getLoc();
    const MemoryPlan &inner = *plan.called.find(loop)->second.front();
    LoopWorkspace places(loop, inner.arenaBytes);
    int64_t base = workspaceOf(loop, plan, frame);
    for (auto [initial, state] :
         llvm::zip(loop.getInitial(), loop.getResults()))
      writeCopy(loc, addressOf(initial, plan, frame),
                addressOf(state, plan, frame), tensorBytes(state.getType()));
    // Every iteration writes one row; there may be fewer than rows.
    for (Value result : loop.stacked()) {
      if (loop.getCount() || loop.getCondition() || loop.getHasCondition()) {
        rt::ZeroOp::create(b, loc, addressOf(result, plan, frame),
                           b.getI64IntegerAttr(tensorBytes(result.getType())));
      }
    }
    auto optionalAddress = [&](Value value) {
      return value ? addressOf(value, plan, frame) : rt::AddressAttr();
    };
    rt::AddressAttr counter = arenaAddress(base + places.counter),
                    goesOn = arenaAddress(base + places.goesOn);
    auto op = rt::LoopOp::create(
        b, loc, counter, loop.getTripsAttr(), optionalAddress(loop.getCount()),
        optionalAddress(loop.getCondition()),
        loop.getHasCondition() ? goesOn : rt::AddressAttr());
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&op.getCalls());

    Frame inside;
    inside.arena = base + places.arena;
    inside.inputs.push_back(counter);
    for (Value state : loop.getResults().take_front(loop.stateCount()))
      inside.inputs.push_back(addressOf(state, plan, frame));
    int64_t trips = std::max<int64_t>(loop.getTrips().value_or(1), 1);
    for (auto [sliced, place] :
         llvm::zip_equal(loop.getSliced(), places.rows)) {
      int64_t bytes = tensorBytes(sliced.getType()) / trips;
      rt::AddressAttr row = arenaAddress(base + place);
      writeCopy(loc, addressOf(sliced, plan, frame), row, bytes, bytes);
      inside.inputs.push_back(row);
    }
    for (Value capture : loop.getCaptures())
      inside.inputs.push_back(addressOf(capture, plan, frame));
    if (loop.getHasCondition())
      inside.outputs.push_back(goesOn);
    for (int64_t place : places.results)
      inside.outputs.push_back(arenaAddress(base + place));
    if (failed(write(inner, inside)))
      return failure();

    for (auto [index, result] : llvm::enumerate(loop.getResults())) {
      bool isState = index < loop.stateCount();
      int64_t bytes = tensorBytes(result.getType()) / (isState ? 1 : trips);
      writeCopy(loc, arenaAddress(base + places.results[index]),
                addressOf(result, plan, frame), bytes, 0, isState ? 0 : bytes);
    }
    return success();
  }
};

} // namespace

LogicalResult
edgec::writeProgram(OpBuilder &builder, const MemoryPlan &plan,
                    const llvm::StringMap<int64_t> &weightsOffsets) {
  return ProgramWriter(builder, weightsOffsets).write(plan, Frame());
}
