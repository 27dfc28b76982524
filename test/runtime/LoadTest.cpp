// Loading: every kind of wrong file is told apart by status and message, before
// any of its code runs.

#include "Models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using testing::HasSubstr;

namespace {

std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Writes `bytes` to a file, tries to load it, removes it.
edge_status loadBytes(const std::string &bytes, edge_message &message) {
  char path[] = "/tmp/edge-load-test-XXXXXX";
  int file = mkstemp(path);
  EXPECT_GE(file, 0);
  EXPECT_EQ(write(file, bytes.data(), bytes.size()),
            static_cast<ssize_t>(bytes.size()));
  close(file);
  edge_artifact *artifact = nullptr;
  edge_status status = edge_model_load(path, &artifact, &message);
  EXPECT_EQ(artifact == nullptr, status != EDGE_OK);
  edge_model_unload(artifact);
  unlink(path);
  return status;
}

TEST(Load, GivesTheDescriptor) {
  LoadedModel loaded("affine");
  ASSERT_EQ(loaded.status, EDGE_OK) << loaded.message.text;
  EXPECT_STREQ(loaded.model()->name, "affine");
  EXPECT_EQ(loaded.model()->input_count, 2u);
}

/// Pages that this process was given so far.
long pageFaults() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

/// Weights that were moved are the same numbers at the same addresses, for
/// sessions that were there before as well.
TEST(Load, HugePagesKeepTheWeights) {
  LoadedModel loaded("large");
  ASSERT_EQ(loaded.status, EDGE_OK) << loaded.message.text;
  edge_session *session = nullptr;
  ASSERT_EQ(edge_session_create(loaded.model(), 1, &session, nullptr), EDGE_OK);
  uint64_t moved = 0;
  for (int turn = 0; turn < 2; ++turn) {
    uint64_t bytes = 1;
    const long before = pageFaults();
    EXPECT_EQ(
        edge_artifact_use_huge_pages(loaded.artifact, &bytes, &loaded.message),
        EDGE_OK)
        << loaded.message.text;
    // 8 MB; none where the system has no huge pages.
    EXPECT_EQ(bytes % (2 << 20), 0u);
    EXPECT_LE(bytes, 8u << 20);
    // The second call finds nothing left to copy: new pages would fault.
    if (turn == 1) {
      EXPECT_EQ(bytes, moved);
      EXPECT_LE(pageFaults() - before, long(bytes / (2 << 20)) / 2);
    }
    moved = bytes;
    AffineBuffers buffers(float(turn + 1));
    ASSERT_EQ(
        edge_session_run(session, buffers.inputs, buffers.outputs, nullptr),
        EDGE_OK);
    EXPECT_TRUE(buffers.correct());
  }
  edge_session_destroy(session);
}

TEST(Load, HugePagesLeaveSmallWeightsAlone) {
  LoadedModel loaded("affine");
  ASSERT_EQ(loaded.status, EDGE_OK);
  uint64_t bytes = 1;
  EXPECT_EQ(edge_artifact_use_huge_pages(loaded.artifact, &bytes, nullptr),
            EDGE_OK);
  EXPECT_EQ(bytes, 0u);
  EXPECT_EQ(edge_artifact_use_huge_pages(loaded.artifact, nullptr, nullptr),
            EDGE_OK);
  edge_message message;
  EXPECT_EQ(edge_artifact_use_huge_pages(nullptr, &bytes, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
}

TEST(Load, RefusesNull) {
  edge_artifact *artifact = nullptr;
  edge_message message;
  EXPECT_EQ(edge_model_load(nullptr, &artifact, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_model_load("x.so", nullptr, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_model_load(nullptr, nullptr, nullptr),
            EDGE_ERROR_INVALID_ARGUMENT);
  edge_model_unload(nullptr);
}

TEST(Load, NamesAMissingFile) {
  edge_artifact *artifact;
  edge_message message;
  EXPECT_EQ(edge_model_load("/nonexistent/m.so", &artifact, &message),
            EDGE_ERROR_FILE);
  EXPECT_STREQ(message.text,
               "cannot open '/nonexistent/m.so': No such file or directory");
  EXPECT_EQ(artifact, nullptr);
}

TEST(Load, RefusesAFolder) {
  edge_artifact *artifact;
  edge_message message;
  EXPECT_EQ(edge_model_load("/tmp", &artifact, &message),
            EDGE_ERROR_NOT_AN_ARTIFACT);
  EXPECT_THAT(message.text, HasSubstr("not a regular file"));
}

TEST(Load, RefusesOtherFiles) {
  edge_message message;
  for (const std::string &bytes :
       {std::string(), std::string("onnx"), std::string(200, '\0')}) {
    EXPECT_EQ(loadBytes(bytes, message), EDGE_ERROR_NOT_AN_ARTIFACT);
    EXPECT_THAT(message.text, HasSubstr("not an ELF file"));
  }
}

TEST(Load, RefusesAnObjectFile) {
  std::string bytes = readFile(modelPath("affine"));
  bytes[16] = 1; // e_type: ET_REL
  edge_message message;
  EXPECT_EQ(loadBytes(bytes, message), EDGE_ERROR_NOT_AN_ARTIFACT);
  EXPECT_THAT(message.text, HasSubstr("-emit=shared"));
}

TEST(Load, NamesBothArchitectures) {
  std::string bytes = readFile(modelPath("affine"));
  bytes[18] = 40; // e_machine: EM_ARM
  bytes[19] = 0;
  edge_message message;
  EXPECT_EQ(loadBytes(bytes, message), EDGE_ERROR_ARCHITECTURE);
  EXPECT_THAT(message.text, HasSubstr("is compiled for arm but this machine"));
}

TEST(Load, SurvivesEveryTruncation) {
  const std::string bytes = readFile(modelPath("affine"));
  edge_message message;
  for (size_t size = 0; size < bytes.size(); size += 1 + size / 16) {
    edge_status status = loadBytes(bytes.substr(0, size), message);
    // The section table at the end is not needed to load.
    if (status)
      EXPECT_EQ(status, EDGE_ERROR_NOT_AN_ARTIFACT) << size;
  }
}

TEST(Load, SurvivesADamagedSegmentTable) {
  const std::string bytes = readFile(modelPath("affine"));
  edge_message message;
  // e_phoff, e_phentsize and e_phnum
  for (size_t field : {32, 39, 54, 56, 57}) {
    std::string damaged = bytes;
    damaged[field] = static_cast<char>(0xff);
    EXPECT_EQ(loadBytes(damaged, message), EDGE_ERROR_NOT_AN_ARTIFACT);
  }
}

TEST(Load, RefusesASharedObjectWithoutModel) {
  LoadedModel loaded("no-symbol");
  EXPECT_EQ(loaded.status, EDGE_ERROR_NOT_AN_ARTIFACT);
  EXPECT_THAT(loaded.message.text,
              HasSubstr("a shared object without a model"));
}

TEST(Load, ChecksTheDescriptor) {
  const struct {
    const char *model;
    edge_status status;
    const char *text;
  } cases[] = {
      {"wrong-magic", EDGE_ERROR_NOT_AN_ARTIFACT, "magic number"},
      {"wrong-version", EDGE_ERROR_ABI_VERSION,
       "has ABI version 77 but this runtime reads version 2"},
      {"wrong-architecture", EDGE_ERROR_ARCHITECTURE, "is compiled for arm"},
      {"wrong-size", EDGE_ERROR_CORRUPT, "damaged description of output 0"},
      {"unknown-feature", EDGE_ERROR_FEATURE, "needs warp-drive"},
  };
  for (const auto &c : cases) {
    LoadedModel loaded(c.model);
    EXPECT_EQ(loaded.status, c.status) << c.model;
    EXPECT_THAT(loaded.message.text, HasSubstr(c.text));
    EXPECT_EQ(loaded.artifact, nullptr);
  }
}

TEST(Load, TakesANameWithoutSlashFromTheCurrentFolder) {
  char previous[4096];
  ASSERT_NE(getcwd(previous, sizeof(previous)), nullptr);
  ASSERT_EQ(chdir(EDGE_TEST_MODELS), 0);
  edge_artifact *artifact;
  edge_message message;
  EXPECT_EQ(edge_model_load("affine.so", &artifact, &message), EDGE_OK)
      << message.text;
  edge_model_unload(artifact);
  ASSERT_EQ(chdir(previous), 0);
}

TEST(Status, HasATextForEveryValue) {
  for (edge_status status = EDGE_ERROR_CANCELLED; status <= EDGE_OK; ++status)
    EXPECT_STRNE(edge_status_text(status), "unknown status") << status;
  EXPECT_STREQ(edge_status_text(EDGE_ERROR_CANCELLED - 1), "unknown status");
  EXPECT_STREQ(edge_status_text(1), "unknown status");
  EXPECT_STREQ(edge_status_text(INT32_MIN), "unknown status");
}

} // namespace
