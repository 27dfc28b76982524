//===- LowerProgram.cpp - the host program as functions -------------------===//
//
// rt.program @m { rt.call @kernel_0 [<input, 0>, <arena, 64>] {extent = 8} }
//
// becomes
//
//   kernel_0's task   (args, begin, end): loads two addresses, calls kernel_0
//   section           (context, inputs, outputs, arena, team): the calls of an
//                     rt.section of which some are worth sharing
//   entry             (context, inputs, outputs, arena): one launch per call
//                     (LaunchCode.h) or section, in the branches and loops of
//                     rt.if and rt.loop
//
// and the descriptor. Every symbol but the descriptor's function is hidden and
// carries the model's name, so that models can be linked into one program.
//
//===----------------------------------------------------------------------===//
#include "dialects/rt/Jobs.h"
#include "runtime/include/edge/model.h"
#include "targets/cpu/Descriptor.h"
#include "targets/cpu/JobCalls.h"
#include "targets/cpu/LaunchCode.h"
#include "targets/cpu/Passes.h"
#include "targets/cpu/SectionTable.h"
#include "targets/cpu/UsedExtensions.h"
#include "targets/machines/Machine.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace edgec {
#define GEN_PASS_DEF_LOWERPROGRAM
#include "targets/cpu/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using namespace mlir;

namespace {

/// What a model's program and its variants' have in common.
struct SharedCode {
  llvm::StringMap<std::string> taskOfKernel;
  std::unique_ptr<LaunchCode> launches;
};

/// What the code of a function that makes calls works with.
struct Frame {
  Value context;
  /// The bases of the program's memories.
  Value bases[4];
  /// Where the arguments of a call are stored.
  Value args;
};

/// Writes one program's functions.
class ProgramLowering {
public:
  ProgramLowering(rt::ProgramOp program, SharedCode &shared)
      : program(program), module(program->getParentOfType<ModuleOp>()),
        symbols(module), b(program.getLoc(), program.getContext()),
        pointer(LLVM::LLVMPointerType::get(program.getContext())),
        model(rt::modelOf(program).str()), shared(shared),
        taskOfKernel(shared.taskOfKernel) {}

  LogicalResult run() {
    if (failed(makeTasks()))
      return failure();
    b.setInsertionPointToEnd(module.getBody());
    if (!shared.launches) {
      shared.launches = std::make_unique<LaunchCode>(module, model);
      shared.launches->launch();
    }
    makeEntry();
    return success();
  }

  std::string entryName() { return "edge_entry_" + program.getSymName().str(); }
  std::string weightsName() { return "edge_weights_" + model; }

private:
  rt::ProgramOp program;
  ModuleOp module;
  SymbolTable symbols;
  ImplicitLocOpBuilder b;
  LLVM::LLVMPointerType pointer;
  /// Kernels, tasks and weights belong to the model, whatever its sizes.
  std::string model;
  SharedCode &shared;
  llvm::StringMap<std::string> &taskOfKernel;
  LLVM::LLVMFuncOp entry;
  /// Of the function that is being written.
  Frame frame;
  /// Calls written so far: a call's number in the descriptor.
  int64_t callCount = 0;
  int64_t sectionCount = 0;
  /// Of a program that submits work to accelerators.
  std::optional<JobCalls> jobs;

  Value constant(int64_t value, unsigned bits = 64) {
    Type type = b.getIntegerType(bits);
    return LLVM::ConstantOp::create(b, type, b.getIntegerAttr(type, value));
  }

  LLVM::LLVMFuncOp function(llvm::StringRef name, Type result,
                            ArrayRef<Type> arguments) {
    auto type = LLVM::LLVMFunctionType::get(result, arguments);
    auto created = LLVM::LLVMFuncOp::create(b, name, type);
    created.setVisibility_(LLVM::Visibility::Hidden);
    return created;
  }

  /// Loads the pointer in slot `index` of an array of pointers.
  Value loadSlot(Value array, int64_t index) {
    Value slot = LLVM::GEPOp::create(b, pointer, pointer, array,
                                     ArrayRef<LLVM::GEPArg>{int32_t(index)});
    return LLVM::LoadOp::create(b, pointer, slot);
  }

