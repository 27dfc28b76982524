//===- NpuFaultTest.cpp - a compiled model whose NPU fails everywhere -----===//
//
// An int8 network that edgec compiled for the processor and an NPU, with the
// processor as the fallback. At every command of every job, every kind of fault
// is injected and the command itself is damaged: the run must name the command
// and give the processor's bits.
//
//===----------------------------------------------------------------------===//
#include "runtime/devices/fault/fault_injector.h"
#include "runtime/devices/npu/npu_driver.h"
#include "test/devices/NpuStream.h"

#include "gtest/gtest.h"

#include <cstdlib>
#include <filesystem>

using namespace edgec::test;

namespace {

/// This machine, as -target takes it: its simplest processor, so that the NPU
/// has something to do.
#if defined(__x86_64__)
const std::string architecture = "x86_64";
#elif defined(__aarch64__)
const std::string architecture = "aarch64";
#else
const std::string architecture = "riscv64";
#endif

/// The artifact, compiled once.
class NpuFault : public testing::Test {
protected:
  static void SetUpTestSuite() {
    char name[] = "/tmp/npu-fault-test-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder = name;
    const std::string examples = EDGE_TEST_EXAMPLES "/quantize/",
                      file = folder + "/cnn.so";
    const std::string command =
        std::string(EDGE_TEST_EDGEC) + " " + examples + "digits_cnn.onnx " +
        "-quantize=int8 -calibrate=" + examples + "digits_samples.npy " +
        "-target=" + architecture + ",npu-256 -fallback=cpu -o " + file +
        " > /dev/null";
    // NOLINTNEXTLINE(bugprone-command-processor): paths of our own build
    ASSERT_EQ(std::system(command.c_str()), 0);
    edge_message message;
    ASSERT_EQ(edge_model_load(file.c_str(), &artifact, &message), EDGE_OK)
        << message.text;
    model = edge_artifact_model(artifact);
    ASSERT_GT(edge_model_job_count(model), 0u);
  }
  static void TearDownTestSuite() {
    edge_model_unload(artifact);
    std::filesystem::remove_all(folder);
  }

  static std::string folder;
  static edge_artifact *artifact;
  static const edge_model *model;
};

std::string NpuFault::folder;
edge_artifact *NpuFault::artifact = nullptr;
const edge_model *NpuFault::model = nullptr;

/// A session with the NPU that can fail, and its buffers.
struct NpuSession {
  edge_npu_driver npu;
  edge_fault_injector injector;
  edge_device *device = nullptr;
  edge_session *session = nullptr;
  edge_message message = {};
  edge_status attached = EDGE_OK;
  std::vector<std::vector<uint8_t>> inputs, outputs;

  explicit NpuSession(const edge_model *model) {
    edge_npu_driver_init(&npu, nullptr);
    edge_fault_injector_init(&injector, &npu.driver);
    const edge_driver *drivers[] = {&injector.driver};
    EXPECT_EQ(
        edge_device_open(drivers, 1, &model->devices[0], &device, &message),
        EDGE_OK)
        << message.text;
    EXPECT_EQ(edge_session_create(model, 1, &session, &message), EDGE_OK)
        << message.text;
    attached = edge_session_attach_device(session, 0, device, &message);
    EXPECT_EQ(edge_session_set_fallback(session, 1, &message), EDGE_OK);
    for (uint32_t i = 0; i < model->input_count; ++i) {
      inputs.emplace_back(model->inputs[i].size_bytes);
      for (size_t byte = 0; byte < inputs[i].size(); byte += 4) {
        const float value = float(byte % 17) / 16;
        std::memcpy(&inputs[i][byte], &value, 4);
      }
    }
    for (uint32_t i = 0; i < model->output_count; ++i)
      outputs.emplace_back(model->outputs[i].size_bytes);
  }
  ~NpuSession() {
    edge_session_destroy(session);
    edge_device_close(device);
  }
  NpuSession(const NpuSession &) = delete;
  NpuSession &operator=(const NpuSession &) = delete;

