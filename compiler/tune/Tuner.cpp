//===- Tuner.cpp - the fastest tilings by measurement ---------------------===//
#include "compiler/tune/Tuner.h"
#include "compiler/tune/TimedModel.h"
#include "passes/kernel/LayerNames.h"
#include <chrono>
#include <cmath>

using namespace edgec;
using namespace edgec::schedule;

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Which of a kernel's candidates a build uses.
enum class Choice { predicted, unmeasured, best };

/// A kernel of the model, by its key in the database.
struct Candidates {
  std::string name;
  std::vector<std::string> tilings;
  /// what the last build used
  size_t chosen = 0;
  /// It runs as a part of another kernel, or shares its nodes with one.
  bool hasNoTime = false;
};

class Tuner : public TilingGuide {
public:
  Tuner(const Source &source, const CompileOptions &options,
        TuningDatabase &database, const TuneOptions &tuning)
      : source(source), options(options), database(database), tuning(tuning) {
    this->options.stages.tilingGuide = this;
    this->options.onProgress = nullptr;
    this->options.onRemark = nullptr;
  }

  llvm::Expected<TuneReport> run();

  size_t choose(KernelOp kernel, MachineAttr machine,
                llvm::ArrayRef<TilingAttr> candidates) override;

private:
  llvm::Expected<TimedModel> build(Choice wanted);
  llvm::Error compare(TimedModel &other, double seconds);
  llvm::Error explore();
  llvm::Error confirm(TuneReport &report);
  void record(const TimedModel &other, bool isConfirmed);
  std::map<std::string, double> timesByKey(const TimedModel &model) const;
  bool isMeasured(const std::string &key, const std::string &tiling) const {
    return database[key].microseconds.count(tiling);
  }
  size_t nextUnmeasured(const std::string &key) const;
  llvm::Error save() const {
    return tuning.save ? tuning.save(database) : llvm::Error::success();
  }
  void count(TuneReport &report) const;
  void showProgress() const;

  const Source &source;
  CompileOptions options;
  TuningDatabase &database;
  const TuneOptions &tuning;
  Clock::time_point start = Clock::now();

  std::map<std::string, Candidates> kernels;
  /// The key of a kernel by its nodes; empty where two kinds share them.
  std::map<std::string, std::string> keyOfLayers;
  Choice choice = Choice::predicted;
  std::optional<TimedModel> baseline;
};

} // namespace

//===-- choosing ---------------------------------------------------------===//

size_t Tuner::choose(KernelOp kernel, MachineAttr machine,
                     llvm::ArrayRef<TilingAttr> candidates) {
  std::string key = TuningDatabase::keyOf(describeKernel(kernel, machine));
  auto [entry, isNew] = kernels.try_emplace(key);
  Candidates &known = entry->second;
  std::string layers = kernel::layerNames(kernel);
  if (isNew) {
    known.name = kernel.getKernelName().str() + " of " + layers;
    for (TilingAttr tiling : candidates)
      known.tilings.push_back(describeTiling(tiling));
  }
  auto [named, isFirst] = keyOfLayers.try_emplace(layers, key);
  if (!isFirst && named->second != key)
    named->second.clear();
  switch (choice) {
  case Choice::predicted:
    known.chosen = 0;
    break;
  case Choice::unmeasured:
    known.chosen = nextUnmeasured(key);
    break;
  case Choice::best:
    known.chosen = database.best(key, candidates);
    break;
  }
  return known.chosen;
}

/// 0 if there is none.
size_t Tuner::nextUnmeasured(const std::string &key) const {
  const Candidates &known = kernels.at(key);
  for (size_t i = 1; i < known.tilings.size() && !known.hasNoTime; ++i)
    if (!isMeasured(key, known.tilings[i]))
      return i;
  return 0;
}

//===-- measuring --------------------------------------------------------===//

llvm::Expected<TimedModel> Tuner::build(Choice wanted) {
  choice = wanted;
  llvm::Expected<Artifact> artifact = compile(source, options);
  if (!artifact)
    return artifact.takeError();
  llvm::Expected<TimedModel> model = TimedModel::load(*artifact);
  // Once for nothing: pages come in, and the clock up.
  if (model)
    if (llvm::Error error = model->run())
      return std::move(error);
  return model;
}

/// Runs both in turns, in blocks of at least 20 ms: a small model keeps its
/// caches warm as it would in use.
llvm::Error Tuner::compare(TimedModel &other, double seconds) {
  auto begin = Clock::now();
  int runs =
      int(std::clamp(0.02 / std::max(baseline->seconds(), 1e-6), 1.0, 1000.0));
  for (int block = 0; block < 3 || secondsSince(begin) < seconds; ++block) {
    for (TimedModel *model : {&*baseline, &other}) {
      for (int i = 0; i < runs; ++i)
        if (llvm::Error error = model->run())
          return error;
    }
  }
  return llvm::Error::success();
}