  /// One task per kernel; kernels get their final names.
  LogicalResult makeTasks() {
    SmallVector<rt::CallOp> calls;
    program.walk([&](rt::CallOp call) { calls.push_back(call); });
    for (rt::CallOp call : calls) {
      llvm::StringRef name = call.getKernel();
      if (taskOfKernel.count(name))
        continue;
      auto kernel = symbols.lookup<LLVM::LLVMFuncOp>(name);
      unsigned buffers = call.getAddresses().size();
      size_t constants = call.getConstants().size();
      if (!kernel || kernel.getNumArguments() != buffers + 2 + constants)
        return call.emitOpError("C1: calls no lowered kernel with ")
               << buffers << " buffers and a range";
      for (unsigned i = 0; i < buffers; ++i) {
        if (kernel.getArgumentTypes()[i] != pointer)
          return call.emitOpError("C2: buffer ")
                 << i << " of kernel '" << name << "' is no pointer";
      }
      std::string number = name.str();
      llvm::StringRef suffix = number;
      suffix.consume_front("kernel_");
      std::string task = "edge_task_" + model + "_" + suffix.str();
      taskOfKernel[name] = task;
      b.setInsertionPointAfter(kernel);
      makeTask(task, kernel, buffers);
      kernel.setName("edge_kernel_" + model + "_" + suffix.str());
      kernel->removeAttr(SymbolTable::getVisibilityAttrName());
      kernel.setLinkage(LLVM::Linkage::External);
      kernel.setVisibility_(LLVM::Visibility::Hidden);
    }
    return success();
  }

  void makeTask(llvm::StringRef name, LLVM::LLVMFuncOp kernel,
                unsigned buffers) {
    OpBuilder::InsertionGuard guard(b);
    auto task = function(name, LLVM::LLVMVoidType::get(b.getContext()),
                         {pointer, b.getI64Type(), b.getI64Type()});
    Block *body = task.addEntryBlock(b);
    b.setInsertionPointToStart(body);
    SmallVector<Value> operands;
    for (unsigned i = 0; i < buffers; ++i)
      operands.push_back(loadSlot(body->getArgument(0), i));
    operands.push_back(body->getArgument(1));
    operands.push_back(body->getArgument(2));
    // Constants lie behind the buffers, as addresses.
    for (unsigned i = operands.size(); i < kernel.getNumArguments(); ++i) {
      operands.push_back(
          LLVM::PtrToIntOp::create(b, kernel.getArgumentTypes()[i],
                                   loadSlot(body->getArgument(0), i - 2)));
    }
    auto run = LLVM::CallOp::create(b, kernel, operands);
    // The kernel is renamed once its task exists.
    run.setCallee("edge_kernel_" + model + "_" +
                  name.drop_front(("edge_task_" + model + "_").size()).str());
    LLVM::ReturnOp::create(b, ValueRange());
  }

  void makeEntry() {
    OpBuilder::InsertionGuard guard(b);
    entry = function(entryName(), b.getI32Type(),
                     {pointer, pointer, pointer, pointer});
    Block *body = entry.addEntryBlock(b);
    b.setInsertionPointToStart(body);
    int64_t slots = slotsOf(program);
    bool hasJobs = false;
    program.walk([&](rt::SubmitJobOp job) {
      slots = std::max<int64_t>(slots, job.getAddresses().size());
      hasJobs = true;
    });
    frame = makeFrame(body, slots);
    if (hasJobs)
      jobs.emplace(b, entry);
    writeSteps(program.getBody().front(), constant(0));
    LLVM::ReturnOp::create(b, constant(0, 32));
  }

  /// The most buffers and constants that a call in `op` has.
  static int64_t slotsOf(Operation *op) {
    int64_t slots = 1;
    op->walk([&](rt::CallOp call) {
      slots = std::max<int64_t>(slots, call.getAddresses().size() +
                                           call.getConstants().size());
    });
    return slots;
  }

  /// The frame of a function that begins with an entry function's arguments.
  Frame makeFrame(Block *body, int64_t slots) {
    Frame made;
    made.context = body->getArgument(0);
    made.bases[static_cast<int>(rt::Space::input)] = body->getArgument(1);
    made.bases[static_cast<int>(rt::Space::output)] = body->getArgument(2);
    made.bases[static_cast<int>(rt::Space::arena)] = body->getArgument(3);
    if (program.getWeightsBytes() > 0)
      made.bases[static_cast<int>(rt::Space::weights)] =
          LLVM::AddressOfOp::create(b, pointer, weightsSymbol());
    made.args = LLVM::AllocaOp::create(b, pointer, pointer, constant(slots));
    return made;
  }

