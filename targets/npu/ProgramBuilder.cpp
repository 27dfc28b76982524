//===- ProgramBuilder.cpp - elementwise operators as micro-operations -----===//
//
// One case per operator, on symbols with bounds; AssignRegisters.cpp gives them
// registers in the end.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/ProgramBuilder.h"

#include "dialects/edge/Integer.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::npu;

Element edgec::npu::elementOf(Type type) {
  if (type.isF32())
    return Element::i32;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return Element::none;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return Element::u8;
  case 8:
    return isUnsigned ? Element::u8 : Element::i8;
  case 16:
    return isUnsigned ? Element::u16 : Element::i16;
  case 32:
    return isUnsigned ? Element::none : Element::i32;
  default:
    return Element::none;
  }
}

Bounds edgec::npu::boundsOf(Type type) {
  switch (type.isInteger(1) ? Element::none : elementOf(type)) {
  case Element::none:
    return {0, 1};
  case Element::i8:
    return {-128, 127};
  case Element::u8:
    return {0, 255};
  case Element::i16:
    return {-32768, 32767};
  case Element::u16:
    return {0, 65535};
  case Element::i32:
    return {};
  }
  return {};
}

static bool fitsWord(Bounds bounds) {
  return bounds.low >= INT32_MIN && bounds.high <= INT32_MAX;
}

/// Bounds of a result that wraps when it does not fit.
static Bounds wrapped(Bounds bounds) {
  return fitsWord(bounds) ? bounds : Bounds();
}

//===-- Values ------------------------------------------------------------===//

void ProgramBuilder::bindInput(Value value, unsigned index, Bounds bounds) {
  values[value] = {Kind::input, int64_t(index), bounds};
  inputs = std::max(inputs, index + 1);
}

/// Element `index` of integers of any width, or of floats as their bits.
static std::optional<int32_t> wordAt(const ConstantData &data, int64_t index) {
  Type type = data.getType().getElementType();
  Element element = elementOf(type);
  if (element == Element::none || type.isInteger(1))
    return std::nullopt;
  const char *at =
      data.getBytes() + (data.isSplat() ? 0 : index * data.getElementBytes());
  auto read = [&](auto number) {
    std::memcpy(&number, at, sizeof(number));
    return int32_t(number);
  };
  switch (element) {
  case Element::i8:
    return read(int8_t());
  case Element::u8:
    return read(uint8_t());
  case Element::i16:
    return read(int16_t());
  case Element::u16:
    return read(uint16_t());
  default:
    return read(int32_t());
  }
}

bool ProgramBuilder::bindConstant(Value value, const ConstantData &data) {
  ArrayRef<int64_t> shape = data.getType().getShape();
  int64_t count = data.getNumElements();
  bool perChannel =
      count == channels && !shape.empty() && shape.back() == channels;
  if (!data.isSplat() && count != 1 && !perChannel)
    return false;
  std::vector<int32_t> numbers;
  for (int64_t i = 0; i < (data.isSplat() ? 1 : count); ++i) {
    std::optional<int32_t> word = wordAt(data, i);
    if (!word)
      return false;
    numbers.push_back(*word);
  }
  if (llvm::all_equal(numbers))
    values[value] = constant(numbers.front());
  else
    values[value] = addParameter(std::move(numbers));
  return true;
}

ProgramBuilder::Symbol
ProgramBuilder::addParameter(std::vector<int32_t> numbers) {
  auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  Bounds bounds = {*low, *high};
  auto known = llvm::find(parameters, numbers);
  int64_t index = known - parameters.begin();
  if (known == parameters.end())
    parameters.push_back(std::move(numbers));
  return {Kind::parameter, index, bounds};
}

void ProgramBuilder::addParameter(Value value, std::vector<int32_t> numbers,
                                  Bounds result) {
  Symbol bias = llvm::all_equal(numbers) ? constant(numbers.front())
                                         : addParameter(std::move(numbers));
  Symbol sum = add(values[value], bias);
  sum.bounds = wrapped(result);
  values[value] = sum;
}

ProgramBuilder::Symbol
ProgramBuilder::emit(MicroOp op, ArrayRef<Symbol> sources, Bounds bounds) {
  Node node{op, {}};
  llvm::copy(sources, node.sources);
  nodes.push_back(node);
  return {Kind::node, int64_t(nodes.size()) - 1, bounds};
}

//===-- Arithmetic --------------------------------------------------------===//

