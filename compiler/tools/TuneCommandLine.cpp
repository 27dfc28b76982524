//===- TuneCommandLine.cpp - options of tuning ----------------------------===//
#include "compiler/tools/TuneCommandLine.h"
#include "compiler/artifact/OutputFile.h"
#include "compiler/tune/Tuner.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"

using namespace edgec;
using namespace llvm;

TuneCommandLine::TuneCommandLine(cl::OptionCategory &category)
    : where("tune",
            cl::desc("measure other loop structures for each kernel on this "
                     "processor, for so many seconds (default: 60), and keep "
                     "the fastest in -tuning-db"),
            cl::value_desc("host[:SECONDS]"), cl::cat(category)),
      path("tuning-db",
           cl::desc("what earlier tunings measured; compiling uses it"),
           cl::value_desc("FILE.json"), cl::cat(category)) {}

Error TuneCommandLine::checkHost(StringRef model,
                                 const CompileOptions &options) const {
  const MachineRequest &machine = options.machine;
  bool isHost = (machine.target.empty() || machine.target == "host") &&
                (machine.cpu.empty() || machine.cpu == "native") &&
                machine.file.empty() && machine.features.empty();
  if (!isHost) {
    return createStringError(
        "-tune=host measures on this processor; leave out -target, -mcpu, "
        "-mattr and -machine");
  }
  if (options.emit != Emit::Shared) {
    return createStringError("-tune runs what it compiles, so it needs "
                             "-emit=shared; compile again with -tuning-db for "
                             "another kind of artifact");
  }
  if (options.quantize) {
    return createStringError("-tune and -quantize cannot go together yet: "
                             "samples would be run again for each build");
  }
  if (model == "-") {
    return createStringError(
        "-tune reads the model more than once; give it as a file");
  }
  return Error::success();
}

Error TuneCommandLine::read(StringRef model, CompileOptions &options) {
  if (!where.empty()) {
    auto [target, limit] = StringRef(where).split(':');
    if (target != "host")
      return createStringError("-tune=" + where +
                               ": only -tune=host[:SECONDS] is supported yet");
    bool hasLimit = StringRef(where).contains(':');
    if (hasLimit &&
        (limit.getAsDouble(seconds) || !(seconds >= 1) || !(seconds <= 86400)))
      return createStringError("-tune=" + where +
                               ": expected 1 to 86400 seconds");
    if (path.empty())
      return createStringError("-tune keeps what it measures; name a file with "
                               "-tuning-db=FILE.json");
    if (Error error = checkHost(model, options))
      return error;
    if (Error error = checkWritable(path))
      return error;
  }
  if (path.empty())
    return Error::success();
  if (where.empty() && !sys::fs::exists(path))
    return createStringError("tuning database '" + path +
                             "' does not exist; make it with -tune=host");
  Expected<TuningDatabase> found = TuningDatabase::read(path);
  if (!found)
    return found.takeError();
  database = std::move(*found);
  options.stages.tilingGuide = &guide;
  return Error::success();
}

Error TuneCommandLine::run(const Source &source, const CompileOptions &options,
                           raw_ostream &stream) {
  if (where.empty())
    return Error::success();
  TuneOptions tuning;
  tuning.seconds = seconds;
  tuning.save = [&](const TuningDatabase &grown) { return grown.write(path); };
  if (options.onProgress) {
    tuning.onProgress = [&](unsigned done, unsigned total) {
      Progress progress;
      progress.stage = "tune";
      progress.part = "loop structure";
      progress.done = done;
      progress.total = total;
      options.onProgress(progress);
    };
  }
  Expected<TuneReport> report = tune(source, options, database, tuning);
  if (!report)
    return report.takeError();
  stream << formatv("tuned: {0} of {1} kernels got another loop structure ({2} "
                    "of {3} candidates measured)\n",
                    report->improved, report->kernels, report->measured,
                    report->candidates);
  stream << formatv("tuned: {0:f1} us of kernels in a run, {1:f1} untuned\n",
                    report->tuned, report->untuned);
  return Error::success();
}
