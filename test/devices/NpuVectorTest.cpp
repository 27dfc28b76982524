//===- NpuVectorTest.cpp - vector, pool and DMA commands ------------------===//
//
// Random loops with every data type, stride and broadcast, random windows over
// plain and ring tiles, and 2-D transfers, each compared with the formula of
// the data sheet.
//
//===----------------------------------------------------------------------===//
#include "test/devices/NpuFixture.h"

using namespace edgec::test;

namespace {

class Random {
public:
  explicit Random(unsigned seed) : engine(seed) {}
  int64_t pick(int64_t low, int64_t high) {
    return low + int64_t(engine() % uint64_t(high - low + 1));
  }
  Bytes bytes(size_t count) {
    Bytes result(count);
    for (uint8_t &byte : result)
      byte = uint8_t(engine());
    return result;
  }

private:
  std::mt19937 engine;
};

constexpr int64_t outputAddress = 40000;

struct Operand {
  int dtype;
  int64_t address, stride[4];

  const uint8_t *at(const Bytes &sram, const int64_t index[4]) const {
    int64_t place = address;
    for (int d = 0; d < 4; ++d)
      place += index[d] * stride[d];
    return &sram[size_t(place)];
  }
};

/// Strides of a dense tensor of a random order of dimensions, some of them
/// broadcast or reversed.
Operand randomOperand(Random &random, const int64_t extent[4],
                      int64_t address) {
  Operand operand{int(random.pick(1, 5)), address, {}};
  int order[4] = {3, 2, 1, 0};
  for (int i = 3; i > 0; --i)
    std::swap(order[i], order[random.pick(0, i)]);
  int64_t stride = bytesOf(operand.dtype);
  for (int d : order) {
    int64_t kind = random.pick(0, 5);
    operand.stride[d] = kind == 0 ? 0 : stride;
    if (kind == 1) { // backwards
      operand.stride[d] = -stride;
      operand.address += (extent[d] - 1) * stride;
    }
    stride *= extent[d];
  }
  return operand;
}

void addOperand(Fields &fields, int i, const Operand &operand) {
  std::string name = "operand" + std::to_string(i);
  fields.emplace_back(name + "Dtype", operand.dtype);
  fields.emplace_back(name + "Address", operand.address);
  for (int d = 0; d < 4; ++d)
    fields.emplace_back(name + "Stride" + std::to_string(d), operand.stride[d]);
}

void runVector(unsigned seed) {
  Random random(seed);
  NpuParameters machine;
  edge_npu_options options = {};
  options.check_races = 1;
  options.max_commands = 64;
  Npu npu(machine, options);
  int64_t extent[4];
  for (int64_t &e : extent)
    e = random.pick(1, 5);
  if (seed % 5 == 0) {
    extent[3] = 300;
    extent[0] = 1;
  }
  Bytes sram = npu.buffers[Input] = random.bytes(40000);
  int64_t operands = random.pick(0, 3);
  Fields fields;
  std::vector<Operand> list;
  for (int i = 0; i < operands; ++i) {
    list.push_back(randomOperand(random, extent, 12000 * i));
    addOperand(fields, i, list.back());
  }
  int outputDtype = int(random.pick(1, 5));
  int64_t bytes = bytesOf(outputDtype);
  int64_t outStride[4] = {1, 1, 1, 1};
  // The output is dense, its loops in a random order.
  int order[4] = {3, 2, 1, 0};
  for (int i = 3; i > 0; --i)
    std::swap(order[i], order[random.pick(0, i)]);
  int64_t total = bytes;
  for (int d : order) {
    outStride[d] = total;
    total *= extent[d];
  }
  for (int d = 0; d < 4; ++d) {
    fields.emplace_back("extent" + std::to_string(d), extent[d]);
    fields.emplace_back("outputStride" + std::to_string(d), outStride[d]);
  }
  fields.emplace_back("outputAddress", outputAddress);
  fields.emplace_back("outputDtype", outputDtype);
  Stream stream(machine);
  stream.load(Input, 0, 0, 40000);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  stream.add(NPU_OPCODE_VECTOR, 0, fields,
             {micro(NPU_MICRO_SUB, 1, 0, 1), micro(NPU_MICRO_XOR, 3, 1, 2)});
  stream.change("resultRegister", 3);
  stream.order(NPU_UNIT_VECTOR, NPU_UNIT_STORE);
  stream.store(Output, 0, outputAddress, total);
  stream.end();
  npu.buffers[Output].resize(size_t(total));
  ASSERT_EQ(npu.run(stream.finish()), EDGE_NPU_OK) << npu.error.text;
  int64_t index[4];
  for (index[0] = 0; index[0] < extent[0]; ++index[0])
    for (index[1] = 0; index[1] < extent[1]; ++index[1])
      for (index[2] = 0; index[2] < extent[2]; ++index[2])
        for (index[3] = 0; index[3] < extent[3]; ++index[3]) {
          uint32_t r[3] = {0, 0, 0};
          for (size_t i = 0; i < list.size(); ++i)
            r[i] =
                uint32_t(readElement(list[i].at(sram, index), list[i].dtype));
          uint32_t expected = (r[0] - r[1]) ^ r[2];
          int64_t place = 0;
          for (int d = 0; d < 4; ++d)
            place += index[d] * outStride[d];
          uint32_t actual = 0;
          std::memcpy(&actual, &npu.buffers[Output][size_t(place)],
                      size_t(bytes));
          uint32_t mask = bytes == 4 ? ~0u : (1u << 8 * bytes) - 1;
          ASSERT_EQ(actual, expected & mask)
              << index[0] << ", " << index[1] << ", " << index[2] << ", "
              << index[3];
        }
}

void runPool(unsigned seed) {
  Random random(seed);
  NpuParameters machine;
  edge_npu_options options = {};
  options.check_races = 1;
  options.max_commands = 64;
  Npu npu(machine, options);
  int dtype = int(random.pick(1, 5));
  int64_t bytes = bytesOf(dtype), channels = random.pick(1, 12);
  if (seed % 7 == 0)
    channels = 260;
  int64_t height = random.pick(1, 6), width = random.pick(1, 6);
  int64_t ring = random.pick(0, 1) ? height + random.pick(0, 2) : 0;
  int64_t first = ring ? random.pick(0, ring - 1) : 0;
  int64_t outHeight = random.pick(1, 4), outWidth = random.pick(1, 4);
  int64_t kernel[2], stride[2], dilation[2], origin[2];
  for (int d = 0; d < 2; ++d) {
    kernel[d] = random.pick(1, 4);
    stride[d] = random.pick(1, 2);
    dilation[d] = random.pick(1, 2);
    origin[d] = random.pick(-4, 3);
  }
  int64_t rowStride = width * channels * bytes;
  bool isSum = random.pick(0, 1);
  Bytes sram = npu.buffers[Input] =
      random.bytes(size_t((ring ? ring : height) * rowStride));
  int64_t total = outHeight * outWidth * channels * 4;
  npu.buffers[Output].resize(size_t(2 * total));
  Stream stream(machine);
  stream.load(Input, 0, 0, int64_t(sram.size()));
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  for (int64_t result : {0, 1})
    stream.add(NPU_OPCODE_POOL, isSum ? NPU_POOL_FLAG_SUM : 0,
               {{"inputHeight", height},
                {"inputWidth", width},
                {"inputChannels", channels},
                {"inputDtype", dtype},
                {"inputRowStride", rowStride},
                {"inputPixelStride", channels * bytes},
                {"inputRingRows", ring},
                {"inputRingFirst", first},
                {"inputY0", origin[0]},
                {"inputX0", origin[1]},
                {"kernelHeight", kernel[0]},
                {"kernelWidth", kernel[1]},
                {"strideY", stride[0]},
                {"strideX", stride[1]},
                {"dilationY", dilation[0]},
                {"dilationX", dilation[1]},
                {"outputAddress", result ? 50000 : 33000 / 4 * 4},
                {"outputRowStride", outWidth * channels * 4},
                {"outputPixelStride", channels * 4},
                {"outputHeight", outHeight},
                {"outputWidth", outWidth},
                {"outputChannels", channels},
                {"outputDtype", NPU_DTYPE_I32},
                {"resultRegister", result}});
  stream.order(NPU_UNIT_VECTOR, NPU_UNIT_STORE);
  stream.store(Output, 0, 33000, total);
  stream.store(Output, total, 50000, total);
  stream.end();
  if (total > 15000)
    return; // does not fit where this test puts it
  ASSERT_EQ(npu.run(stream.finish()), EDGE_NPU_OK) << npu.error.text;
  int64_t element = 0;
  for (int64_t y = 0; y < outHeight; ++y)
    for (int64_t x = 0; x < outWidth; ++x)
      for (int64_t c = 0; c < channels; ++c, element += 4) {
        int64_t sum = 0, largest = INT32_MIN, count = 0;
        for (int64_t ky = 0; ky < kernel[0]; ++ky)
          for (int64_t kx = 0; kx < kernel[1]; ++kx) {
            int64_t inY = origin[0] + y * stride[0] + ky * dilation[0];
            int64_t inX = origin[1] + x * stride[1] + kx * dilation[1];
            if (inY < 0 || inY >= height || inX < 0 || inX >= width)
              continue;
            int64_t row = ring ? (first + inY) % ring : inY;
            int64_t value = readElement(
                &sram[size_t(row * rowStride + (inX * channels + c) * bytes)],
                dtype);
            sum += value;
            largest = std::max(largest, value);
            ++count;
          }
        int64_t expected = isSum ? int32_t(uint32_t(uint64_t(sum))) : largest;
        ASSERT_EQ(
            readElement(&npu.buffers[Output][size_t(element)], NPU_DTYPE_I32),
            expected);
        ASSERT_EQ(readElement(&npu.buffers[Output][size_t(total + element)],
                              NPU_DTYPE_I32),
                  count);
      }
}

} // namespace