  edge_status run() {
    std::vector<const void *> in;
    std::vector<void *> out;
    in.reserve(inputs.size());
    out.reserve(outputs.size());
    for (auto &input : inputs)
      in.push_back(input.data());
    for (auto &output : outputs) {
      std::fill(output.begin(), output.end(), 0x77);
      out.push_back(output.data());
    }
    return edge_session_run(session, in.data(), out.data(), &message);
  }
};

/// Byte offset of every command of a job.
std::vector<size_t> commandsOf(const edge_job_info &job) {
  const auto *stream = static_cast<const uint8_t *>(job.commands);
  std::vector<size_t> offsets;
  for (size_t at = NPU_HEADER_BYTES; at < job.commands_bytes;
       at += 4 * size_t(stream[at + 2] | stream[at + 3] << 8))
    offsets.push_back(at);
  return offsets;
}

TEST_F(NpuFault, EveryInjectionEndsOnTheProcessor) {
  NpuSession s(model);
  ASSERT_EQ(s.attached, EDGE_OK) << s.message.text;
  ASSERT_EQ(s.run(), EDGE_OK) << s.message.text;
  ASSERT_EQ(edge_session_fault(s.session), nullptr);
  const auto expected = s.outputs;
  for (uint32_t job = 0; job < model->job_count; ++job) {
    for (uint32_t command = 0; command < commandsOf(model->jobs[job]).size();
         ++command) {
      for (uint32_t kind = EDGE_INJECT_REJECTED; kind < EDGE_INJECT_KINDS;
           ++kind) {
        SCOPED_TRACE(testing::Message() << edge_injection_name(kind) << "@"
                                        << job << ":" << command);
        // What hangs costs its limit; the other jobs have time.
        edge_session_set_timeout(
            s.session, kind == EDGE_INJECT_TIMEOUT ? 2000000 : 60000000000,
            nullptr);
        s.injector.kind = kind;
        s.injector.command = command;
        s.injector.job = s.injector.submissions + job;
        ASSERT_EQ(s.run(), EDGE_OK) << s.message.text;
        ASSERT_EQ(s.outputs, expected);
        const edge_fault *fault = edge_session_fault(s.session);
        ASSERT_NE(fault, nullptr);
        EXPECT_EQ(edge_session_report(s.session)->alternative, 1u);
        if (kind != EDGE_INJECT_TIMEOUT) {
          EXPECT_EQ(fault->job, job);
          EXPECT_EQ(fault->command,
                    kind == EDGE_INJECT_CHECKSUM ? EDGE_NO_COMMAND : command);
        }
        if (kind != EDGE_INJECT_LOST)
          continue;
        // A new device takes the place of the lost one.
        edge_session_attach_device(s.session, 0, nullptr, nullptr);
        edge_device_close(s.device);
        const edge_driver *drivers[] = {&s.injector.driver};
        ASSERT_EQ(edge_device_open(drivers, 1, &model->devices[0], &s.device,
                                   nullptr),
                  EDGE_OK);
        ASSERT_EQ(
            edge_session_attach_device(s.session, 0, s.device, &s.message),
            EDGE_OK)
            << s.message.text;
      }
    }
  }
  s.injector.kind = EDGE_INJECT_NOTHING;
  edge_session_set_timeout(s.session, EDGE_FOREVER, nullptr);
  EXPECT_EQ(s.run(), EDGE_OK);
  EXPECT_EQ(s.outputs, expected);
  EXPECT_EQ(edge_session_fault(s.session), nullptr);
}

TEST_F(NpuFault, EveryDamagedCommandIsNamed) {
  std::vector<edge_job_info> jobs(model->jobs, model->jobs + model->job_count);
  edge_model damaged = *model;
  damaged.jobs = jobs.data();
  NpuSession whole(model);
  ASSERT_EQ(whole.run(), EDGE_OK);
  for (uint32_t job = 0; job < model->job_count; ++job) {
    const auto *bytes = static_cast<const uint8_t *>(model->jobs[job].commands);
    const Bytes stream(bytes, bytes + model->jobs[job].commands_bytes);
    const std::vector<size_t> commands = commandsOf(model->jobs[job]);
    for (uint32_t command = 0; command < commands.size(); ++command) {
      SCOPED_TRACE(testing::Message() << job << ":" << command);
      Bytes copy = stream;
      copy[commands[command]] = 0xee;
      copy = Stream::seal(copy);
      jobs[job].commands = copy.data();
      NpuSession s(&damaged);
      EXPECT_EQ(s.attached, EDGE_ERROR_REJECTED);
      EXPECT_NE(std::string(s.message.text)
                    .find("at command " + std::to_string(command) + ":"),
                std::string::npos)
          << s.message.text;
      ASSERT_EQ(s.run(), EDGE_OK) << s.message.text;
      EXPECT_EQ(s.outputs, whole.outputs);
    }
    jobs[job] = model->jobs[job];
  }
}

} // namespace
