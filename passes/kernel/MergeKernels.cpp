//===- MergeKernels.cpp - one function for kernels of many sizes ----------===//
//
// A model for many sizes has as many functions for each of its kernels, which
// differ in constants only: bounds of loops, strides, divisors. Beyond a few,
// one function takes these constants from its callers:
//
//   func @kernel_0(..., %begin, %end) { scf.for %i = 0 to 128 ... }
//   func @kernel_9(..., %begin, %end) { scf.for %i = 0 to 127 ... }
//   rt.launch @kernel_9(%x)
// becomes
//   func @kernel_0(..., %begin, %end, %p: index) { scf.for %i = 0 to %p ... }
//   rt.launch @kernel_0(%x) {constants = array<i64: 127>}
//
// Nothing is assumed of what the constants mean: with its own constants each
// function is what it was.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Variant.h"
#include "dialects/rt/Rt.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/Passes.h"
#include "llvm/ADT/StringSet.h"
#include <map>

namespace edgec {
#define GEN_PASS_DEF_MERGEKERNELS
#include "passes/kernel/Passes.h.inc"
} // namespace edgec

using namespace mlir;
using namespace edgec;

namespace {

/// A function without its constants: equal keys are equal functions but for
/// them. `uses` are the operands that are constants, in the order of the walk.
struct Outline {
  std::vector<uintptr_t> key;
  SmallVector<OpOperand *> uses;
};

/// Functions of one key.
struct Group {
  SmallVector<func::FuncOp> functions;
  SmallVector<SmallVector<OpOperand *>> uses;
};

} // namespace

//===-- constants ---------------------------------------------------------===//

/// The number that a scalar constant or the elements of a splat are made of.
static std::optional<int64_t> bitsOf(Attribute value) {
  if (auto splat = dyn_cast<SplatElementsAttr>(value))
    value = splat.getSplatValue<Attribute>();
  APInt bits;
  if (auto integer = dyn_cast<IntegerAttr>(value))
    bits = integer.getValue();
  else if (auto real = dyn_cast<FloatAttr>(value))
    bits = real.getValue().bitcastToAPInt();
  else
    return std::nullopt;
  if (bits.getBitWidth() > 64)
    return std::nullopt;
  return bits.getSExtValue();
}

/// The constant behind an operand, if a launch could give it.
static arith::ConstantOp constantOf(Value value) {
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  return constant && bitsOf(constant.getValue()) ? constant : nullptr;
}

/// Whether parameters of 32 bits, which is an address on some machines, carry
/// these values of a type.
static bool fitsParameter(Type type, ArrayRef<int64_t> values) {
  Type scalar = getElementTypeOrSelf(type);
  bool isWide = scalar.isIndex() || scalar.getIntOrFloatBitWidth() > 32;
  return !isWide || llvm::all_of(values, [](int64_t value) {
    return value >= 0 && value <= INT32_MAX;
  });
}

/// A value of the constant's type from a parameter.
static Value fromParameter(OpBuilder &b, Location loc, Value parameter,
                           Type type) {
  if (auto vector = dyn_cast<VectorType>(type)) {
    Value scalar = fromParameter(b, loc, parameter, vector.getElementType());
    return vector::BroadcastOp::create(b, loc, vector, scalar);
  }
  if (type.isIndex())
    return parameter;
  Type integer = b.getIntegerType(type.getIntOrFloatBitWidth());
  Value bits = arith::IndexCastOp::create(b, loc, integer, parameter);
  return isa<FloatType>(type) ? arith::BitcastOp::create(b, loc, type, bits)
                              : bits;
}

//===-- outlines ----------------------------------------------------------===//

template <typename T> static uintptr_t address(T object) {
  return reinterpret_cast<uintptr_t>(object.getAsOpaquePointer());
}