ProgramBuilder::Symbol ProgramBuilder::add(Symbol a, Symbol b) {
  if (a.kind == Kind::constant && b.kind == Kind::constant)
    return constant(int32_t(uint32_t(a.number) + uint32_t(b.number)));
  if (b.kind == Kind::constant && b.number == 0)
    return a;
  if (a.kind == Kind::constant && a.number == 0)
    return b;
  return emit(
      MicroOp::add, {a, b},
      wrapped({a.bounds.low + b.bounds.low, a.bounds.high + b.bounds.high}));
}

ProgramBuilder::Symbol ProgramBuilder::subtract(Symbol a, Symbol b) {
  if (b.kind == Kind::constant && b.number == 0)
    return a;
  return emit(
      MicroOp::sub, {a, b},
      wrapped({a.bounds.low - b.bounds.high, a.bounds.high - b.bounds.low}));
}

ProgramBuilder::Symbol ProgramBuilder::multiply(Symbol a, Symbol b) {
  if (b.kind == Kind::constant && b.number == 1)
    return a;
  int64_t products[] = {
      a.bounds.low * b.bounds.low, a.bounds.low * b.bounds.high,
      a.bounds.high * b.bounds.low, a.bounds.high * b.bounds.high};
  return emit(
      MicroOp::mul, {a, b},
      wrapped({*llvm::min_element(products), *llvm::max_element(products)}));
}

ProgramBuilder::Symbol ProgramBuilder::minimum(Symbol a, Symbol b) {
  if (a.bounds.high <= b.bounds.low)
    return a;
  if (b.bounds.high <= a.bounds.low)
    return b;
  return emit(MicroOp::min, {a, b},
              {std::min(a.bounds.low, b.bounds.low),
               std::min(a.bounds.high, b.bounds.high)});
}

ProgramBuilder::Symbol ProgramBuilder::maximum(Symbol a, Symbol b) {
  if (a.bounds.low >= b.bounds.high)
    return a;
  if (b.bounds.low >= a.bounds.high)
    return b;
  return emit(MicroOp::max, {a, b},
              {std::max(a.bounds.low, b.bounds.low),
               std::max(a.bounds.high, b.bounds.high)});
}

/// The low bits that the type keeps, extended as the type's sign asks.
ProgramBuilder::Symbol ProgramBuilder::wrap(Symbol value, Type type) {
  Bounds kept = boundsOf(type);
  if (type.isInteger(1)) {
    if (value.bounds.low >= 0 && value.bounds.high <= 1)
      return value;
    return emit(MicroOp::and_, {value, constant(1)}, kept);
  }
  if (value.bounds.low >= kept.low && value.bounds.high <= kept.high)
    return value;
  switch (elementOf(type)) {
  case Element::i8:
    return emit(MicroOp::sext8, {value}, kept);
  case Element::u8:
    return emit(MicroOp::zext8, {value}, kept);
  case Element::i16:
    return emit(MicroOp::sext16, {value}, kept);
  case Element::u16:
    return emit(MicroOp::zext16, {value}, kept);
  default:
    return value;
  }
}

ProgramBuilder::Symbol ProgramBuilder::isNonzero(Symbol a) {
  // Either a or -a has its sign bit set, unless a is 0.
  Symbol either = emit(MicroOp::or_, {a, emit(MicroOp::neg, {a})});
  Symbol sign = emit(MicroOp::shr, {either, constant(31)}, {-1, 0});
  return emit(MicroOp::and_, {sign, constant(1)}, {0, 1});
}

ProgramBuilder::Symbol ProgramBuilder::less(Symbol a, Symbol b) {
  if (fitsWord({a.bounds.low - b.bounds.high, a.bounds.high - b.bounds.low})) {
    Symbol sign = emit(MicroOp::shr, {subtract(a, b), constant(31)}, {-1, 0});
    return emit(MicroOp::and_, {sign, constant(1)}, {0, 1});
  }
  Symbol smaller = emit(MicroOp::min, {a, b});
  return isNonzero(emit(MicroOp::xor_, {smaller, b}));
}