  /// `counter` is the iteration of the innermost loop around the steps.
  void writeSteps(Block &steps, Value counter) {
    for (Operation &op : steps) {
      if (auto call = dyn_cast<rt::CallOp>(op))
        writeCall(call);
      else if (auto section = dyn_cast<rt::SectionOp>(op))
        writeSection(section);
      else if (auto branch = dyn_cast<rt::IfOp>(op))
        writeIf(branch, counter);
      else if (auto loop = dyn_cast<rt::LoopOp>(op))
        writeLoop(loop);
      else if (auto copy = dyn_cast<rt::CopyOp>(op))
        writeCopy(copy, counter);
      else if (auto job = dyn_cast<rt::SubmitJobOp>(op))
        writeSubmit(job);
      else if (auto wait = dyn_cast<rt::WaitJobOp>(op))
        jobs->wait(static_cast<int64_t>(wait.getJob()));
      else if (auto zero = dyn_cast<rt::ZeroOp>(op)) {
        LLVM::CallOp::create(
            b, fillFunction(),
            ValueRange{resolve(zero.getTarget()), constant(zero.getBytes())});
      }
    }
  }

  void storeSlot(int32_t slot, Value value) {
    Value where = LLVM::GEPOp::create(b, pointer, pointer, frame.args,
                                      ArrayRef<LLVM::GEPArg>{slot});
    LLVM::StoreOp::create(b, value, where);
  }

  void writeSubmit(rt::SubmitJobOp job) {
    int32_t slot = 0;
    for (auto address : job.getAddresses().getAsRange<rt::AddressAttr>())
      storeSlot(slot++, resolve(address));
    jobs->submit(static_cast<int64_t>(job.getJob()), frame.args);
  }

  /// Stores the arguments of a call's task and returns the task.
  Value writeArguments(rt::CallOp call) {
    int32_t slot = 0;
    for (auto address : call.getAddresses().getAsRange<rt::AddressAttr>())
      storeSlot(slot++, resolve(address));
    for (int64_t value : call.getConstants()) {
      storeSlot(slot++, LLVM::IntToPtrOp::create(b, pointer, constant(value)));
    }
    return LLVM::AddressOfOp::create(b, pointer,
                                     taskOfKernel[call.getKernel()]);
  }

  void writeCall(rt::CallOp call) {
    Value task = writeArguments(call);
    LLVM::CallOp::create(
        b, shared.launches->launch(),
        ValueRange{frame.context, constant(callCount++, 32), task, frame.args,
                   constant(std::max<int64_t>(call.getExtent(), 1)),
                   constant(static_cast<int64_t>(call.getHandover()))});
  }

  /// A section is a function of its own: other threads run it, too. Without a
  /// call to share it is what its calls are.
  void writeSection(rt::SectionOp section) {
    auto calls = section.getCalls().getOps<rt::CallOp>();
    if (llvm::all_of(calls,
                     [](rt::CallOp call) { return call.getHandover() == 0; }))
      return writeSteps(section.getCalls().front(), Value());
    std::string name = "edge_section_" + program.getSymName().str() + "_" +
                       std::to_string(sectionCount++);
    SectionTable table = writeSectionTable(module, section, name);
    writeSectionFunction(section, name, table.rows);
    Value constants = LLVM::AddressOfOp::create(b, pointer, table.section);
    auto arguments = entry.getArguments();
    LLVM::CallOp::create(b, shared.launches->runSection(),
                         ValueRange{arguments[0], constants, arguments[1],
                                    arguments[2], arguments[3]});
  }

  void writeSectionFunction(rt::SectionOp section, llvm::StringRef name,
                            llvm::StringRef rows) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(module.getBody());
    auto made = function(name, LLVM::LLVMVoidType::get(b.getContext()),
                         {pointer, pointer, pointer, pointer, pointer});
    Block *body = made.addEntryBlock(b);
    b.setInsertionPointToStart(body);
    Frame outside = std::exchange(frame, makeFrame(body, slotsOf(section)));
    Value table = LLVM::AddressOfOp::create(b, pointer, rows);
    int32_t number = 0;
    for (auto call : section.getCalls().getOps<rt::CallOp>()) {
      Value task = writeArguments(call);
      Value row =
          LLVM::GEPOp::create(b, pointer, b.getI8Type(), table,
                              ArrayRef<LLVM::GEPArg>{number * sectionRowBytes});
      Value numbers = constant(int64_t(number++) << 32 | callCount++);
      LLVM::CallOp::create(b, shared.launches->sectionCall(),
                           ValueRange{frame.context, body->getArgument(4),
                                      numbers, task, frame.args, row});
    }
    LLVM::ReturnOp::create(b, ValueRange());
    frame = outside;
  }

