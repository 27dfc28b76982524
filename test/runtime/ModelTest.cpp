// edge_model_check: a descriptor damaged in any one field is refused with the
// status that says what is wrong with it, and nothing is read out of bounds.

#include "Models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

using testing::HasSubstr;

namespace {

int32_t runNothing(const edge_context *, const void *const *, void *const *,
                   void *) {
  return 0;
}

/// A correct descriptor with one tensor of everything.
struct Descriptor {
  int64_t shape[2] = {2, 3};
  float scales[3] = {1, 2, 3};
  int32_t zeroPoints[3] = {0, 0, 0};
  edge_tensor_info tensor = {"t", EDGE_DTYPE_I8, 2,          shape, 6, 3,
                             1,   scales,        zeroPoints, -1,    -1};
  edge_kernel_info kernel = {"k", "l", 1, 2, 3, EDGE_DTYPE_F32, 0};
  const char *feature = "";
  edge_model model = {};

  Descriptor() {
    model.magic = EDGE_MODEL_MAGIC;
    model.abi_version = EDGE_ABI_VERSION;
    model.struct_size = sizeof(edge_model);
    model.name = "m";
    model.target = "t";
    model.cpu = "c";
    model.build_id = "0";
    model.arena_alignment = 64;
    model.input_count = 1;
    model.output_count = 1;
    model.inputs = &tensor;
    model.outputs = &tensor;
    model.kernel_count = 1;
    model.kernels = &kernel;
    model.features = &feature;
    model.entry = runNothing;
  }
};

TEST(ModelCheck, AcceptsACorrectDescriptor) {
  Descriptor d;
  edge_message message = {"untouched"};
  EXPECT_EQ(edge_model_check(&d.model, &message), EDGE_OK) << message.text;
  EXPECT_STREQ(message.text, "untouched");
}

TEST(ModelCheck, RefusesNull) {
  EXPECT_EQ(edge_model_check(nullptr, nullptr), EDGE_ERROR_INVALID_ARGUMENT);
}

TEST(ModelCheck, RefusesEveryDamage) {
  using Damage = std::function<void(Descriptor &)>;
  const std::vector<std::pair<edge_status, Damage>> cases = {
      {EDGE_ERROR_NOT_AN_ARTIFACT, [](Descriptor &d) { d.model.magic = 0; }},
      {EDGE_ERROR_ABI_VERSION, [](Descriptor &d) { d.model.abi_version = 1; }},
      {EDGE_ERROR_ABI_VERSION, [](Descriptor &d) { d.model.abi_version = 0; }},
      {EDGE_ERROR_CORRUPT,
       [](Descriptor &d) { d.model.struct_size = EDGE_MODEL_FIRST_SIZE - 1; }},
      {EDGE_ERROR_ARCHITECTURE,
       [](Descriptor &d) { d.model.architecture = 99; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.model.name = nullptr; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.model.target = nullptr; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.model.cpu = nullptr; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.model.build_id = nullptr; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.model.entry = nullptr; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.model.arena_alignment = 0; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.model.arena_alignment = 48; }},
      {EDGE_ERROR_CORRUPT,
       [](Descriptor &d) { d.model.arena_bytes = UINT64_MAX; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.model.inputs = nullptr; }},
      {EDGE_ERROR_CORRUPT,
       [](Descriptor &d) { d.model.output_count = UINT32_MAX; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.model.kernels = nullptr; }},
      {EDGE_ERROR_CORRUPT,
       [](Descriptor &d) { d.model.kernel_count = UINT32_MAX; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.kernel.layers = nullptr; }},
      {EDGE_ERROR_CORRUPT,
       [](Descriptor &d) {
         d.model.feature_count = 1;
         d.model.features = nullptr;
       }},
      {EDGE_ERROR_FEATURE, [](Descriptor &d) { d.model.feature_count = 1; }},
      {EDGE_ERROR_CORRUPT,
       [](Descriptor &d) {
         d.model.feature_count = 1;
         d.feature = nullptr;
       }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.name = nullptr; }},
      {EDGE_ERROR_CORRUPT,
       [](Descriptor &d) { d.tensor.dtype = EDGE_DTYPE_INVALID; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.dtype = 18; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.rank = UINT32_MAX; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.shape = nullptr; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.size_bytes = 7; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.shape[0] = -2; }},
      {EDGE_ERROR_CORRUPT,
       [](Descriptor &d) { d.shape[0] = INT64_C(1) << 62; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.quant_axis = 2; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.quant_axis = -1; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.quant_axis = -2; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.quant_count = 2; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.scales = nullptr; }},
      {EDGE_ERROR_CORRUPT,
       [](Descriptor &d) { d.tensor.zero_points = nullptr; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.size_dimension = 0; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.size_output = 1; }},
      {EDGE_ERROR_CORRUPT, [](Descriptor &d) { d.tensor.size_output = -2; }},
      // An input; and the output that it names is no int64 scalar.
      {EDGE_ERROR_CORRUPT,
       [](Descriptor &d) {
         d.tensor.size_output = 0;
         d.tensor.size_dimension = 1;
       }},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    Descriptor d;
    cases[i].second(d);
    edge_message message = {};
    EXPECT_EQ(edge_model_check(&d.model, &message), cases[i].first)
        << "case " << i << ": " << message.text;
    EXPECT_STRNE(message.text, "");
    edge_session *session = nullptr;
    EXPECT_EQ(edge_session_create(&d.model, 1, &session, nullptr),
              cases[i].first);
    EXPECT_EQ(session, nullptr);
  }
}

