// Models for ranges of sizes: which variant belongs to which shapes, sessions
// that change their shapes, and descriptors that promise too much.

#include "Models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

using testing::HasSubstr;

namespace {

struct Ranged {
  LoadedModel loaded{"ranged"};
  edge_message message = {};
  const edge_model *model = loaded.model();

  edge_status find(std::vector<int64_t> shape, const edge_model **variant) {
    const int64_t *shapes[] = {shape.data()};
    return edge_model_with_shapes(model, shapes, variant, &message);
  }
};

TEST(Variants, AreFoundByShape) {
  Ranged r;
  ASSERT_EQ(r.loaded.status, EDGE_OK) << r.loaded.message.text;
  ASSERT_EQ(edge_model_variant_count(r.model), 3u);
  EXPECT_EQ(edge_model_variant(r.model, 0), r.model);
  for (int64_t rows : {1, 2, 3}) {
    const edge_model *variant = nullptr;
    ASSERT_EQ(r.find({rows, 2}, &variant), EDGE_OK) << r.message.text;
    EXPECT_EQ(variant->inputs[0].shape[0], rows);
  }
  int64_t least, most;
  edge_model_size_range(r.model, 1, 0, 0, &least, &most);
  EXPECT_EQ(least, 1);
  EXPECT_EQ(most, 3);
  const edge_model *any = nullptr;
  const int64_t *shapes[] = {nullptr};
  ASSERT_EQ(edge_model_with_shapes(r.model, shapes, &any, nullptr), EDGE_OK);
  EXPECT_EQ(any, r.model);
}

TEST(Variants, OtherShapesAreRefused) {
  Ranged r;
  const edge_model *variant = nullptr;
  for (std::vector<int64_t> shape :
       {std::vector<int64_t>{4, 2}, {0, 2}, {3, 1}, {-1, 2}}) {
    EXPECT_EQ(r.find(shape, &variant), EDGE_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(variant, nullptr);
  }
  EXPECT_THAT(r.message.text, HasSubstr("input 'x' has shape [-1, 2] but model "
                                        "'ranged' takes [1..3, 2]"));
  EXPECT_EQ(edge_model_with_shapes(r.model, nullptr, &variant, &r.message),
            EDGE_ERROR_INVALID_ARGUMENT);
}

TEST(Variants, AModelWithoutThemTakesItsOwnShape) {
  LoadedModel affine("affine");
  const edge_model *variant = nullptr;
  const int64_t x[] = {2, 3, 4}, wrong[] = {2, 3, 5};
  const int64_t *shapes[] = {x, nullptr};
  EXPECT_EQ(edge_model_variant_count(affine.model()), 1u);
  EXPECT_EQ(edge_model_with_shapes(affine.model(), shapes, &variant, nullptr),
            EDGE_OK);
  EXPECT_EQ(variant, affine.model());
  shapes[0] = wrong;
  EXPECT_EQ(edge_model_with_shapes(affine.model(), shapes, &variant, nullptr),
            EDGE_ERROR_INVALID_ARGUMENT);
}

TEST(Variants, ASessionChangesItsShapes) {
  Ranged r;
  edge_session *session = nullptr;
  ASSERT_EQ(edge_session_create(r.model, 1, &session, &r.message), EDGE_OK);
  EXPECT_EQ(edge_session_variant(session), r.model);
  ASSERT_EQ(edge_session_set_profile(session, 1, &r.message), EDGE_OK);
  for (int64_t rows : {3, 1, 2, 3}) {
    const int64_t shape[] = {rows, 2};
    const int64_t *shapes[] = {shape};
    ASSERT_EQ(edge_session_set_shapes(session, shapes, &r.message), EDGE_OK);
    ASSERT_EQ(edge_session_variant(session)->kernel_count, uint32_t(rows));
    std::vector<float> x = {1, 2, 3, 4, 5, 6}, y(6, -1);
    const void *inputs[] = {x.data()};
    void *outputs[] = {y.data()};
    ASSERT_EQ(edge_session_run(session, inputs, outputs, &r.message), EDGE_OK);
    for (int64_t i = 0; i < 6; ++i)
      EXPECT_EQ(y[i], i < 2 * rows ? 2 * x[i] : -1) << rows << " rows, " << i;
    // The records are those of this variant's kernels.
    for (int64_t i = 0; i < 3; ++i)
      EXPECT_EQ(edge_session_profile(session)[i].run_count, i < rows ? 1u : 0u);
  }
  const int64_t wrong[] = {4, 2};
  const int64_t *shapes[] = {wrong};
  EXPECT_EQ(edge_session_set_shapes(session, shapes, &r.message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_session_variant(session), r.model);
  EXPECT_EQ(edge_session_set_shapes(nullptr, shapes, &r.message),
            EDGE_ERROR_INVALID_ARGUMENT);
  edge_session_destroy(session);
}

/// A copy of the model with one variant, which a test may damage.
struct Copies {
  Ranged r;
  edge_model variant = *r.model->variants[0], model = *r.model;
  const edge_model *variants[1] = {&variant};
  edge_tensor_info input = variant.inputs[0], output = variant.outputs[0];

  Copies() {
    model.variants = variants;
    model.variant_count = 1;
    variant.inputs = &input;
    variant.outputs = &output;
  }
  edge_status check() { return edge_model_check(&model, &r.message); }
};

TEST(Variants, DamageIsFound) {
  EXPECT_EQ(Copies().check(), EDGE_OK);
  auto check = [](void (*damage)(Copies &)) {
    Copies copies;
    damage(copies);
    return copies.check();
  };
  EXPECT_EQ(check([](Copies &c) { c.variants[0] = nullptr; }),
            EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check([](Copies &c) { c.model.variants = nullptr; }),
            EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check([](Copies &c) { c.model.variant_count = UINT32_MAX; }),
            EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check([](Copies &c) { c.variant.magic = 0; }), EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check([](Copies &c) { c.variant.variant_count = 1; }),
            EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check([](Copies &c) { c.variant.entry = nullptr; }),
            EDGE_ERROR_CORRUPT);
  // What needs more memory than the model says.
  EXPECT_EQ(check([](Copies &c) { c.variant.arena_bytes = 25; }),
            EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check([](Copies &c) { c.input = c.r.model->inputs[0]; }), EDGE_OK);
  EXPECT_EQ(check([](Copies &c) {
              static const int64_t larger[] = {4, 2};
              c.output.shape = larger;
              c.output.size_bytes = 32;
            }),
            EDGE_ERROR_CORRUPT);
  EXPECT_EQ(check([](Copies &c) { c.output.name = "z"; }), EDGE_ERROR_CORRUPT);
  // A compiler that knew no variants wrote nothing there.
  EXPECT_EQ(check([](Copies &c) {
              c.model.struct_size = EDGE_MODEL_FIRST_SIZE;
              c.model.variants = nullptr;
            }),
            EDGE_OK);
}

} // namespace
