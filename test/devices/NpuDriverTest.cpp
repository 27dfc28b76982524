//===- NpuDriverTest.cpp - the simulated NPU as a device of a session -----===//
//
// A model with one job that copies its input through the NPU's memory, as edgec
// would emit it, with an alternative for the CPU. Every command of the stream
// is damaged in turn: the device refuses it and says which it was, and the run
// ends on the CPU with the same bits.
//
//===----------------------------------------------------------------------===//
#include "runtime/devices/fault/fault_injector.h"
#include "runtime/devices/npu/npu_driver.h"
#include "test/devices/NpuStream.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace edgec::test;
using testing::HasSubstr;

namespace {

constexpr uint64_t bytesMoved = 64;

int32_t runOnNpu(const edge_context *context, const void *const *inputs,
                 void *const *outputs, void *arena) {
  if (!context || !context->submit)
    return EDGE_ERROR_DEVICE;
  void *buffers[] = {arena, arena, const_cast<void *>(inputs[0]), outputs[0]};
  const int32_t status = context->submit(context, 0, buffers);
  return status ? status : context->wait(context, 0);
}

int32_t runOnCpu(const edge_context *, const void *const *inputs,
                 void *const *outputs, void *) {
  std::memcpy(outputs[0], inputs[0], bytesMoved);
  return 0;
}

/// Waits, signals, a load and two stores.
Bytes copyThroughSram(const NpuParameters &machine) {
  Stream stream(machine);
  stream.load(2, 0, 0, bytesMoved);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_STORE);
  stream.store(3, 0, 0, bytesMoved / 2);
  stream.store(3, bytesMoved / 2, bytesMoved / 2, bytesMoved / 2);
  stream.end();
  return stream.finish();
}

/// Byte offset of every command of a stream.
std::vector<size_t> commandsOf(const Bytes &stream) {
  std::vector<size_t> offsets;
  for (size_t at = NPU_HEADER_BYTES; at < stream.size();
       at += 4 * size_t(stream[at + 2] | stream[at + 3] << 8))
    offsets.push_back(at);
  return offsets;
}

struct NpuModel {
  NpuParameters machine;
  Bytes stream = copyThroughSram(machine);
  int64_t shape[1] = {bytesMoved};
  edge_tensor_info x = {"x", EDGE_DTYPE_I8, 1,       shape, bytesMoved, 0,
                        -1,  nullptr,       nullptr, -1,    -1};
  edge_tensor_info y = x;
  edge_device_info device = {"npu", "npu-64", machine.values.data(),
                             uint32_t(machine.values.size()),
                             NPU_FORMAT_VERSION};
  edge_job_buffer buffers[4] = {
      {64, EDGE_ACCESS_READ | EDGE_ACCESS_CONSTANT, 0},
      {64, EDGE_ACCESS_READ | EDGE_ACCESS_WRITE | EDGE_ACCESS_SCRATCH, 0},
      {bytesMoved, EDGE_ACCESS_READ, 0},
      {bytesMoved, EDGE_ACCESS_WRITE, 0}};
  edge_job_info job = {"npu_0", "copy", 0, 4, buffers, nullptr, 0, 0, 0, 0};
  edge_model cpu = {}, model = {};
  edge_alternative alternatives[2] = {{"npu", nullptr, 0, 0, 0},
                                      {"cpu", &cpu, 0, 0, 0}};
  int8_t input[bytesMoved], output[bytesMoved] = {};
  const void *inputs[1] = {input};
  void *outputs[1] = {output};

  NpuModel() {
    for (size_t i = 0; i < bytesMoved; ++i)
      input[i] = int8_t(3 * i + 1);
    y.name = "y";
    cpu.magic = EDGE_MODEL_MAGIC;
    cpu.abi_version = EDGE_ABI_VERSION;
    cpu.struct_size = sizeof(edge_model);
    cpu.name = cpu.target = cpu.cpu = cpu.build_id = "copy";
    cpu.arena_bytes = cpu.arena_alignment = 64;
    cpu.input_count = cpu.output_count = 1;
    cpu.inputs = &x;
    cpu.outputs = &y;
    cpu.entry = runOnCpu;
    model = cpu;
    model.entry = runOnNpu;
    model.device_count = model.job_count = 1;
    model.devices = &device;
    model.jobs = &job;
    model.alternative_count = 2;
    model.alternatives = alternatives;
    setStream(stream);
  }
  void setStream(const Bytes &bytes) {
    stream = bytes;
    job.commands = stream.data();
    job.commands_bytes = stream.size();
  }
  bool correct() const { return !std::memcmp(input, output, bytesMoved); }
};

class NpuDriver : public testing::Test {
protected:
  NpuModel m;
  edge_npu_driver npu;
  edge_fault_injector injector;
  edge_device *device = nullptr;
  edge_session *session = nullptr;
  edge_message message = {};

