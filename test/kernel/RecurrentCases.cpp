//===- RecurrentCases.cpp - RNN, GRU and LSTM -----------------------------===//
#include "dialects/edge/Recurrent.h"
#include "test/kernel/Cases.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;
using edge::Activation;
using edge::Direction;

namespace {

/// A recurrent operator; all optional operands are absent or present.
struct Layer {
  int64_t steps = 5, sequences = 1, units = 24;
  Direction direction = Direction::forward;
  /// per direction
  std::vector<Activation> activations = {};
  bool hidden = false;
  /// of the sequences; empty: no operand
  std::vector<int32_t> lengths = {};
  /// weights that are computed at run time
  bool runTimeWeights = false;
  float clip = 0.0F;

  int64_t directions() const {
    return direction == Direction::bidirectional ? 2 : 1;
  }
  std::string text() const;
};

/// A layer's operands and attributes in one graph.
struct LayerWriter {
  GraphWriter &graph;
  const Layer &layer;
  int64_t gateCount;
  int64_t state = layer.units;

  Value gates() {
    return graph.input({layer.steps, layer.sequences,
                        layer.directions() * gateCount * layer.units},
                       {-2, 2});
  }
  /// Weights that keep the sums about as large as what the input gives.
  Value weight(int64_t rows, int64_t columns, bool gated) {
    double size = 2.0 / std::sqrt(double(rows));
    std::vector<int64_t> shape = {layer.directions(), rows, columns};
    if (gated)
      shape.insert(shape.begin() + 2, gateCount);
    return layer.runTimeWeights ? graph.input(shape, {-size, size})
                                : graph.constant(shape, {-size, size});
  }
  Value recurrent() { return weight(state, layer.units, /*gated=*/true); }
  Value initial(int64_t size) {
    return graph.input({layer.sequences, layer.directions(), size}, {-1, 1});
  }
  Value hidden() { return layer.hidden ? initial(state) : Value(); }
  Value lengths() {
    return layer.lengths.empty() ? Value() : graph.integers(layer.lengths);
  }
  /// Those of every direction.
  SmallVector<int32_t> activations() {
    SmallVector<int32_t> kinds;
    for (int64_t d = 0; d < layer.directions(); ++d)
      for (Activation activation : layer.activations)
        kinds.push_back(int32_t(activation));
    return kinds;
  }
  SmallVector<float> parameters(float value) {
    return SmallVector<float>(layer.activations.size() * layer.directions(),
                              value);
  }
  APFloat clip() { return APFloat(layer.clip); }
  void output(ArrayRef<Value> results) {
    for (Value result : results)
      graph.output(result);
  }
};

} // namespace

std::string Layer::text() const {
  std::string result = " " + std::to_string(steps) + "x" +
                       std::to_string(sequences) + "x" + std::to_string(units) +
                       " " + edge::stringifyDirection(direction).str();
  if (hidden)
    result += " hidden";
  for (int32_t length : lengths)
    result += " length " + std::to_string(length);
  if (runTimeWeights)
    result += " run-time weights";
  if (clip != 0.0F)
    result += " clip";
  return result;
}

/// Sizes and forms that all three operators are tested with.
static std::vector<Layer> layers(const std::vector<Activation> &activations) {
  std::vector<Layer> result;
  auto add = [&](Layer layer) {
    layer.activations = activations;
    result.push_back(std::move(layer));
  };
  add({.steps = 2, .units = 1});
  add({.steps = 3, .units = 37});
  add({.steps = 2, .units = 64});
  add({.steps = 3, .sequences = 4, .units = 20});
  add({.steps = 1, .sequences = 7, .hidden = true});
  add({.direction = Direction::reverse, .hidden = true});
  add({.sequences = 4, .direction = Direction::bidirectional, .hidden = true});
  add({.sequences = 4,
       .direction = Direction::bidirectional,
       .hidden = true,
       .lengths = {5, 0, 9, 2}});
  add({.sequences = 3, .lengths = {-1, 4, 5}});
  add({.sequences = 2, .units = 19, .runTimeWeights = true});
  add({.direction = Direction::bidirectional,
       .runTimeWeights = true,
       .clip = 0.5F});
  return result;
}