TEST(ModelCheck, ChecksWhereOutputsHaveTheirSize) {
  const int64_t shape[] = {2, 3};
  auto check = [&](int32_t output, int32_t dimension, edge_dtype dtype) {
    Descriptor d;
    const edge_tensor_info outputs[] = {
        {"y", EDGE_DTYPE_F32, 2, shape, 24, 0, -1, nullptr, nullptr, output,
         dimension},
        {"n", dtype, 0, nullptr, edge_dtype_bits(dtype) / 8, 0, -1, nullptr,
         nullptr, -1, -1}};
    d.model.output_count = 2;
    d.model.outputs = outputs;
    return edge_model_check(&d.model, nullptr);
  };
  EXPECT_EQ(check(1, 0, EDGE_DTYPE_I64), EDGE_OK);
  EXPECT_EQ(check(1, 1, EDGE_DTYPE_I64), EDGE_OK);
  EXPECT_EQ(check(1, 2, EDGE_DTYPE_I64), EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check(1, -1, EDGE_DTYPE_I64), EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check(2, 0, EDGE_DTYPE_I64), EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check(0, 0, EDGE_DTYPE_I64), EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check(1, 0, EDGE_DTYPE_I32), EDGE_ERROR_CORRUPT);
}

TEST(ModelCheck, AcceptsALaterStructOfThisVersion) {
  Descriptor d;
  d.model.struct_size += 8;
  EXPECT_EQ(edge_model_check(&d.model, nullptr), EDGE_OK);
}

/// A descriptor with a device, a job and an alternative.
struct DeviceDescriptor : Descriptor {
  Descriptor other;
  uint64_t parameters[2] = {16, 32};
  edge_device_info device = {"npu", "npu-64", parameters, 2, 1};
  edge_job_buffer buffers[2] = {{64, EDGE_ACCESS_READ, 0},
                                {64, EDGE_ACCESS_WRITE, 0}};
  alignas(8) char commands[8] = {};
  edge_job_info job = {"j", "l", 0, 2, buffers, commands, 8, 1, 2, 3};
  edge_alternative alternatives[2] = {{"npu", nullptr, 1, 2, 0},
                                      {"cpu", &other.model, 1, 2, 0}};

  DeviceDescriptor() {
    model.device_count = model.job_count = 1;
    model.devices = &device;
    model.jobs = &job;
    model.alternative_count = 2;
    model.alternatives = alternatives;
  }
};