  void open() {
    edge_npu_driver_init(&npu, nullptr);
    edge_fault_injector_init(&injector, &npu.driver);
    const edge_driver *drivers[] = {&injector.driver};
    ASSERT_EQ(edge_device_open(drivers, 1, &m.device, &device, &message),
              EDGE_OK)
        << message.text;
    ASSERT_EQ(edge_session_create(&m.model, 1, &session, &message), EDGE_OK)
        << message.text;
  }
  void close() {
    edge_session_destroy(session);
    edge_device_close(device);
    session = nullptr;
    device = nullptr;
  }
  void TearDown() override { close(); }
  edge_status attach() {
    return edge_session_attach_device(session, 0, device, &message);
  }
  edge_status run() {
    std::memset(m.output, 0, bytesMoved);
    return edge_session_run(session, m.inputs, m.outputs, &message);
  }
};

TEST_F(NpuDriver, RunsJobsInTheTimeOfTheHardware) {
  open();
  ASSERT_EQ(attach(), EDGE_OK) << message.text;
  ASSERT_EQ(edge_session_set_profile(session, 1, nullptr), EDGE_OK);
  ASSERT_EQ(run(), EDGE_OK) << message.text;
  EXPECT_TRUE(m.correct());
  const edge_job_record first = edge_session_job_profile(session)[0];
  EXPECT_GT(first.device_ns, m.machine[NPU_PARAMETER_LAUNCH_NANOSECONDS]);
  EXPECT_GT(first.nanojoules, 0u);
  EXPECT_GE(edge_session_report(session)->nanoseconds, first.device_ns);
  // The same each time.
  ASSERT_EQ(run(), EDGE_OK);
  EXPECT_EQ(edge_session_job_profile(session)[0].device_ns, first.device_ns);
  EXPECT_EQ(edge_session_job_profile(session)[0].nanojoules, first.nanojoules);
}

TEST_F(NpuDriver, RefusesEveryDamagedCommand) {
  const Bytes whole = m.stream;
  const std::vector<size_t> commands = commandsOf(whole);
  ASSERT_EQ(commands.size(), 6u);
  for (uint32_t i = 0; i < commands.size(); ++i) {
    Bytes damaged = whole;
    damaged[commands[i]] = 0xee;
    m.setStream(Stream::seal(damaged));
    open();
    EXPECT_EQ(attach(), EDGE_ERROR_REJECTED);
    EXPECT_THAT(message.text,
                HasSubstr("device 'npu-64' cannot run job 'npu_0': the device "
                          "refused a command at command " +
                          std::to_string(i)));
    EXPECT_EQ(run(), EDGE_ERROR_DEVICE);
    ASSERT_EQ(edge_session_set_fallback(session, 1, nullptr), EDGE_OK);
    EXPECT_EQ(run(), EDGE_OK);
    EXPECT_TRUE(m.correct());
    close();
  }
}

TEST_F(NpuDriver, FailsAtEveryCommandAndFallsBack) {
  for (uint32_t kind = EDGE_INJECT_REJECTED; kind < EDGE_INJECT_KINDS; ++kind) {
    for (uint32_t command = 0; command < 6; ++command) {
      open();
      ASSERT_EQ(attach(), EDGE_OK);
      const bool hangs = kind == EDGE_INJECT_TIMEOUT;
      edge_session_set_timeout(session, hangs ? 50000000 : 60000000000,
                               nullptr);
      ASSERT_EQ(edge_session_set_fallback(session, 1, nullptr), EDGE_OK);
      injector.kind = kind;
      injector.command = command;
      EXPECT_EQ(run(), EDGE_OK) << message.text;
      EXPECT_TRUE(m.correct());
      EXPECT_EQ(edge_session_report(session)->alternative, 1u);
      const edge_fault *fault = edge_session_fault(session);
      ASSERT_NE(fault, nullptr);
      EXPECT_EQ(fault->command,
                kind == EDGE_INJECT_CHECKSUM ? EDGE_NO_COMMAND : command);
      close();
    }
  }
}

TEST_F(NpuDriver, RefusesOtherMachines) {
  edge_npu_driver_init(&npu, nullptr);
  const edge_driver *drivers[] = {&npu.driver};
  m.device.format_version = NPU_FORMAT_VERSION + 1;
  EXPECT_EQ(edge_device_open(drivers, 1, &m.device, &device, &message),
            EDGE_ERROR_DEVICE);
  EXPECT_THAT(message.text, HasSubstr("but this simulator runs version"));
  m.device.format_version = NPU_FORMAT_VERSION;
  m.device.parameter_count = 3;
  EXPECT_EQ(edge_device_open(drivers, 1, &m.device, &device, &message),
            EDGE_ERROR_DEVICE);
  EXPECT_THAT(message.text, HasSubstr("device 'npu-64' cannot be opened"));
}

} // namespace