static void addRnns(std::vector<Case> &cases) {
  auto addCase = [&](const std::string &name, const Layer &layer, float alpha,
                     float beta) {
    cases.push_back(
        {"rnn" + layer.text() + " " + name, [=](GraphWriter &graph) {
           LayerWriter w{graph, layer, 1};
           Value gates = w.gates(), recurrent = w.recurrent();
           w.output(graph.addAll<edge::RnnOp>(
               gates, recurrent, w.hidden(), w.lengths(), layer.direction,
               w.activations(), w.parameters(alpha), w.parameters(beta),
               w.clip()));
         }});
  };
  for (const Layer &layer : layers({Activation::tanh}))
    addCase("tanh", layer, 0, 0);
  for (auto kind = uint32_t(Activation::identity);
       kind <= edge::getMaxEnumValForActivation(); ++kind) {
    Layer layer{.steps = 3, .units = 9, .activations = {Activation(kind)}};
    addCase(edge::stringifyActivation(Activation(kind)).str(), layer, 0.5F,
            0.75F);
  }
}

static void addGru(std::vector<Case> &cases, const Layer &layer, bool linear) {
  bool hasBias = linear && layer.hidden;
  std::string name = "gru" + layer.text() + (linear ? " linear" : "") +
                     (hasBias ? " bias" : "");
  cases.push_back({name, [=](GraphWriter &graph) {
                     LayerWriter w{graph, layer, 3};
                     Value gates = w.gates(), recurrent = w.recurrent(), bias;
                     if (hasBias)
                       bias = graph.constant({layer.directions(), layer.units});
                     w.output(graph.addAll<edge::GruOp>(
                         gates, recurrent, w.hidden(), w.lengths(), bias,
                         layer.direction, w.activations(), w.parameters(0),
                         w.parameters(0), w.clip(), linear));
                   }});
}

static void addGrus(std::vector<Case> &cases) {
  for (const Layer &layer : layers({Activation::sigmoid, Activation::tanh}))
    for (bool linear : {false, true})
      addGru(cases, layer, linear);
}

namespace {
/// What an LSTM has beyond the other layers.
struct LstmParts {
  std::string name = "";
  edge::Coupling coupling = edge::Coupling::none;
  bool cell = false, peepholes = false;
  int64_t projection = 0;
  float cellClip = 0.0F, projectionClip = 0.0F;
};
} // namespace

static void addLstm(std::vector<Case> &cases, const Layer &layer,
                    const LstmParts &parts) {
  cases.push_back({"lstm" + layer.text() + parts.name, [=](GraphWriter &graph) {
                     int64_t directions = layer.directions(),
                             units = layer.units;
                     bool coupled = parts.coupling != edge::Coupling::none;
                     LayerWriter w{graph, layer, coupled ? 3 : 4};
                     if (parts.projection)
                       w.state = parts.projection;
                     Value gates = w.gates(), recurrent = w.recurrent();
                     Value cell, peepholes, projection, bias;
                     if (parts.cell)
                       cell = w.initial(units);
                     if (parts.peepholes)
                       peepholes = graph.constant({directions, 3, units});
                     if (parts.projection) {
                       projection = w.weight(units, w.state, /*gated=*/false);
                       bias = graph.constant({directions, w.state});
                     }
                     w.output(graph.addAll<edge::LstmOp>(
                         gates, recurrent, w.hidden(), w.lengths(), cell,
                         peepholes, projection, bias, layer.direction,
                         w.activations(), w.parameters(0), w.parameters(0),
                         w.clip(), APFloat(parts.cellClip),
                         APFloat(parts.projectionClip), parts.coupling));
                   }});
}

static void addLstms(std::vector<Case> &cases) {
  std::vector<Activation> activations = {Activation::sigmoid, Activation::tanh,
                                         Activation::tanh};
  for (const Layer &layer : layers(activations))
    addLstm(cases, layer, {});
  const LstmParts forms[] = {
      {.name = " cell", .cell = true},
      {.name = " peepholes", .cell = true, .peepholes = true},
      {.name = " input_forget", .coupling = edge::Coupling::forget},
      {.name = " cifg peepholes",
       .coupling = edge::Coupling::input,
       .peepholes = true},
      {.name = " cell_clip", .cell = true, .cellClip = 0.25F},
      {.name = " projection", .projection = 11},
      {.name = " wide projection", .projection = 40, .projectionClip = 0.5F},
  };
  for (const LstmParts &parts : forms) {
    addLstm(cases,
            {.sequences = 4,
             .direction = Direction::bidirectional,
             .activations = activations,
             .hidden = parts.cell},
            parts);
    addLstm(cases,
            {.sequences = 3,
             .units = 21,
             .direction = Direction::reverse,
             .activations = activations,
             .lengths = {2, 5, 0},
             .runTimeWeights = true},
            parts);
  }
}

std::vector<Case> edgec::test::recurrentCases() {
  std::vector<Case> cases;
  addRnns(cases);
  addGrus(cases);
  addLstms(cases);
  return cases;
}
