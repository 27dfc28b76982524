// Choosing among the ways in which a model was compiled, by hand and by limits.

#include "Jobs.h"

#include <gmock/gmock.h>

#include <limits>

using testing::HasSubstr;

namespace {

enum : uint32_t { tally = 0, cpu = 1, rough = 2 };

struct Alternative : testing::Test {
  LoadedModel loaded{"jobs"};
  JobDevices devices{loaded.model()};
  JobSession s{loaded.model(), devices};
  JobBuffers buffers{5};
  edge_run_report report = {};

  edge_status within(uint64_t deadlineNs, uint64_t energyNj) {
    return edge_session_run_within(s.session, buffers.inputs, buffers.outputs,
                                   deadlineNs, energyNj, &report, &s.message);
  }
};

TEST_F(Alternative, IsFoundByItsLabel) {
  uint32_t index = 9;
  edge_message message;
  EXPECT_EQ(edge_model_find_alternative(loaded.model(), "cpu", &index, nullptr),
            EDGE_OK);
  EXPECT_EQ(index, cpu);
  EXPECT_EQ(
      edge_model_find_alternative(loaded.model(), "gpu", &index, &message),
      EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_STREQ(message.text, "model 'jobs' has no alternative 'gpu'; it has "
                             "'tally', 'cpu', 'rough'");
  LoadedModel affine("affine");
  EXPECT_EQ(
      edge_model_find_alternative(affine.model(), "cpu", &index, &message),
      EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_THAT(message.text, HasSubstr("it has none"));
}

TEST_F(Alternative, IsChosenByHand) {
  for (uint32_t index : {cpu, tally}) {
    ASSERT_EQ(edge_session_set_alternative(s.session, index, nullptr), EDGE_OK);
    EXPECT_EQ(edge_session_variant(s.session),
              edge_model_alternative(loaded.model(), index));
    buffers.y.fill(0);
    ASSERT_EQ(s.run(buffers), EDGE_OK);
    EXPECT_TRUE(buffers.correct());
    EXPECT_EQ(edge_session_report(s.session)->alternative, index);
  }
  EXPECT_EQ(edge_session_set_alternative(s.session, 3, &s.message),
            EDGE_ERROR_INVALID_ARGUMENT);
}

TEST_F(Alternative, ProfilesWhatItRuns) {
  ASSERT_EQ(edge_session_set_profile(s.session, 1, nullptr), EDGE_OK);
  ASSERT_EQ(s.run(buffers), EDGE_OK);
  EXPECT_EQ(edge_session_profile(s.session)[2].run_count, 1u);
  ASSERT_EQ(edge_session_set_alternative(s.session, cpu, nullptr), EDGE_OK);
  EXPECT_EQ(edge_session_profile(s.session)[0].run_count, 0u);
  ASSERT_EQ(s.run(buffers), EDGE_OK);
  EXPECT_EQ(edge_session_profile(s.session)[0].run_count, 1u);
  EXPECT_EQ(edge_session_job_profile(s.session), nullptr);
}

// Predicted: tally 6 ms and 100 nJ, cpu 20 ms and 1000 nJ, both exact; rough
// 1 us and 1 nJ with a large error.
TEST_F(Alternative, IsExactAsLongAsThereIsTime) {
  ASSERT_EQ(within(10000000, 0), EDGE_OK) << s.message.text;
  EXPECT_EQ(report.alternative, tally);
  EXPECT_EQ(report.fits, 1u);
  EXPECT_EQ(report.expected_ns, 6000000u);
  EXPECT_EQ(report.expected_nj, 100u);
  EXPECT_GE(report.nanoseconds, 3000000u);
  EXPECT_TRUE(buffers.correct());
}

TEST_F(Alternative, IsLessExactUnderPressure) {
  ASSERT_EQ(within(100000, 0), EDGE_OK);
  EXPECT_EQ(report.alternative, rough);
  EXPECT_EQ(report.fits, 1u);
  EXPECT_EQ(edge_session_report(s.session)->planned, rough);
  ASSERT_EQ(within(0, 10), EDGE_OK);
  EXPECT_EQ(report.alternative, rough);
}

TEST_F(Alternative, SavesEnergyWithoutADeadline) {
  ASSERT_EQ(within(0, 5000), EDGE_OK);
  EXPECT_EQ(report.alternative, tally);
  ASSERT_EQ(within(0, 0), EDGE_OK);
  EXPECT_EQ(report.alternative, tally);
}

TEST_F(Alternative, SaysWhenNothingFits) {
  ASSERT_EQ(within(10, 0), EDGE_OK);
  EXPECT_EQ(report.fits, 0u);
  EXPECT_EQ(report.alternative, rough);
}

// Without its device, what needs it is left out.
TEST_F(Alternative, DoesWithoutMissingDevices) {
  ASSERT_EQ(edge_session_attach_device(s.session, 0, nullptr, nullptr),
            EDGE_OK);
  ASSERT_EQ(within(100000000, 0), EDGE_OK);
  EXPECT_EQ(report.alternative, cpu);
  EXPECT_TRUE(buffers.correct());
}

TEST_F(Alternative, LearnsFromRuns) {
  // The compiler thought the CPU slower than it is: 20 ms, and a run takes
  // microseconds. Once it was measured, it wins over 3 ms on the device.
  ASSERT_EQ(edge_session_set_alternative(s.session, cpu, nullptr), EDGE_OK);
  for (int run = 0; run < 40; ++run)
    ASSERT_EQ(s.run(buffers), EDGE_OK);
  ASSERT_EQ(within(1000000000, 0), EDGE_OK);
  EXPECT_EQ(report.alternative, cpu);
  EXPECT_LT(report.expected_ns, 6000000u);
  // And what is measured of jobs replaces their prediction: 100 nJ of which 50
  // are the jobs', as predicted.
  ASSERT_EQ(edge_session_set_alternative(s.session, tally, nullptr), EDGE_OK);
  ASSERT_EQ(s.run(buffers), EDGE_OK);
  ASSERT_EQ(s.run(buffers), EDGE_OK);
  EXPECT_EQ(edge_session_report(s.session)->expected_nj, 100u);
}

// Errors that are not known count as more than any other.
TEST_F(Alternative, PrefersKnownErrors) {
  edge_alternative list[3] = {loaded.model()->alternatives[0],
                              loaded.model()->alternatives[1],
                              loaded.model()->alternatives[2]};
  list[0].error = std::numeric_limits<double>::quiet_NaN();
  edge_model model = *loaded.model();
  model.alternatives = list;
  JobSession other(&model, devices);
  ASSERT_EQ(edge_session_run_within(other.session, buffers.inputs,
                                    buffers.outputs, 1000000000, 0, &report,
                                    nullptr),
            EDGE_OK);
  EXPECT_EQ(report.alternative, cpu);
}

} // namespace