  /// A byte of the program's memory as a condition.
  Value loadCondition(rt::AddressAttr address) {
    Value byte = LLVM::LoadOp::create(b, b.getI8Type(), resolve(address));
    return LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::ne, byte,
                                constant(0, 8));
  }

  void writeIf(rt::IfOp branch, Value counter) {
    Block *thenBlock = entry.addBlock(), *elseBlock = entry.addBlock(),
          *after = entry.addBlock();
    LLVM::CondBrOp::create(b, loadCondition(branch.getCondition()), thenBlock,
                           elseBlock);
    b.setInsertionPointToStart(thenBlock);
    writeSteps(branch.getThenCalls().front(), counter);
    LLVM::BrOp::create(b, after);
    b.setInsertionPointToStart(elseBlock);
    writeSteps(branch.getElseCalls().front(), counter);
    LLVM::BrOp::create(b, after);
    b.setInsertionPointToStart(after);
  }

  void writeLoop(rt::LoopOp loop) {
    Value limit = constant(static_cast<int64_t>(
        loop.getTrips().value_or(std::numeric_limits<int64_t>::max())));
    if (loop.getCount()) {
      Value count =
          LLVM::LoadOp::create(b, b.getI64Type(), resolve(*loop.getCount()));
      limit = LLVM::SMinOp::create(b, limit, count);
    }
    if (loop.getBegins())
      limit = LLVM::SelectOp::create(b, loadCondition(*loop.getBegins()), limit,
                                     constant(0));
    Block *head = entry.addBlock(), *body = entry.addBlock(),
          *after = entry.addBlock();
    BlockArgument index = head->addArgument(b.getI64Type(), b.getLoc());
    LLVM::BrOp::create(b, ValueRange{constant(0)}, head);
    b.setInsertionPointToStart(head);
    Value more =
        LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::slt, index, limit);
    LLVM::CondBrOp::create(b, more, body, after);
    b.setInsertionPointToStart(body);
    LLVM::StoreOp::create(b, index, resolve(loop.getCounter()));
    writeSteps(loop.getCalls().front(), index);
    Value next = LLVM::AddOp::create(b, index, constant(1));
    if (loop.getGoesOn()) {
      LLVM::CondBrOp::create(b, loadCondition(*loop.getGoesOn()), head,
                             ValueRange{next}, after, ValueRange{});
    } else {
      LLVM::BrOp::create(b, ValueRange{next}, head);
    }
    b.setInsertionPointToStart(after);
  }

  void writeCopy(rt::CopyOp copy, Value counter) {
    auto at = [&](rt::AddressAttr address, int64_t step) -> Value {
      Value base = resolve(address);
      if (step == 0)
        return base;
      Value offset = LLVM::MulOp::create(b, counter, constant(step));
      return LLVM::GEPOp::create(b, pointer, b.getI8Type(), base,
                                 ArrayRef<LLVM::GEPArg>{offset});
    };
    Value source = at(copy.getSource(), copy.getSourceStep());
    Value target = at(copy.getTarget(), copy.getTargetStep());
    LLVM::CallOp::create(b, copyFunction(),
                         ValueRange{target, source, constant(copy.getBytes())});
  }

  /// A function that writes each of its last argument's number of bytes at its
  /// first argument, as `element` says for the position; LLVM makes vectors of
  /// it.
  LLVM::LLVMFuncOp byteLoop(llvm::StringRef name, ArrayRef<Type> arguments,
                            llvm::function_ref<Value(Block *, Value)> element) {
    std::string symbol = (name + "_" + model).str();
    if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(symbol))
      return known;
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(module.getBody());
    auto made =
        function(symbol, LLVM::LLVMVoidType::get(b.getContext()), arguments);
    for (unsigned i = 0; i + 1 < arguments.size(); ++i)
      made.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                      b.getUnitAttr());
    Block *start = made.addEntryBlock(b), *head = made.addBlock(),
          *body = made.addBlock(), *after = made.addBlock();
    BlockArgument index = head->addArgument(b.getI64Type(), b.getLoc());
    b.setInsertionPointToStart(start);
    LLVM::BrOp::create(b, ValueRange{constant(0)}, head);
    b.setInsertionPointToStart(head);
    Value more = LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::slt, index,
                                      start->getArguments().back());
    LLVM::CondBrOp::create(b, more, body, after);
    b.setInsertionPointToStart(body);
    Value where =
        LLVM::GEPOp::create(b, pointer, b.getI8Type(), start->getArgument(0),
                            ArrayRef<LLVM::GEPArg>{index});
    LLVM::StoreOp::create(b, element(start, index), where);
    Value next = LLVM::AddOp::create(b, index, constant(1));
    LLVM::BrOp::create(b, ValueRange{next}, head);
    b.setInsertionPointToStart(after);
    LLVM::ReturnOp::create(b, ValueRange());
    return made;
  }

  /// (target, source, bytes)
  LLVM::LLVMFuncOp copyFunction() {
    return byteLoop("edge_copy", {pointer, pointer, b.getI64Type()},
                    [&](Block *start, Value index) -> Value {
                      Value from = LLVM::GEPOp::create(
                          b, pointer, b.getI8Type(), start->getArgument(1),
                          ArrayRef<LLVM::GEPArg>{index});
                      return LLVM::LoadOp::create(b, b.getI8Type(), from);
                    });
  }
  /// (target, bytes)
  LLVM::LLVMFuncOp fillFunction() {
    return byteLoop("edge_zero", {pointer, b.getI64Type()},
                    [&](Block *, Value) -> Value { return constant(0, 8); });
  }

  Value resolve(rt::AddressAttr address) {
    Value base = frame.bases[static_cast<int>(address.getSpace())];
    if (address.getSpace() == rt::Space::input ||
        address.getSpace() == rt::Space::output)
      return loadSlot(base, address.getValue());
    if (!base)
      return LLVM::ZeroOp::create(b, pointer);
    if (address.getValue() == 0)
      return base;
    // Offsets pass 2^31 for large models, so the index is a 64-bit value.
    return LLVM::GEPOp::create(
        b, pointer, b.getI8Type(), base,
        ArrayRef<LLVM::GEPArg>{constant(address.getValue())});
  }

  /// Declares the weights, which the artifact's writer defines.
  std::string weightsSymbol() {
    std::string name = weightsName();
    if (module.lookupSymbol(name))
      return name;
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(module.getBody());
    auto type =
        LLVM::LLVMArrayType::get(b.getI8Type(), program.getWeightsBytes());
    auto global =
        LLVM::GlobalOp::create(b, type, /*isConstant=*/true,
                               LLVM::Linkage::External, name, Attribute(), 64);
    global.setVisibility_(LLVM::Visibility::Hidden);
    return name;
  }
};