TEST(NpuVector, RandomLoops) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    runVector(seed);
    if (testing::Test::HasFatalFailure())
      return;
  }
}

TEST(NpuPool, RandomWindows) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    runPool(seed);
    if (testing::Test::HasFatalFailure())
      return;
  }
}

/// An output may be its own operand, element for element.
TEST(NpuVector, InPlace) {
  NpuParameters machine;
  Npu npu(machine);
  Stream stream(machine);
  for (size_t i = 0; i < 600; ++i)
    npu.buffers[Input][i] = uint8_t(i);
  stream.load(Input, 0, 0, 600);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  stream.add(NPU_OPCODE_VECTOR, 0,
             {{"extent0", 2},
              {"extent1", 1},
              {"extent2", 1},
              {"extent3", 300},
              {"operand0Dtype", NPU_DTYPE_U8},
              {"operand0Stride0", 300},
              {"operand0Stride3", 1},
              {"outputDtype", NPU_DTYPE_U8},
              {"outputStride0", 300},
              {"outputStride3", 1}},
             {microConst(1, 3), micro(NPU_MICRO_MUL, 0, 0, 1)});
  stream.order(NPU_UNIT_VECTOR, NPU_UNIT_STORE);
  stream.store(Output, 0, 0, 600);
  stream.end();
  ASSERT_EQ(npu.run(stream.finish()), EDGE_NPU_OK) << npu.error.text;
  for (size_t i = 0; i < 600; ++i)
    ASSERT_EQ(npu.buffers[Output][i], uint8_t(3 * uint8_t(i))) << i;
}

