//===- NpuProgramTest.cpp - every micro-operation, bit for bit ------------===//
//
// Each operation runs on border values and random ones, in all combinations of
// its sources, and is compared with its definition in the data sheet, written
// here in wider integers and in double precision. The list of operations comes
// from the specification, so one without a definition here fails.
//
//===----------------------------------------------------------------------===//
#include "test/devices/NpuFixture.h"
#include <cfenv>
#include <cmath>
#include <functional>

using namespace edgec::test;

namespace {

using Definition = std::function<int64_t(int32_t, int32_t, int32_t)>;

float asFloat(int32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

int64_t floatBits(double exact) {
  // Sums and products of two floats need no more than 48 bits, or are found by
  // the same rounding: double has more than twice the bits and two to spare.
  float value = float(exact);
  if (std::isnan(value))
    return 0x7fc00000;
  int32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

int64_t roundEven(float value) {
  if (std::isnan(value))
    return INT32_MIN;
  double rounded = std::nearbyint(double(value));
  return rounded <= INT32_MIN   ? INT32_MIN
         : rounded >= INT32_MAX ? INT32_MAX
                                : int64_t(rounded);
}

/// value / 2^exponent, halves away from zero.
int64_t divideAwayFromZero(int64_t value, int exponent) {
  int64_t divisor = int64_t(1) << exponent;
  int64_t quotient = std::abs(value) / divisor;
  if (2 * (std::abs(value) % divisor) >= divisor && exponent > 0)
    ++quotient;
  return value < 0 ? -quotient : quotient;
}

int64_t floorDivide(__int128 value, int exponent) {
  __int128 divisor = __int128(1) << exponent;
  __int128 quotient = value / divisor;
  return int64_t(value % divisor < 0 ? quotient - 1 : quotient);
}

int64_t wrap(int64_t value) { return int32_t(uint32_t(uint64_t(value))); }

const std::map<unsigned, Definition> &definitions() {
  static const std::map<unsigned, Definition> table = {
      {NPU_MICRO_MOV, [](int32_t a, int32_t, int32_t) { return a; }},
      {NPU_MICRO_ADD,
       [](int64_t a, int64_t b, int32_t) { return wrap(a + b); }},
      {NPU_MICRO_SUB,
       [](int64_t a, int64_t b, int32_t) { return wrap(a - b); }},
      {NPU_MICRO_MUL,
       [](int64_t a, int64_t b, int32_t) { return wrap(a * b); }},
      {NPU_MICRO_DIV,
       [](int64_t a, int64_t b, int32_t) { return b ? wrap(a / b) : 0; }},
      {NPU_MICRO_MIN,
       [](int32_t a, int32_t b, int32_t) { return std::min(a, b); }},
      {NPU_MICRO_MAX,
       [](int32_t a, int32_t b, int32_t) { return std::max(a, b); }},
      {NPU_MICRO_SHL, [](int64_t a, uint32_t b,
                         int32_t) { return wrap(a * (int64_t(1) << b % 32)); }},
      {NPU_MICRO_SHR, [](int32_t a, uint32_t b,
                         int32_t) { return floorDivide(a, int(b % 32)); }},
      {NPU_MICRO_AND, [](int32_t a, int32_t b, int32_t) { return a & b; }},
      {NPU_MICRO_OR, [](int32_t a, int32_t b, int32_t) { return a | b; }},
      {NPU_MICRO_XOR, [](int32_t a, int32_t b, int32_t) { return a ^ b; }},
      {NPU_MICRO_NEG, [](int64_t a, int32_t, int32_t) { return wrap(-a); }},
      {NPU_MICRO_ABS,
       [](int64_t a, int32_t, int32_t) { return wrap(std::abs(a)); }},
      {NPU_MICRO_RESCALE_DOUBLE,
       [](int64_t a, int64_t b, uint32_t c) {
         int64_t high = wrap(floorDivide(__int128(a) * b + (1 << 30), 31));
         return wrap(divideAwayFromZero(high, int(c % 32)));
       }},
      {NPU_MICRO_RESCALE_SINGLE,
       [](int64_t a, int64_t b, uint32_t c) {
         int shift = 31 + int(c % 32);
         return wrap(floorDivide(__int128(a) * b + (__int128(1) << (shift - 1)),
                                 shift));
       }},
      {NPU_MICRO_REQUANTIZE,
       [](int32_t a, int32_t b, int32_t) {
         return roundEven(float(double(float(a)) * double(asFloat(b))));
       }},
      {NPU_MICRO_TO_FLOAT,
       [](int32_t a, int32_t, int32_t) { return floatBits(a); }},
      {NPU_MICRO_FMUL,
       [](int32_t a, int32_t b, int32_t) {
         return floatBits(double(asFloat(a)) * double(asFloat(b)));
       }},
      {NPU_MICRO_FADD,
       [](int32_t a, int32_t b, int32_t) {
         return floatBits(double(asFloat(a)) + double(asFloat(b)));
       }},
      {NPU_MICRO_FSUB,
       [](int32_t a, int32_t b, int32_t) {
         return floatBits(double(asFloat(a)) - double(asFloat(b)));
       }},
      {NPU_MICRO_FDIV,
       [](int32_t a, int32_t b, int32_t) {
         return floatBits(double(asFloat(a)) / double(asFloat(b)));
       }},
      {NPU_MICRO_ROUND_EVEN,
       [](int32_t a, int32_t, int32_t) { return roundEven(asFloat(a)); }},
      {NPU_MICRO_SEXT8, [](int32_t a, int32_t, int32_t) { return int8_t(a); }},
      {NPU_MICRO_ZEXT8, [](int32_t a, int32_t, int32_t) { return uint8_t(a); }},
      {NPU_MICRO_SEXT16,
       [](int32_t a, int32_t, int32_t) { return int16_t(a); }},
      {NPU_MICRO_ZEXT16,
       [](int32_t a, int32_t, int32_t) { return uint16_t(a); }},
      {NPU_MICRO_TABLE, // the table holds 3 * i - 100
       [](int32_t a, int32_t, int32_t) {
         return 3 * std::clamp(a, 0, 299) - 100;
       }},
  };
  return table;
}

int32_t bitsOf(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

/// Border values of integers and floats, and random ones.
std::vector<int32_t> interestingValues(std::mt19937 &random) {
  std::vector<int32_t> values = {0,
                                 1,
                                 -1,
                                 2,
                                 -2,
                                 30,
                                 31,
                                 32,
                                 127,
                                 128,
                                 -128,
                                 255,
                                 299,
                                 300,
                                 32767,
                                 -32768,
                                 65535,
                                 1 << 24,
                                 1 << 30,
                                 -(1 << 30),
                                 INT32_MAX,
                                 INT32_MIN,
                                 (1 << 24) + 1,
                                 INT32_MIN + 1};
  for (float value :
       {0.0f, -0.0f, 0.5f, 1.5f, 2.5f, -0.5f, -2.5f, 1e-40f, -1e-40f,
        8388607.5f, 2147483520.0f, 2147483648.0f, -2147483648.0f, 3e38f, -3e38f,
        1e-3f, INFINITY, -INFINITY, NAN})
    values.push_back(bitsOf(value));
  for (int i = 0; i < 20; ++i)
    values.push_back(int32_t(random()));
  for (int i = 0; i < 10; ++i)
    values.push_back(bitsOf(float(int32_t(random())) * 1e-9f));
  return values;
}

constexpr int64_t tableAddress = 60000, outputAddress = 48000,
                  chunk = 1000; // elements per command

unsigned sourcesOf(unsigned op) {
#define NPU_SOURCES(name, macro, code, sources) {code, sources},
  static const std::map<unsigned, unsigned> counts = {
      NPU_MICRO_OPERATIONS(NPU_SOURCES)};
#undef NPU_SOURCES
  return counts.at(op);
}

/// The operation with only the sources that it has.
Program operation(unsigned op) {
  unsigned sources = sourcesOf(op);
  return {micro(op, 7, 0, sources > 1 ? 1 : 0, sources > 2 ? 2 : 0),
          micro(NPU_MICRO_MOV, 0, 7)};
}

/// r0 := op(r0, r1, r2) on `count` elements at 0, 4000 and 8000.
void addOperation(Stream &stream, unsigned op, int64_t count) {
  stream.add(NPU_OPCODE_VECTOR, 0,
             {{"extent0", 1},
              {"extent1", 1},
              {"extent2", 1},
              {"extent3", count},
              {"operand0Dtype", NPU_DTYPE_I32},
              {"operand1Dtype", NPU_DTYPE_I32},
              {"operand2Dtype", NPU_DTYPE_I32},
              {"outputDtype", NPU_DTYPE_I32},
              {"operand0Address", 0},
              {"operand0Stride3", 4},
              {"operand1Address", 4 * chunk},
              {"operand1Stride3", 4},
              {"operand2Address", 8 * chunk},
              {"operand2Stride3", 4},
              {"outputAddress", outputAddress},
              {"outputStride3", 4},
              {"tableAddress", tableAddress},
              {"tableEntries", 300},
              {"tableDtype", NPU_DTYPE_I16}},
             operation(op));
}

struct Triple {
  int32_t a, b, c;
};

std::vector<int32_t> runOperation(unsigned op, const std::vector<Triple> &in) {
  NpuParameters machine;
  Npu npu(machine);
  Stream stream(machine);
  Bytes table;
  for (int i = 0; i < 300; ++i) {
    table.push_back(uint8_t(3 * i - 100));
    table.push_back(uint8_t((3 * i - 100) >> 8));
  }
  npu.buffers[Constants] = table;
  npu.buffers[Input].clear();
  npu.buffers[Output].resize(in.size() * 4);
  stream.load(Constants, 0, tableAddress, 600);
  for (size_t first = 0; first < in.size(); first += chunk) {
    size_t count = std::min(size_t(chunk), in.size() - first);
    Bytes &data = npu.buffers[Input];
    auto base = int64_t(data.size());
    for (int operand = 0; operand < 3; ++operand)
      for (size_t i = 0; i < chunk; ++i) {
        const Triple &t = in[first + std::min(i, count - 1)];
        appendI32(data, operand == 0 ? t.a : operand == 1 ? t.b : t.c);
      }
    stream.order(NPU_UNIT_VECTOR, NPU_UNIT_LOAD);
    stream.load(Input, base, 0, 12 * chunk);
    stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
    stream.order(NPU_UNIT_STORE, NPU_UNIT_VECTOR);
    addOperation(stream, op, int64_t(count));
    stream.order(NPU_UNIT_VECTOR, NPU_UNIT_STORE);
    stream.store(Output, int64_t(4 * first), outputAddress, int64_t(4 * count));
  }
  stream.end();
  EXPECT_EQ(npu.run(stream.finish()), EDGE_NPU_OK) << npu.error.text;
  std::vector<int32_t> result(in.size());
  std::memcpy(result.data(), npu.buffers[Output].data(), 4 * in.size());
  return result;
}

void checkOperation(const char *name, unsigned op) {
  SCOPED_TRACE(name);
  ASSERT_TRUE(definitions().count(op)) << "no definition in this test";
  const Definition &define = definitions().at(op);
  std::mt19937 random(op);
  std::vector<int32_t> values = interestingValues(random);
  std::vector<Triple> in;
  for (int32_t a : values)
    for (int32_t b : values) {
      if (sourcesOf(op) < 3) {
        in.push_back({a, b, 0});
        continue;
      }
      for (int32_t c : {0, 1, 7, 24, 31, 32, -1, int32_t(random())})
        in.push_back({a, b, c});
    }
  std::vector<int32_t> results = runOperation(op, in);
  for (size_t i = 0; i < in.size(); ++i) {
    const auto &[a, b, c] = in[i];
    ASSERT_EQ(results[i], int32_t(define(a, b, c)))
        << name << "(" << a << ", " << b << ", " << c << ")";
  }
}

} // namespace

TEST(NpuProgram, EveryOperation) {
#define NPU_CHECK(name, macro, code, sources)                                  \
  if (code != NPU_MICRO_CONST)                                                 \
    checkOperation(#name, code);
  NPU_MICRO_OPERATIONS(NPU_CHECK)
#undef NPU_CHECK
}

/// `elements` of a type to i8 by `program`, with parameters p0 and p1.
static Bytes runBytes(const Program &program, int result, int64_t count) {
  NpuParameters machine;
  Npu npu(machine);
  Stream stream(machine);
  npu.buffers[Input].clear();
  for (int64_t i = 0; i < count; ++i)
    npu.buffers[Input].push_back(uint8_t(i));
  npu.buffers[Constants].clear();
  for (int64_t j = 0; j < 2; ++j)
    for (int64_t i = 0; i < count; ++i)
      appendI32(npu.buffers[Constants], j ? -i : 1000 * i);
  npu.buffers[Output].assign(size_t(4 * count), 0);
  stream.load(Input, 0, 0, count);
  stream.load(Constants, 0, 4096, 8 * count);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  stream.add(NPU_OPCODE_VECTOR, 0,
             {{"extent0", 1},
              {"extent1", 1},
              {"extent2", 1},
              {"extent3", count},
              {"operand0Dtype", NPU_DTYPE_I8},
              {"operand0Stride3", 1},
              {"outputDtype", NPU_DTYPE_I32},
              {"outputAddress", 32768},
              {"outputStride3", 4},
              {"parametersAddress", 4096},
              {"parametersStride", count},
              {"resultRegister", result}},
             program);
  stream.order(NPU_UNIT_VECTOR, NPU_UNIT_STORE);
  stream.store(Output, 0, 32768, 4 * count);
  stream.end();
  EXPECT_EQ(npu.run(stream.finish()), EDGE_NPU_OK) << npu.error.text;
  return npu.buffers[Output];
}

static int64_t resultAt(const Bytes &bytes, int64_t i) {
  return readElement(&bytes[size_t(4 * i)], NPU_DTYPE_I32);
}

TEST(NpuProgram, ConstantsParametersAndResultRegister) {
  // More channels than lanes, so that parameters are reloaded.
  Bytes out = runBytes(
      {microConst(3, -77), micro(NPU_MICRO_ADD, 4, parameter(0), parameter(1)),
       micro(NPU_MICRO_ADD, 9, 4, 3), micro(NPU_MICRO_ADD, 9, 9, 0),
       micro(NPU_MICRO_MOV, 0, 3)},
      9, 700);
  for (int64_t i = 0; i < 700; ++i)
    ASSERT_EQ(resultAt(out, i), 1000 * i - i - 77 + int8_t(i)) << i;
}

TEST(NpuProgram, RegistersStartAtZero) {
  // r5 accumulates over a program that runs in several chunks of lanes.
  Bytes out = runBytes({micro(NPU_MICRO_ADD, 5, 5, 0)}, 5, 600);
  for (int64_t i = 0; i < 600; ++i)
    ASSERT_EQ(resultAt(out, i), int8_t(i)) << i;
  out = runBytes({}, 12, 300);
  EXPECT_EQ(resultAt(out, 299), 0);
}

/// A source that is also the destination is read before it is written.
TEST(NpuProgram, OperationsInPlace) {
  Bytes out =
      runBytes({micro(NPU_MICRO_MUL, 0, 0, 0), micro(NPU_MICRO_SUB, 0, 0, 0),
                micro(NPU_MICRO_ADD, 0, 0, parameter(0))},
               0, 40);
  EXPECT_EQ(resultAt(out, 39), 39000);
}