std::optional<ProgramBuilder::Symbol>
ProgramBuilder::shift(Symbol a, Symbol count, bool left) {
  if (count.kind == Kind::constant && count.number >= 32) {
    if (left)
      return constant(0);
    count = constant(31);
  }
  if (count.bounds.low < 0 || count.bounds.high > 31)
    return std::nullopt;
  if (count.kind == Kind::constant && count.number == 0)
    return a;
  if (left) {
    int64_t factor = int64_t(1) << count.bounds.high;
    return emit(
        MicroOp::shl, {a, count},
        wrapped({std::min<int64_t>(a.bounds.low, a.bounds.low * factor),
                 std::max<int64_t>(a.bounds.high, a.bounds.high * factor)}));
  }
  return emit(MicroOp::shr, {a, count},
              {std::min<int64_t>(a.bounds.low, 0),
               std::max<int64_t>(a.bounds.high, 0)});
}

std::optional<ProgramBuilder::Symbol> ProgramBuilder::divide(Symbol a,
                                                             Symbol by) {
  // Other divisors may be 0, whose quotients nobody defines.
  if (by.kind != Kind::constant || by.number < 1)
    return std::nullopt;
  if (by.number == 1)
    return a;
  return emit(MicroOp::div, {a, by},
              {a.bounds.low / by.number, a.bounds.high / by.number});
}

//===-- Operators ---------------------------------------------------------===//

std::optional<ProgramBuilder::Symbol>
ProgramBuilder::requantize(Operation &op, std::string &reason) {
  auto requantize = cast<edge::RequantizeOp>(op);
  Symbol x = values[requantize.getX()];
  auto low = int64_t(requantize.getLow()), high = int64_t(requantize.getHigh()),
       zero = int64_t(requantize.getZeroPoint());
  bool real = requantize.getX().getType().getElementType().isF32();
  Symbol rounded = x;
  if (Value factor = requantize.getFactor()) {
    Symbol f = values[factor];
    rounded = real ? emit(MicroOp::round_even, {emit(MicroOp::fmul, {x, f})})
                   : emit(MicroOp::requantize, {x, f});
  } else if (real) {
    rounded = emit(MicroOp::round_even, {x});
  }
  // Clamped before the zero point is added, so that the sum cannot wrap.
  return add(
      minimum(maximum(rounded, constant(low - zero)), constant(high - zero)),
      constant(zero));
}

std::optional<ProgramBuilder::Symbol> ProgramBuilder::convert(Operation &op,
                                                              Symbol x) {
  Type from = getElementTypeOrSelf(op.getOperand(0)),
       to = getElementTypeOrSelf(op.getResult(0));
  if (from == to)
    return x;
  if (to.isF32() && !from.isF32())
    return emit(MicroOp::to_float, {x});
  if (from.isF32() || to.isF32())
    return std::nullopt;
  if (to.isInteger(1) && !from.isInteger(1))
    return isNonzero(x);
  return wrap(x, to);
}

std::optional<ProgramBuilder::Symbol>
ProgramBuilder::binary(Operation &op, Symbol a, Symbol b) {
  using Result = std::optional<Symbol>;
  Bounds any;
  return TypeSwitch<Operation *, Result>(&op)
      .Case([&](edge::AddOp) { return add(a, b); })
      .Case([&](edge::SubOp) { return subtract(a, b); })
      .Case([&](edge::MulOp) { return multiply(a, b); })
      .Case([&](edge::MinOp) { return minimum(a, b); })
      .Case([&](edge::MaxOp) { return maximum(a, b); })
      .Case([&](edge::DivOp) { return divide(a, b); })
      .Case([&](edge::AndOp) { return emit(MicroOp::and_, {a, b}, any); })
      .Case([&](edge::OrOp) { return emit(MicroOp::or_, {a, b}, any); })
      .Case([&](edge::XorOp) { return emit(MicroOp::xor_, {a, b}, any); })
      .Case([&](edge::ShiftLeftOp) { return shift(a, b, true); })
      .Case([&](edge::ShiftRightOp) { return shift(a, b, false); })
      .Case([&](edge::LessOp) { return less(a, b); })
      .Case([&](edge::LessEqualOp) {
        return emit(MicroOp::xor_, {less(b, a), constant(1)}, {0, 1});
      })
      .Case([&](edge::EqualOp) {
        Symbol differ = isNonzero(emit(MicroOp::xor_, {a, b}));
        return emit(MicroOp::xor_, {differ, constant(1)}, {0, 1});
      })
      .Default(Result());
}

