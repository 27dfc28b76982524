//===- EmulatorTest.cpp - the AMX that tests run on ----------------------===//
//
// Products of random tiles against plain loops, whose flushing and rounding is
// the processor's own; addresses against all registers; and real instructions:
// on a processor with AMX they test what the emulator must do.
//
//===----------------------------------------------------------------------===//
#include "test/amx/emulator.h"
#include "edge/model.h"
extern "C" {
#include "machine.h"
}
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <immintrin.h>
#include <random>
#include <thread>
#include <vector>

namespace {

using Engine = std::mt19937_64;
/// A tile as the 16 rows of 64 bytes that tilestored would write.
using Rows = std::vector<uint8_t>;

/// Shapes of the eight tiles.
struct Configuration {
  uint8_t bytes[64] = {1};

  Configuration &tile(int number, int rows, int rowBytes) {
    bytes[16 + 2 * number] = uint8_t(rowBytes);
    bytes[17 + 2 * number] = uint8_t(rowBytes >> 8);
    bytes[48 + number] = uint8_t(rows);
    return *this;
  }
  Configuration &byte(int at, uint8_t value) {
    bytes[at] = value;
    return *this;
  }
};

Rows randomBytes(Engine &engine, size_t size) {
  Rows bytes(size);
  for (uint8_t &byte : bytes)
    byte = uint8_t(engine());
  return bytes;
}

void putHalf(Rows &bytes, size_t at, float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bytes[2 * at] = uint8_t(bits >> 16);
  bytes[2 * at + 1] = uint8_t(bits >> 24);
}

float getHalf(const Rows &bytes, size_t at) {
  uint32_t bits = uint32_t(bytes[2 * at]) << 16 | uint32_t(bytes[2 * at + 1])
                                                      << 24;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

float getFloat(const Rows &bytes, size_t at) {
  float value;
  std::memcpy(&value, bytes.data() + 4 * at, sizeof value);
  return value;
}

//===-- products ---------------------------------------------------------===//

struct Product {
  int rows, columns, steps;
  Rows sums, left, right; // rows of 64 bytes each
};

Product randomProduct(Engine &engine) {
  Product p;
  p.rows = 1 + int(engine() % 16);
  p.columns = 1 + int(engine() % 16);
  p.steps = 1 + int(engine() % 16);
  p.sums = randomBytes(engine, 1024);
  p.left = randomBytes(engine, 1024);
  p.right = randomBytes(engine, 1024);
  return p;
}

/// Numbers of one size, or from all over the range: zeros, numbers without
/// leading bit, infinities and what is too large come up.
Product randomFloatProduct(Engine &engine, bool wild) {
  Product p = randomProduct(engine);
  auto number = [&](int most) {
    int exponent = wild ? int(engine() % (2 * most)) - most : 0;
    float mantissa = float(int64_t(engine() % 512) - 256) / 256;
    return std::ldexp(mantissa, exponent);
  };
  for (size_t i = 0; i < 512; ++i) {
    putHalf(p.left, i, number(100));
    putHalf(p.right, i, number(100));
  }
  for (size_t i = 0; i < 256; ++i) {
    float sum = number(140) * (1 + 0x1p-20f * float(engine() % 4096));
    std::memcpy(p.sums.data() + 4 * i, &sum, sizeof sum);
  }
  return p;
}

/// What the tile of sums is afterwards.
Rows multiply(const Product &p, amx_product product) {
  Rows result(1024);
  bool leftSigned = product == AMX_SSD || product == AMX_SUD,
       rightSigned = product == AMX_SSD || product == AMX_USD;
  auto factor = [](uint8_t byte, bool isSigned) {
    return int64_t(isSigned ? int8_t(byte) : byte);
  };
  for (int m = 0; m < p.rows; ++m) {
    for (int n = 0; n < p.columns; ++n) {
      int32_t start;
      std::memcpy(&start, &p.sums[64 * m + 4 * n], 4);
      int64_t sum = start;
      for (int k = 0; k < 4 * p.steps; ++k)
        sum += factor(p.left[64 * m + k], leftSigned) *
               factor(p.right[64 * (k / 4) + 4 * n + k % 4], rightSigned);
      auto wrapped = uint32_t(sum);
      std::memcpy(&result[64 * m + 4 * n], &wrapped, 4);
    }
  }
  return result;
}

/// The processor's own multiply-add, told to take and to give zeros for what
/// has no leading bit.
__attribute__((target("fma"))) Rows multiplyHalves(const Product &p) {
  constexpr unsigned flush = 0x8000, zeros = 0x40;
  unsigned control = _mm_getcsr();
  _mm_setcsr(control | flush | zeros);
  Rows result(1024);
  for (int m = 0; m < p.rows; ++m) {
    for (int n = 0; n < p.columns; ++n) {
      __m128 sums[2] = {_mm_setzero_ps(), _mm_setzero_ps()};
      for (int k = 0; k < 2 * p.steps; ++k) {
        __m128 x = _mm_set_ss(getHalf(p.left, 32 * m + k)),
               w = _mm_set_ss(getHalf(p.right, 32 * (k / 2) + 2 * n + k % 2));
        sums[k % 2] = _mm_fmadd_ss(x, w, sums[k % 2]);
      }
      __m128 both = _mm_add_ss(sums[0], sums[1]),
             start = _mm_set_ss(getFloat(p.sums, 16 * m + n));
      float total = _mm_cvtss_f32(_mm_add_ss(start, both));
      std::memcpy(&result[64 * m + 4 * n], &total, 4);
    }
  }
  _mm_setcsr(control);
  return result;
}

Configuration shapes(const Product &p) {
  return Configuration()
      .tile(2, p.rows, 4 * p.columns)
      .tile(4, p.rows, 4 * p.steps)
      .tile(7, p.steps, 4 * p.columns);
}

/// The first rows and columns are what counts; NaNs are alike.
void expectSame(const Product &p, const Rows &expected, const Rows &actual,
                bool isFloat) {
  for (int m = 0; m < p.rows; ++m) {
    for (int n = 0; n < p.columns; ++n) {
      bool same = std::memcmp(&expected[64 * m + 4 * n],
                              &actual[64 * m + 4 * n], 4) == 0 ||
                  (isFloat && std::isnan(getFloat(expected, 16 * m + n)) &&
                   std::isnan(getFloat(actual, 16 * m + n)));
      ASSERT_TRUE(same) << "row " << m << " column " << n << " of " << p.rows
                        << " x " << p.columns << " from " << p.steps << ": "
                        << getFloat(actual, 16 * m + n) << " instead of "
                        << getFloat(expected, 16 * m + n);
    }
  }
}

/// By tiles.c.
Rows multiplyInC(const Product &p, amx_product product) {
  amx_state state = {};
  EXPECT_STREQ(amx_load_configuration(&state, shapes(p).bytes), nullptr);
  EXPECT_STREQ(amx_load(&state, 2, p.sums.data(), 64), nullptr);
  EXPECT_STREQ(amx_load(&state, 4, p.left.data(), 64), nullptr);
  EXPECT_STREQ(amx_load(&state, 7, p.right.data(), 64), nullptr);
  EXPECT_STREQ(amx_multiply(&state, product, 2, 4, 7), nullptr);
  Rows result(1024);
  EXPECT_STREQ(amx_store(&state, 2, result.data(), 64), nullptr);
  return result;
}

TEST(AmxTiles, MultipliesBytes) {
  Engine engine(1);
  for (amx_product product : {AMX_SSD, AMX_SUD, AMX_USD, AMX_UUD}) {
    for (int trial = 0; trial < 50; ++trial) {
      Product p = randomProduct(engine);
      expectSame(p, multiply(p, product), multiplyInC(p, product), false);
    }
  }
}

TEST(AmxTiles, MultipliesHalves) {
  if (edge_machine_feature("fma") != EDGE_PRESENT)
    GTEST_SKIP() << "no fma to compare with";
  Engine engine(2);
  for (bool wild : {false, true}) {
    for (int trial = 0; trial < 200; ++trial) {
      Product p = randomFloatProduct(engine, wild);
      expectSame(p, multiplyHalves(p), multiplyInC(p, AMX_BF16), true);
    }
  }
}

TEST(AmxTiles, RefusesWhatTheProcessorWould) {
  auto fault = [](const Configuration &c) {
    amx_state state = {};
    const char *text = amx_load_configuration(&state, c.bytes);
    EXPECT_EQ(state.configured, 0);
    return std::string(text ? text : "");
  };
  EXPECT_EQ(fault(Configuration().byte(0, 2)), "no such palette");
  // Without a palette nothing is read.
  EXPECT_EQ(fault(Configuration().byte(0, 0).byte(5, 1)), "");
  for (int reserved : {2, 15, 32, 47, 56, 63})
    EXPECT_EQ(fault(Configuration().byte(reserved, 1)),
              "a reserved byte of the configuration is not zero");
  EXPECT_EQ(fault(Configuration().tile(3, 1, 65)),
            "a tile's rows have more than 64 bytes");
  EXPECT_EQ(fault(Configuration().tile(3, 1, 256)),
            "a tile's rows have more than 64 bytes");
  EXPECT_EQ(fault(Configuration().tile(3, 17, 4)),
            "a tile has more than 16 rows");
  for (auto [rows, bytes] : {std::pair(0, 4), std::pair(4, 0)})
    EXPECT_EQ(fault(Configuration().tile(7, rows, bytes)),
              "a tile has rows of no bytes, or no rows of some");
}

TEST(AmxTiles, RefusesProductsOfUnlikeTiles) {
  auto fault = [](const Configuration &c, unsigned sums = 0, unsigned left = 1,
                  unsigned right = 2) {
    amx_state state = {};
    EXPECT_STREQ(amx_load_configuration(&state, c.bytes), nullptr);
    const char *text = amx_multiply(&state, AMX_SSD, sums, left, right);
    return std::string(text ? text : "");
  };
  auto good = [] {
    return Configuration().tile(0, 5, 12).tile(1, 5, 28).tile(2, 7, 12);
  };
  EXPECT_EQ(fault(good()), "");
  EXPECT_EQ(fault(good(), 0, 1, 3), "the tile is not configured");
  EXPECT_EQ(fault(good(), 8, 1, 2), "no such tile");
  EXPECT_EQ(fault(good().byte(0, 0)), "tiles are not configured");
  EXPECT_EQ(fault(good().byte(1, 1)), "the start row is not zero");
  EXPECT_EQ(fault(good().tile(1, 5, 27)),
            "a tile's rows are no whole number of lanes");
  EXPECT_EQ(fault(good().tile(1, 6, 28)),
            "sums and left factor have not the same rows");
  EXPECT_EQ(fault(good().tile(2, 7, 16)),
            "sums and right factor have not the same columns");
  EXPECT_EQ(fault(good().tile(2, 6, 12)),
            "the right factor has not a row for each lane of the left one");
  EXPECT_EQ(fault(good(), 0, 1, 1), "the three tiles are not different ones");
}

TEST(AmxTiles, LoadsFromAStartRow) {
  Engine engine(3);
  Rows memory = randomBytes(engine, 1024);
  amx_state state = {};
  Configuration c = Configuration().tile(6, 4, 10).byte(1, 2);
  ASSERT_STREQ(amx_load_configuration(&state, c.bytes), nullptr);
  uint8_t stored[64];
  amx_store_configuration(&state, stored);
  EXPECT_EQ(std::memcmp(stored, c.bytes, 64), 0);
  ASSERT_STREQ(amx_load(&state, 6, memory.data() + 512, -16), nullptr);
  EXPECT_EQ(state.start_row, 0);
  for (int row = 0; row < 16; ++row) {
    for (int byte = 0; byte < 64; ++byte) {
      bool isLoaded = (row == 2 || row == 3) && byte < 10;
      EXPECT_EQ(state.data[6][row][byte],
                isLoaded ? memory[512 - 16 * row + byte] : 0);
    }
  }
}

//===-- addresses --------------------------------------------------------===//

struct Address {
  int mod, base, index, scale;
  int32_t displacement;
};

/// tileloadd tmm5, [address]
std::vector<uint8_t> encode(const Address &a) {
  std::vector<uint8_t> code = {
      0xc4,
      uint8_t(0x80 | (a.index < 8) << 6 | (a.base < 8) << 5 | 2),
      0x7b,
      0x4b,
      uint8_t(a.mod << 6 | 5 << 3 | 4),
      uint8_t(a.scale << 6 | (a.index & 7) << 3 | (a.base & 7))};
  int size = a.mod == 1 ? 1 : a.mod == 2 ? 4 : (a.base & 7) == 5 ? 4 : 0;
  for (int i = 0; i < size; ++i)
    code.push_back(uint8_t(uint32_t(a.displacement) >> (8 * i)));
  return code;
}

amx_registers someRegisters() {
  amx_registers registers = {};
  for (uint64_t i = 0; i < 16; ++i)
    registers.general[i] = 0x7f0000001000 + 0x100010001 * i;
  registers.ip = 0x555500000000;
  registers.fs = 0x7e0000000000;
  registers.gs = 0x100;
  return registers;
}

TEST(AmxDecode, KnowsAllRegisters) {
  amx_registers registers = someRegisters();
  for (int mod = 0; mod < 3; ++mod) {
    for (int at = 0; at < 1024; ++at) {
      Address a{mod, at & 15, at >> 4 & 15, at >> 8, mod == 1 ? -100 : 70000};
      std::vector<uint8_t> code = encode(a);
      amx_instruction decoded;
      ASSERT_TRUE(amx_decode(code.data(), &registers, &decoded));
      EXPECT_EQ(decoded.operation, AMX_TILELOADD);
      EXPECT_EQ(decoded.tile[0], 5u);
      EXPECT_EQ(decoded.length, code.size());
      bool hasBase = mod != 0 || (a.base & 7) != 5;
      bool hasDisplacement = mod != 0 || !hasBase;
      EXPECT_EQ(decoded.address,
                (hasBase ? registers.general[a.base] : 0) +
                    uint64_t(int64_t(hasDisplacement ? a.displacement : 0)));
      EXPECT_EQ(decoded.stride,
                a.index == 4 ? 0
                             : int64_t(registers.general[a.index] << a.scale));
    }
  }
}

TEST(AmxDecode, KnowsPrefixes) {
  amx_registers registers = someRegisters();
  std::vector<uint8_t> code = encode({1, 3, 1, 0, 8});
  amx_instruction plain, decoded;
  ASSERT_TRUE(amx_decode(code.data(), &registers, &plain));
  for (auto [prefix, address, stride] :
       {std::tuple(uint8_t(0x64), registers.fs + plain.address, plain.stride),
        std::tuple(uint8_t(0x65), registers.gs + plain.address, plain.stride),
        std::tuple(uint8_t(0x67), plain.address & 0xffffffff,
                   int64_t(int32_t(plain.stride)))}) {
    std::vector<uint8_t> prefixed = code;
    prefixed.insert(prefixed.begin(), prefix);
    ASSERT_TRUE(amx_decode(prefixed.data(), &registers, &decoded));
    EXPECT_EQ(decoded.address, address);
    EXPECT_EQ(decoded.stride, stride);
    EXPECT_EQ(decoded.length, code.size() + 1);
  }
}

TEST(AmxDecode, KnowsTheOtherInstructions) {
  struct Known {
    std::vector<uint8_t> code;
    amx_operation operation;
    amx_product product;
    unsigned tiles[3];
  };
  // As LLVM's assembler writes them.
  const Known all[] = {
      {{0xc4, 0xe2, 0x78, 0x49, 0xc0}, AMX_TILERELEASE, AMX_SSD, {0, 0, 0}},
      {{0xc4, 0xe2, 0x7b, 0x49, 0xd8}, AMX_TILEZERO, AMX_SSD, {3, 0, 0}},
      {{0xc4, 0xe2, 0x43, 0x5e, 0xcb}, AMX_TDP, AMX_SSD, {1, 3, 7}},
      {{0xc4, 0xe2, 0x42, 0x5e, 0xcb}, AMX_TDP, AMX_SUD, {1, 3, 7}},
      {{0xc4, 0xe2, 0x41, 0x5e, 0xcb}, AMX_TDP, AMX_USD, {1, 3, 7}},
      {{0xc4, 0xe2, 0x40, 0x5e, 0xcb}, AMX_TDP, AMX_UUD, {1, 3, 7}},
      {{0xc4, 0xe2, 0x42, 0x5c, 0xcb}, AMX_TDP, AMX_BF16, {1, 3, 7}},
  };
  amx_registers registers = someRegisters();
  amx_instruction decoded;
  for (const Known &known : all) {
    ASSERT_TRUE(amx_decode(known.code.data(), &registers, &decoded));
    EXPECT_EQ(decoded.operation, known.operation);
    if (known.operation == AMX_TDP) {
      EXPECT_EQ(decoded.product, known.product);
    }
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(decoded.tile[i], known.tiles[i]);
    EXPECT_EQ(decoded.length, known.code.size());
  }
  // ldtilecfg 16(%rip), sttilecfg -8(%rsp,%rax,2)
  const uint8_t relative[] = {0xc4, 0xe2, 0x78, 0x49, 0x05, 0x10, 0, 0, 0};
  ASSERT_TRUE(amx_decode(relative, &registers, &decoded));
  EXPECT_EQ(decoded.operation, AMX_LDTILECFG);
  EXPECT_EQ(decoded.address, registers.ip + sizeof relative + 16);
  const uint8_t indexed[] = {0xc4, 0xe2, 0x79, 0x49, 0x44, 0x44, 0xf8};
  ASSERT_TRUE(amx_decode(indexed, &registers, &decoded));
  EXPECT_EQ(decoded.operation, AMX_STTILECFG);
  EXPECT_EQ(decoded.address,
            registers.general[4] + 2 * registers.general[0] - 8);
}

TEST(AmxDecode, LeavesOtherInstructionsAlone) {
  const std::vector<uint8_t> others[] = {
      {0x0f, 0x0b},                         // ud2
      {0xc4, 0xe2, 0x7d, 0x58, 0x00},       // vpbroadcastd
      {0xc4, 0xe2, 0xf8, 0x49, 0xc0},       // W1
      {0xc4, 0xe2, 0x7c, 0x49, 0xc0},       // of 256 bits
      {0xc4, 0xe2, 0x7b, 0x4b, 0x00, 0x00}, // without an index byte
      {0xc4, 0xe2, 0x43, 0x5c, 0xcb},       // tdpfp16ps
  };
  amx_registers registers = someRegisters();
  amx_instruction decoded;
  for (const std::vector<uint8_t> &code : others)
    EXPECT_FALSE(amx_decode(code.data(), &registers, &decoded));
}

//===-- instructions -----------------------------------------------------===//

/// Of a processor that has AMX, or of the emulator.
class AmxInstructions : public testing::Test {
protected:
  void SetUp() override {
    for (const char *name : {"amx-tile", "amx-int8", "amx-bf16"})
      ASSERT_EQ(edge_machine_feature(name), EDGE_PRESENT);
    isEmulated = amx_count(AMX_LDTILECFG) > 0 || emulates();
  }

  static bool emulates() {
    uint64_t before = amx_count(AMX_TILERELEASE);
    asm volatile("tilerelease");
    return amx_count(AMX_TILERELEASE) > before;
  }

  bool isEmulated = false;
};

Rows multiplyWithInstructions(const Product &p, amx_product product) {
  Configuration c = shapes(p);
  Rows result(1024);
  asm volatile("ldtilecfg %0" : : "m"(c.bytes));
  asm volatile("tileloadd (%0,%1,4), %%tmm2"
               :
               : "r"(p.sums.data()), "r"(uint64_t(16))
               : "memory");
  asm volatile("tileloaddt1 64(%0,%1,1), %%tmm4"
               :
               : "r"(p.left.data() - 64), "r"(uint64_t(64))
               : "memory");
  asm volatile("movq %0, %%r13\n\tmovq $64, %%r12\n\t"
               "tileloadd 70000(%%r13,%%r12,1), %%tmm7"
               :
               : "r"(p.right.data() - 70000)
               : "memory", "r12", "r13");
  switch (product) {
  case AMX_SSD:
    asm volatile("tdpbssd %tmm7, %tmm4, %tmm2");
    break;
  case AMX_SUD:
    asm volatile("tdpbsud %tmm7, %tmm4, %tmm2");
    break;
  case AMX_USD:
    asm volatile("tdpbusd %tmm7, %tmm4, %tmm2");
    break;
  case AMX_UUD:
    asm volatile("tdpbuud %tmm7, %tmm4, %tmm2");
    break;
  case AMX_BF16:
    asm volatile("tdpbf16ps %tmm7, %tmm4, %tmm2");
    break;
  }
  asm volatile("tilestored %%tmm2, (%0,%1,1)"
               :
               : "r"(result.data()), "r"(uint64_t(64))
               : "memory");
  asm volatile("tilerelease");
  return result;
}

void multiplyAll(uint64_t seed) {
  Engine engine(seed);
  for (int trial = 0; trial < 50; ++trial) {
    for (amx_product product : {AMX_SSD, AMX_SUD, AMX_USD, AMX_UUD}) {
      Product p = randomProduct(engine);
      expectSame(p, multiply(p, product), multiplyWithInstructions(p, product),
                 false);
    }
    Product p = randomFloatProduct(engine, trial % 2);
    expectSame(p, multiplyInC(p, AMX_BF16),
               multiplyWithInstructions(p, AMX_BF16), true);
  }
}

TEST_F(AmxInstructions, MultiplyInSeveralThreads) {
  std::vector<std::thread> threads;
  for (uint64_t seed = 4; seed < 7; ++seed)
    threads.emplace_back([seed] { multiplyAll(seed); });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(AmxInstructions, KeepAndReturnTheirConfiguration) {
  Configuration c = Configuration().tile(0, 16, 64).tile(1, 3, 20), stored;
  Rows result(128, 7);
  asm volatile("ldtilecfg %0" : : "m"(c.bytes));
  asm volatile("sttilecfg %0" : "=m"(stored.bytes));
  asm volatile("tilezero %%tmm1\n\ttilestored %%tmm1, (%0,%1,1)"
               :
               : "r"(result.data()), "r"(uint64_t(32))
               : "memory");
  asm volatile("tilerelease");
  EXPECT_EQ(std::memcmp(stored.bytes, c.bytes, 64), 0);
  for (size_t i = 0; i < result.size(); ++i)
    EXPECT_EQ(result[i], i < 96 && i % 32 < 20 ? 0 : 7) << i;
  asm volatile("sttilecfg %0" : "=m"(stored.bytes));
  EXPECT_EQ(std::count(stored.bytes, stored.bytes + 64, 0), 64);
}

using AmxInstructionsDeathTest = AmxInstructions;

TEST_F(AmxInstructionsDeathTest, EndTheProgramWithAReason) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  if (!isEmulated)
    GTEST_SKIP() << "this processor has AMX";
  EXPECT_DEATH(
      {
        Configuration c = Configuration().tile(0, 17, 4);
        asm volatile("ldtilecfg %0" : : "m"(c.bytes));
      },
      "AMX emulator: ldtilecfg: a tile has more than 16 rows");
  EXPECT_DEATH(
      { asm volatile("tilerelease\n\ttilezero %tmm0"); },
      "AMX emulator: tilezero: tiles are not configured");
  EXPECT_EXIT({ __builtin_trap(); }, testing::KilledBySignal(SIGILL), "");
}

} // namespace