TEST(NpuTransfer, RowsWithStrides) {
  NpuParameters machine;
  Npu npu(machine);
  Stream stream(machine);
  for (size_t i = 0; i < 64; ++i)
    npu.buffers[Input][i] = uint8_t(i);
  npu.buffers[Output].assign(64, 0xee);
  // 4 rows of 3 bytes out of rows of 8, to rows of 5; every second of them out.
  stream.transfer(NPU_OPCODE_LOAD, Input, 1, 100, 3, 4, 8, 5);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_STORE);
  stream.transfer(NPU_OPCODE_STORE, Output, 2, 100, 3, 2, 7, 10);
  // One row of the input many times, one row of SRAM many times.
  stream.transfer(NPU_OPCODE_LOAD, Input, 40, 200, 2, 3, 0, 2);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_STORE);
  stream.transfer(NPU_OPCODE_STORE, Output, 20, 200, 6, 2, 6, 0);
  stream.end();
  ASSERT_EQ(npu.run(stream.finish()), EDGE_NPU_OK) << npu.error.text;
  const Bytes &out = npu.buffers[Output];
  EXPECT_THAT(Bytes(out.begin(), out.begin() + 13),
              testing::ElementsAre(0xee, 0xee, 1, 2, 3, 0xee, 0xee, 0xee, 0xee,
                                   17, 18, 19, 0xee));
  EXPECT_THAT(Bytes(out.begin() + 20, out.begin() + 33),
              testing::ElementsAre(40, 41, 40, 41, 40, 41, 40, 41, 40, 41, 40,
                                   41, 0xee));
}