/// Whether the operator means the same on a longer buffer.
static bool ignoresLength(Operation &op) {
  bool hasBuffer = llvm::any_of(op.getOperandTypes(), [](Type type) {
    return isa<BaseMemRefType>(type);
  });
  return !hasBuffer ||
         isa<memref::LoadOp, memref::StoreOp, memref::PrefetchOp,
             vector::LoadOp, vector::StoreOp, vector::MaskedLoadOp,
             vector::MaskedStoreOp, vector::GatherOp, vector::ScatterOp>(op);
}

namespace {
class OutlineWriter {
public:
  /// None for functions that are not to be merged.
  static std::optional<Outline> of(func::FuncOp function) {
    OutlineWriter writer;
    if (!function.isPrivate() || !llvm::hasSingleElement(function.getBody()) ||
        function.getNumResults() != 0)
      return std::nullopt;
    for (BlockArgument argument : function.getArguments()) {
      Type type = argument.getType();
      auto buffer = dyn_cast<MemRefType>(type);
      if (buffer && (buffer.getRank() != 1 || !buffer.hasStaticShape()))
        return std::nullopt;
      writer.addValue(argument, buffer ? buffer.getElementType() : type);
      writer.outline.key.push_back(
          address(function.getArgAttrDict(argument.getArgNumber())));
    }
    if (!writer.addBlock(function.getBody().front()))
      return std::nullopt;
    return std::move(writer.outline);
  }

private:
  Outline outline;
  DenseMap<Value, unsigned> numbers;

  void addValue(Value value, Type type) {
    numbers[value] = numbers.size();
    outline.key.push_back(address(type));
  }

  bool addBlock(Block &block) {
    for (Operation &op : block) {
      if (op.getNumResults() == 1 && constantOf(op.getResult(0)))
        continue;
      if (op.getNumSuccessors() != 0 || !ignoresLength(op))
        return false;
      outline.key.push_back(address(op.getName()));
      outline.key.push_back(address(op.getAttrDictionary()));
      for (OpOperand &operand : op.getOpOperands())
        addOperand(operand);
      for (Value result : op.getResults())
        addValue(result, result.getType());
      for (Region &region : op.getRegions()) {
        outline.key.push_back(region.getBlocks().size());
        for (Block &inner : region) {
          for (BlockArgument argument : inner.getArguments())
            addValue(argument, argument.getType());
          if (!addBlock(inner))
            return false;
        }
      }
    }
    return true;
  }

  void addOperand(OpOperand &operand) {
    bool isConstant = bool(constantOf(operand.get()));
    outline.key.push_back(isConstant);
    outline.key.push_back(isConstant ? address(operand.get().getType())
                                     : numbers.lookup(operand.get()));
    if (isConstant)
      outline.uses.push_back(&operand);
  }
};
} // namespace

//===-- the pass ----------------------------------------------------------===//

namespace {
struct MergeKernels : public edgec::impl::MergeKernelsBase<MergeKernels> {
  using MergeKernelsBase::MergeKernelsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    bool hasVariants = false;
    for (auto function : module.getOps<func::FuncOp>())
      hasVariants |= bool(edge::variantOf(function));
    if (!hasVariants)
      return markAllAnalysesPreserved();
    for (Group &group : collectGroups(module))
      if (group.functions.size() > size_t(mostAlike))
        merge(group);
    module.walk([&](rt::LaunchOp launch) {
      auto found = mergedInto.find(launch.getKernel());
      if (found == mergedInto.end())
        return;
      launch.setKernel(found->second.kernel);
      launch.setConstants(found->second.constants);
    });
    for (func::FuncOp function : dead)
      function.erase();
  }

private:
  /// More would cost a call more than the function is worth.
  static constexpr size_t mostParameters = 48;

  struct Target {
    std::string kernel;
    SmallVector<int64_t> constants;
  };
  llvm::StringMap<Target> mergedInto;
  SmallVector<func::FuncOp> dead;

