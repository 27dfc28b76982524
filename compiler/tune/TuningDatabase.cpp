//===- TuningDatabase.cpp - what tuning measured --------------------------===//
//
//   {"version": 1,
//    "kernels": {KEY: {"name": "conv2d_1x1_relu of a;b",
//                      "microseconds": {"#schedule.tiling<...>": 12.5, ...}}}}
//
//===----------------------------------------------------------------------===//
#include "compiler/tune/TuningDatabase.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>
#include <nlohmann/json.hpp>

using namespace edgec;
using nlohmann::json;

/// A tiling must be faster than the cost model's by this factor.
static constexpr double margin = 0.98;

static llvm::Error wrong(llvm::StringRef path, const llvm::Twine &what) {
  return llvm::createStringError("tuning database '" + path + "': " + what +
                                 "; delete the file to begin a new one");
}

static llvm::Error readKernel(llvm::StringRef path, const std::string &key,
                              const json &value, TunedKernel &kernel) {
  auto times = value.is_object() ? value.find("microseconds") : value.end();
  if (!value.is_object() || times == value.end() || !times->is_object()) {
    return wrong(path,
                 "kernels." + key + " has no object called 'microseconds'");
  }
  if (auto name = value.find("name"); name != value.end() && name->is_string())
    kernel.name = name->get<std::string>();
  for (const auto &[tiling, time] : times->items()) {
    if (!time.is_number() || !std::isfinite(time.get<double>()) ||
        time.get<double>() <= 0) {
      return wrong(path, llvm::Twine("kernels.") + key + ".microseconds: '" +
                             tiling + "' is not a positive number");
    }
    kernel.microseconds[tiling] = time.get<double>();
  }
  return llvm::Error::success();
}

llvm::Expected<TuningDatabase> TuningDatabase::read(llvm::StringRef path) {
  TuningDatabase database;
  if (!llvm::sys::fs::exists(path))
    return database;
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return wrong(path, "cannot be read: " + buffer.getError().message());
  llvm::StringRef text = (*buffer)->getBuffer();
  json root = json::parse(text.begin(), text.end(), nullptr,
                          /*allow_exceptions=*/false);
  if (root.is_discarded() || !root.is_object())
    return wrong(path, "is not a JSON object");
  if (root.value("version", json()) != 1)
    return wrong(path, "is not of version 1");
  auto kernels = root.find("kernels");
  if (kernels == root.end() || !kernels->is_object())
    return wrong(path, "has no object called 'kernels'");
  for (const auto &[key, value] : kernels->items()) {
    if (llvm::Error error = readKernel(path, key, value, database.kernels[key]))
      return std::move(error);
  }
  return database;
}

llvm::Error TuningDatabase::write(llvm::StringRef path) const {
  json all = json::object();
  for (const auto &[key, kernel] : kernels) {
    all[key] = {{"name", kernel.name},
                {"microseconds", json(kernel.microseconds)}};
  }
  std::string text = json({{"version", 1}, {"kernels", all}})
                         .dump(1, ' ', false, json::error_handler_t::replace) +
                     "\n";
  return llvm::writeToOutput(path, [&](llvm::raw_ostream &stream) {
    stream << text;
    return llvm::Error::success();
  });
}

std::string TuningDatabase::keyOf(llvm::StringRef description) {
  llvm::BLAKE3 hash;
  hash.update(description);
  llvm::BLAKE3Result<16> result = hash.final<16>();
  return llvm::toHex(result, /*LowerCase=*/true);
}

size_t
TuningDatabase::best(const std::string &key,
                     llvm::ArrayRef<schedule::TilingAttr> candidates) const {
  auto known = kernels.find(key);
  if (known == kernels.end())
    return 0;
  const auto &times = known->second.microseconds;
  auto timeOf = [&](schedule::TilingAttr tiling) -> std::optional<double> {
    auto time = times.find(schedule::describeTiling(tiling));
    return time == times.end() ? std::nullopt : std::optional(time->second);
  };
  std::optional<double> first = timeOf(candidates.front());
  if (!first)
    return 0;
  size_t best = 0;
  double least = *first * margin;
  for (size_t i = 1; i < candidates.size(); ++i) {
    std::optional<double> time = timeOf(candidates[i]);
    if (time && *time < least) {
      least = *time;
      best = i;
    }
  }
  return best;
}

size_t DatabaseGuide::choose(schedule::KernelOp kernel,
                             schedule::MachineAttr machine,
                             llvm::ArrayRef<schedule::TilingAttr> candidates) {
  return database.best(
      TuningDatabase::keyOf(schedule::describeKernel(kernel, machine)),
      candidates);
}