TEST(ModelCheck, AcceptsDevicesAndAlternatives) {
  DeviceDescriptor d;
  edge_message message = {};
  EXPECT_EQ(edge_model_check(&d.model, &message), EDGE_OK) << message.text;
  EXPECT_EQ(edge_model_device_count(&d.model), 1u);
  EXPECT_EQ(edge_model_job_count(&d.model), 1u);
  EXPECT_EQ(edge_model_alternative_count(&d.model), 2u);
  EXPECT_EQ(edge_model_alternative(&d.model, 0), &d.model);
  EXPECT_EQ(edge_model_alternative(&d.model, 1), &d.other.model);
  EXPECT_STREQ(edge_model_alternative_info(&d.model, 1)->label, "cpu");
  EXPECT_EQ(edge_model_alternative_info(&d.model, 2), nullptr);
}

// For other sizes, a model may be placed otherwise.
TEST(ModelCheck, AcceptsVariantsWithOtherDevices) {
  DeviceDescriptor d;
  Descriptor withoutDevices;
  DeviceDescriptor other;
  other.device.name = "npu-1024";
  other.model.alternative_count = 0;
  const edge_model *variants[] = {&withoutDevices.model, &other.model};
  d.model.variant_count = 2;
  d.model.variants = variants;
  edge_message message = {};
  EXPECT_EQ(edge_model_check(&d.model, &message), EDGE_OK) << message.text;
  edge_session *session = nullptr;
  ASSERT_EQ(edge_session_create(&d.model, 1, &session, &message), EDGE_OK);
  ASSERT_EQ(edge_session_device_count(session), 2u);
  EXPECT_EQ(edge_session_device_info(session, 1), &other.device);
  edge_session_destroy(session);
}

TEST(ModelCheck, RefusesEveryDamageOfDevices) {
  using Damage = std::function<void(DeviceDescriptor &)>;
  const std::vector<Damage> cases = {
      [](DeviceDescriptor &d) { d.model.device_count = 257; },
      [](DeviceDescriptor &d) { d.model.devices = nullptr; },
      [](DeviceDescriptor &d) { d.device.kind = nullptr; },
      [](DeviceDescriptor &d) { d.device.name = nullptr; },
      [](DeviceDescriptor &d) { d.device.parameters = nullptr; },
      [](DeviceDescriptor &d) { d.device.parameter_count = UINT32_MAX; },
      [](DeviceDescriptor &d) { d.model.job_count = UINT32_MAX; },
      [](DeviceDescriptor &d) { d.model.jobs = nullptr; },
      [](DeviceDescriptor &d) { d.job.name = nullptr; },
      [](DeviceDescriptor &d) { d.job.layers = nullptr; },
      [](DeviceDescriptor &d) { d.job.device = 1; },
      [](DeviceDescriptor &d) { d.job.buffers = nullptr; },
      [](DeviceDescriptor &d) { d.job.buffer_count = 1025; },
      [](DeviceDescriptor &d) { d.job.commands = nullptr; },
      [](DeviceDescriptor &d) { d.job.commands = d.commands + 1; },
      [](DeviceDescriptor &d) { d.job.commands_bytes = UINT64_MAX; },
      [](DeviceDescriptor &d) { d.buffers[1].access = 0; },
      [](DeviceDescriptor &d) { d.buffers[1].access = EDGE_ACCESS_CONSTANT; },
      [](DeviceDescriptor &d) { d.buffers[1].access |= EDGE_ACCESS_CONSTANT; },
      [](DeviceDescriptor &d) { d.buffers[0].access |= EDGE_ACCESS_SCRATCH; },
      [](DeviceDescriptor &d) { d.buffers[0].access = 16 + 1; },
      [](DeviceDescriptor &d) { d.buffers[0].size_bytes = UINT64_MAX; },
      [](DeviceDescriptor &d) { d.model.alternative_count = 257; },
      [](DeviceDescriptor &d) { d.model.alternatives = nullptr; },
      [](DeviceDescriptor &d) { d.alternatives[0].model = &d.other.model; },
      [](DeviceDescriptor &d) { d.alternatives[1].model = nullptr; },
      [](DeviceDescriptor &d) { d.alternatives[1].label = nullptr; },
      [](DeviceDescriptor &d) { d.alternatives[1].label = "npu"; },
      // The alternative is a descriptor like others, with the same tensors.
      [](DeviceDescriptor &d) { d.other.model.entry = nullptr; },
      [](DeviceDescriptor &d) { d.other.model.output_count = 0; },
      [](DeviceDescriptor &d) { d.other.tensor.name = "u"; },
      [](DeviceDescriptor &d) { d.other.tensor.dtype = EDGE_DTYPE_U8; },
      [](DeviceDescriptor &d) {
        d.other.shape[0] = 1;
        d.other.tensor.size_bytes = 3;
      },
      [](DeviceDescriptor &d) {
        d.other.model.alternative_count = 2;
        d.other.model.alternatives = d.alternatives;
      },
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    DeviceDescriptor d;
    cases[i](d);
    edge_message message = {};
    EXPECT_EQ(edge_model_check(&d.model, &message), EDGE_ERROR_CORRUPT)
        << "case " << i << ": " << message.text;
    EXPECT_STRNE(message.text, "");
  }
}