  /// In the order in which their first functions stand.
  static std::vector<Group> collectGroups(ModuleOp module) {
    llvm::StringSet<> launched;
    module.walk(
        [&](rt::LaunchOp launch) { launched.insert(launch.getKernel()); });
    std::vector<Group> groups;
    std::map<std::vector<uintptr_t>, size_t> groupOf;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (!launched.contains(function.getName()))
        continue;
      std::optional<Outline> outline = OutlineWriter::of(function);
      if (!outline)
        continue;
      size_t index = groupOf.try_emplace(std::move(outline->key), groups.size())
                         .first->second;
      if (index == groups.size())
        groups.emplace_back();
      groups[index].functions.push_back(function);
      groups[index].uses.push_back(std::move(outline->uses));
    }
    return groups;
  }

  /// For each of the functions the bits of the constant that one use has.
  static std::vector<int64_t> bitsOfUse(const Group &group, size_t use) {
    std::vector<int64_t> bits;
    for (const auto &uses : group.uses)
      bits.push_back(*bitsOf(constantOf(uses[use]->get()).getValue()));
    return bits;
  }

  void merge(Group &group) {
    // Constants that change alike are one parameter.
    std::vector<std::vector<int64_t>> parameters;
    std::map<std::vector<int64_t>, unsigned> parameterOf;
    SmallVector<std::pair<OpOperand *, unsigned>> changing;
    for (auto [index, use] : llvm::enumerate(group.uses.front())) {
      std::vector<int64_t> bits = bitsOfUse(group, index);
      if (llvm::all_equal(bits))
        continue;
      if (!fitsParameter(use->get().getType(), bits))
        return;
      auto [entry, isNew] = parameterOf.try_emplace(bits, parameters.size());
      if (isNew)
        parameters.push_back(bits);
      changing.push_back({use, entry->second});
    }
    if (parameters.size() > mostParameters)
      return;
    func::FuncOp kept = group.functions.front();
    addParameters(kept, group.functions, parameters.size(), changing);
    for (auto [member, function] : llvm::enumerate(group.functions)) {
      Target &target = mergedInto[function.getName()];
      target.kernel = kept.getName().str();
      for (const std::vector<int64_t> &bits : parameters)
        target.constants.push_back(bits[member]);
      if (function != kept)
        dead.push_back(function);
    }
    numMerged += group.functions.size() - 1;
  }

  /// Gives `kept` buffers that are long enough for all of `functions`, and
  /// parameters in place of the constants of `changing`.
  static void
  addParameters(func::FuncOp kept, ArrayRef<func::FuncOp> functions,
                size_t parameters,
                ArrayRef<std::pair<OpOperand *, unsigned>> changing) {
    Block &body = kept.getBody().front();
    for (BlockArgument argument : body.getArguments()) {
      auto buffer = dyn_cast<MemRefType>(argument.getType());
      if (!buffer)
        continue;
      int64_t length = 0;
      for (func::FuncOp function : functions) {
        auto other = cast<MemRefType>(
            function.getArgumentTypes()[argument.getArgNumber()]);
        length = std::max(length, other.getNumElements());
      }
      argument.setType(
          MemRefType::Builder(buffer).setShape(ArrayRef<int64_t>(length)));
    }
    kept.setFunctionType(
        FunctionType::get(kept.getContext(), body.getArgumentTypes(), {}));
    OpBuilder b = OpBuilder::atBlockBegin(&body);
    unsigned first = body.getNumArguments();
    SmallVector<unsigned> places(parameters, first);
    SmallVector<Type> types(parameters, b.getIndexType());
    SmallVector<DictionaryAttr> attributes(parameters, b.getDictionaryAttr({}));
    SmallVector<Location> locations(parameters, kept.getLoc());
    // It fails only for types that a function cannot have.
    (void)kept.insertArguments(places, types, attributes, locations);
    std::map<std::pair<unsigned, uintptr_t>, Value> converted;
    for (auto [use, parameter] : changing) {
      Type type = use->get().getType();
      Value &value = converted[{parameter, address(type)}];
      if (!value)
        value = fromParameter(b, kept.getLoc(),
                              body.getArgument(first + parameter), type);
      use->set(value);
    }
    kept.walk([](arith::ConstantOp constant) {
      if (constant->use_empty())
        constant->erase();
    });
  }
};
} // namespace