std::optional<ProgramBuilder::Symbol> ProgramBuilder::unary(Operation &op,
                                                            Symbol x) {
  using Result = std::optional<Symbol>;
  int64_t largest = std::max(-x.bounds.low, x.bounds.high);
  Bounds magnitude = x.bounds.low <= INT32_MIN ? Bounds() : Bounds{0, largest};
  return TypeSwitch<Operation *, Result>(&op)
      .Case([&](edge::NegOp) {
        return emit(MicroOp::neg, {x},
                    wrapped({-x.bounds.high, -x.bounds.low}));
      })
      .Case([&](edge::AbsOp) { return emit(MicroOp::abs, {x}, magnitude); })
      .Case([&](edge::NotOp) { return emit(MicroOp::xor_, {x, constant(-1)}); })
      .Case([&](edge::ReluOp) { return maximum(x, constant(0)); })
      .Case([&](edge::CopyOp) { return x; })
      .Case([&](edge::CastOp op) { return convert(*op, x); })
      .Default(Result());
}

/// The operation in float32 that an operator on real numbers is.
static std::optional<MicroOp> realArithmetic(Operation &op) {
  using Result = std::optional<MicroOp>;
  return TypeSwitch<Operation *, Result>(&op)
      .Case([](edge::AddOp) { return MicroOp::fadd; })
      .Case([](edge::SubOp) { return MicroOp::fsub; })
      .Case([](edge::MulOp) { return MicroOp::fmul; })
      .Case([](edge::DivOp) { return MicroOp::fdiv; })
      .Default(Result());
}

bool ProgramBuilder::translate(Operation &op, std::string &reason) {
  auto refuse = [&] {
    reason = "it has no form of '" + op.getName().getStringRef().str() +
             "' for these operands";
    return false;
  };
  if (op.getNumResults() != 1)
    return refuse();
  Type type = getElementTypeOrSelf(op.getResult(0));
  SmallVector<Symbol> sources;
  bool real = type.isF32();
  for (Value operand : op.getOperands()) {
    auto known = values.find(operand);
    if (known == values.end()) {
      reason = "an operand of '" + op.getName().getStringRef().str() +
               "' is of another shape or kind than it can read";
      return false;
    }
    sources.push_back(known->second);
    real |= getElementTypeOrSelf(operand).isF32();
  }
  std::optional<MicroOp> realOp = realArithmetic(op);
  bool knowsReal =
      realOp || isa<edge::RequantizeOp, edge::CopyOp, edge::CastOp>(op);
  if (elementOf(type) == Element::none || (real && !knowsReal)) {
    std::string text;
    llvm::raw_string_ostream(text)
        << (real ? Type(Float32Type::get(op.getContext())) : type);
    reason = "it has no form of '" + op.getName().getStringRef().str() +
             "' on " + text;
    return false;
  }

  std::optional<Symbol> result;
  if (isa<edge::RequantizeOp>(op)) {
    result = requantize(op, reason);
  } else if (isa<edge::RescaleOp>(op)) {
    bool isDouble = cast<edge::RescaleOp>(op).getRounding() ==
                    edge::Rounding::double_rounding;
    result = emit(isDouble ? MicroOp::rescale_double : MicroOp::rescale_single,
                  sources);
  } else if (isa<edge::SelectOp>(op)) {
    Symbol mask = emit(MicroOp::neg, {sources[0]}, {-1, 0});
    Symbol differ = emit(MicroOp::xor_, {sources[1], sources[2]});
    result =
        emit(MicroOp::xor_, {emit(MicroOp::and_, {differ, mask}), sources[2]},
             {std::min(sources[1].bounds.low, sources[2].bounds.low),
              std::max(sources[1].bounds.high, sources[2].bounds.high)});
  } else if (real && realOp) {
    result = emit(*realOp, sources);
  } else if (sources.size() == 2) {
    result = binary(op, sources[0], sources[1]);
  } else if (sources.size() == 1) {
    result = unary(op, sources[0]);
  }
  if (!result)
    return refuse();
  values[op.getResult(0)] = type.isF32() ? *result : wrap(*result, type);
  return true;
}

bool ProgramBuilder::translateLookup(Value result, Value x,
                                     const ConstantData &data,
                                     std::string &reason) {
  Type from = getElementTypeOrSelf(x);
  Element element = elementOf(data.getType().getElementType());
  if (!table.empty() || element == Element::none || data.isSplat()) {
    reason = "its output pipeline has one table of integers of 8 to 32 bits";
    return false;
  }
  table.assign(data.getBytes(), data.getBytes() + 256 * bytesOf(element));
  tableElement = element;
  Symbol entry = add(values[x], constant(-boundsOf(from).low));
  Bounds bounds = boundsOf(data.getType().getElementType());
  values[result] = emit(MicroOp::table, {entry}, bounds);
  return true;
}