// What an older compiler wrote ends before the devices; what lies there is not
// read.
TEST(ModelCheck, AcceptsStructsOfOlderCompilers) {
  for (size_t size : {EDGE_MODEL_FIRST_SIZE, EDGE_MODEL_VARIANTS_SIZE,
                      EDGE_MODEL_VARIANTS_SIZE + 8}) {
    DeviceDescriptor d;
    d.model.struct_size = static_cast<uint32_t>(size);
    d.model.device_count = d.model.job_count = UINT32_MAX;
    d.model.alternative_count = UINT32_MAX;
    EXPECT_EQ(edge_model_check(&d.model, nullptr), EDGE_OK) << size;
    EXPECT_EQ(edge_model_device_count(&d.model), 0u);
    EXPECT_EQ(edge_model_job_count(&d.model), 0u);
    EXPECT_EQ(edge_model_alternative_count(&d.model), 1u);
  }
}

TEST(ModelCheck, NamesEveryMissingFeature) {
  Descriptor d;
  const char *features[] = {"warp-drive", "flux-capacitor"};
  d.model.features = features;
  d.model.feature_count = 2;
  edge_message message;
  EXPECT_EQ(edge_model_check(&d.model, &message), EDGE_ERROR_FEATURE);
  EXPECT_THAT(message.text, HasSubstr("needs warp-drive, flux-capacitor"));
}

TEST(ModelCheck, CutsLongMessages) {
  Descriptor d;
  const std::string name(2000, 'n');
  std::vector<const char *> features(1000, name.c_str());
  d.model.name = name.c_str();
  d.model.features = features.data();
  d.model.feature_count = 1000;
  edge_message message;
  EXPECT_EQ(edge_model_check(&d.model, &message), EDGE_ERROR_FEATURE);
  EXPECT_EQ(strlen(message.text), sizeof(message.text) - 1);
}

TEST(ModelCheck, KnowsTheSizeOfEveryType) {
  EXPECT_EQ(edge_dtype_bits(EDGE_DTYPE_F32), 32u);
  EXPECT_EQ(edge_dtype_bits(EDGE_DTYPE_BF16), 16u);
  EXPECT_EQ(edge_dtype_bits(EDGE_DTYPE_I4), 4u);
  EXPECT_EQ(edge_dtype_bits(EDGE_DTYPE_INVALID), 0u);
  EXPECT_EQ(edge_dtype_bits(UINT32_MAX), 0u);
  EXPECT_STREQ(edge_dtype_name(EDGE_DTYPE_F8E4M3), "float8_e4m3fn");
  EXPECT_STREQ(edge_dtype_name(UINT32_MAX), "invalid");
}

} // namespace