/// Nanoseconds of all launches of a kernel. Kernels that run as a part of
/// another one (row chains) have no time of their own.
std::map<std::string, double> Tuner::timesByKey(const TimedModel &model) const {
  std::map<std::string, double> times;
  for (size_t i = 0; i < model.kernelCount(); ++i) {
    auto key = keyOfLayers.find(model.layers(i).str());
    if (key != keyOfLayers.end() && !key->second.empty())
      times[key->second] += double(model.leastTime(i));
  }
  return times;
}

/// Writes down what `other` took, relative to the baseline in the same minutes.
void Tuner::record(const TimedModel &other, bool isConfirmed) {
  auto before = timesByKey(*baseline), after = timesByKey(other);
  for (auto &[key, known] : kernels) {
    double base = before.count(key) ? before[key] : 0,
           own = after.count(key) ? after[key] : 0;
    known.hasNoTime = base <= 0 || own <= 0;
    if (known.hasNoTime)
      continue;
    TunedKernel &entry = database[key];
    entry.name = known.name;
    double first = entry.microseconds.try_emplace(known.tilings[0], base / 1000)
                       .first->second;
    if (known.chosen == 0)
      continue;
    double time = first * own / base;
    auto [measured, isNew] =
        entry.microseconds.try_emplace(known.tilings[known.chosen], time);
    if (!isNew && isConfirmed)
      measured->second = time;
  }
}

//===-- the search -------------------------------------------------------===//

/// Measures candidates until all are, or most of the time is up.
llvm::Error Tuner::explore() {
  constexpr double share = 0.75;
  auto isLeft = [&] {
    return llvm::any_of(kernels, [&](const auto &kernel) {
      return nextUnmeasured(kernel.first) != 0;
    });
  };
  while (isLeft() && secondsSince(start) < share * tuning.seconds) {
    llvm::Expected<TimedModel> model = build(Choice::unmeasured);
    if (!model)
      return model.takeError();
    if (llvm::Error error = compare(*model, /*seconds=*/0.3))
      return error;
    record(*model, /*isConfirmed=*/false);
    if (llvm::Error error = save())
      return error;
    showProgress();
  }
  return llvm::Error::success();
}

/// The best of many measurements is often one that was lucky: builds with the
/// best are measured again, longer, until they stay the best.
llvm::Error Tuner::confirm(TuneReport &report) {
  std::vector<size_t> last;
  for (int round = 0; round < 4; ++round) {
    llvm::Expected<TimedModel> model = build(Choice::best);
    if (!model)
      return model.takeError();
    std::vector<size_t> chosen;
    chosen.reserve(kernels.size());
    for (const auto &[key, known] : kernels)
      chosen.push_back(known.chosen);
    if (chosen == last)
      break;
    last = std::move(chosen);
    if (llvm::Error error = compare(*model, 0.05 * tuning.seconds))
      return error;
    record(*model, /*isConfirmed=*/true);
    report.untuned = baseline->seconds() * 1e6;
    report.tuned = model->seconds() * 1e6;
    if (llvm::Error error = save())
      return error;
  }
  return llvm::Error::success();
}

void Tuner::count(TuneReport &report) const {
  for (const auto &[key, known] : kernels) {
    if (known.hasNoTime)
      continue;
    ++report.kernels;
    report.improved += known.chosen != 0;
    report.candidates += known.tilings.size();
    for (const std::string &tiling : known.tilings)
      report.measured += isMeasured(key, tiling);
  }
}

void Tuner::showProgress() const {
  TuneReport report;
  count(report);
  if (tuning.onProgress)
    tuning.onProgress(unsigned(report.measured), unsigned(report.candidates));
}

llvm::Expected<TuneReport> Tuner::run() {
  llvm::Expected<TimedModel> first = build(Choice::predicted);
  if (!first)
    return first.takeError();
  baseline.emplace(std::move(*first));
  TuneReport report;
  if (llvm::Error error = explore())
    return std::move(error);
  if (llvm::Error error = confirm(report))
    return std::move(error);
  count(report);
  return report;
}

llvm::Expected<TuneReport> edgec::tune(const Source &source,
                                       const CompileOptions &options,
                                       TuningDatabase &database,
                                       const TuneOptions &tuning) {
  return Tuner(source, options, database, tuning).run();
}