struct LowerProgram : edgec::impl::LowerProgramBase<LowerProgram> {
  using LowerProgramBase::LowerProgramBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto programs = llvm::to_vector(module.getOps<rt::ProgramOp>());
    if (programs.empty())
      return;
    schedule::MachineAttr machine = schedule::getMachine(module);
    if (!machine) {
      module.emitError("has no schedule.machine; run edge-attach-machine");
      return signalPassFailure();
    }
    llvm::Expected<std::vector<std::string>> extensions = requiredExtensions(
        machine.getTriple(), machine.getCpu(), machine.getFeatures());
    if (!extensions) {
      module.emitError(llvm::toString(extensions.takeError()));
      return signalPassFailure();
    }
    auto buildId = module->getAttrOfType<StringAttr>("rt.build_id");
    removeUnusedExtensions(module, *extensions);
    DescriptorOptions options{machine, *extensions,
                              buildId ? buildId.str() : ""};
    for (rt::ProgramOp program : programs) {
      if (rt::modelOf(program) != program.getSymName())
        continue;
      SharedCode shared;
      // The model itself, then its variants and alternatives.
      SmallVector<ProgramWithEntry> family;
      family.push_back({program, "", ""});
      for (rt::ProgramOp each : programs) {
        if (each != program && rt::modelOf(each) == program.getSymName())
          family.push_back({each, "", ""});
      }
      for (ProgramWithEntry &each : family) {
        ProgramLowering lowering(each.program, shared);
        each.entry = lowering.entryName();
        each.weights = lowering.weightsName();
        if (failed(lowering.run()))
          return signalPassFailure();
      }
      if (failed(buildDescriptor(family, options)))
        return signalPassFailure();
    }
    for (rt::ProgramOp program : programs)
      program.erase();
  }
};

} // namespace
