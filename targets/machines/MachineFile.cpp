//===- MachineFile.cpp - reading a machine's JSON description -------------===//
//
// One table names every field with its range and unit; reading, checking and
// the list of known keys all follow from it, so that a new field is one line.
// DescriptionFile collects what is wrong.
//
//===----------------------------------------------------------------------===//
#include "targets/machines/DescriptionFile.h"
#include "targets/machines/Machine.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

using namespace edgec;
using llvm::StringRef;
using llvm::Twine;
using nlohmann::json;

namespace {

/// A number's member, smallest and largest value, and unit in words.
struct NumberField {
  const char *key;
  std::variant<int64_t Machine::*, double Machine::*> member;
  double low, high;
  const char *unit;
  bool required = true;
};

constexpr double gigabyte = 1024.0 * 1024.0 * 1024.0;

const NumberField numberFields[] = {
    {"vectorBits", &Machine::vectorBits, 32, 2048, "bits"},
    {"vectorRegisters", &Machine::vectorRegisters, 8, 64, "registers"},
    {"registerGroup", &Machine::registerGroup, 1, 8, "registers", false},
    {"fmaPerCycle", &Machine::fmaPerCycle, 0.0625, 8, "vectors per cycle"},
    {"fmaLatencyCycles", &Machine::fmaLatencyCycles, 1, 64, "cycles"},
    {"loadsPerCycle", &Machine::loadsPerCycle, 0.0625, 8, "vectors per cycle"},
    {"storesPerCycle", &Machine::storesPerCycle, 0.0625, 8,
     "vectors per cycle"},
    {"cacheLineBytes", &Machine::cacheLineBytes, 16, 1024, "bytes"},
    {"l1Bytes", &Machine::l1Bytes, 1024, gigabyte, "bytes"},
    {"l2Bytes", &Machine::l2Bytes, 0, gigabyte, "bytes"},
    {"l3Bytes", &Machine::l3Bytes, 0, 16 * gigabyte, "bytes"},
    {"l2BytesPerCycle", &Machine::l2BytesPerCycle, 0, 1024, "bytes per cycle"},
    {"l3BytesPerCycle", &Machine::l3BytesPerCycle, 0, 1024, "bytes per cycle"},
    {"memoryMegabytesPerSecond", &Machine::memoryMegabytesPerSecond, 1, 16e6,
     "megabytes per second"},
    {"cores", &Machine::cores, 1, 1024, "cores"},
    {"clockMegahertz", &Machine::clockMegahertz, 1, 10000, "megahertz"},
};

struct TextField {
  const char *key;
  std::string Machine::*member;
  bool required;
};
const TextField textFields[] = {
    {"name", &Machine::name, true},
    {"description", &Machine::description, false},
    {"triple", &Machine::triple, true},
    {"cpu", &Machine::cpu, true},
};

struct FlagField {
  const char *key;
  bool Machine::*member;
};
const FlagField flagFields[] = {
    {"fma", &Machine::fma},
    {"maskedLanes", &Machine::maskedLanes},
    {"scalarOperand", &Machine::scalarOperand},
    {"inOrder", &Machine::inOrder},
};

const char *const otherKeys[] = {"base", "features", "sources"};

std::vector<std::string> allKeys() {
  std::vector<std::string> keys(std::begin(otherKeys), std::end(otherKeys));
  for (const NumberField &field : numberFields)
    keys.push_back(field.key);
  for (const TextField &field : textFields)
    keys.push_back(field.key);
  for (const FlagField &field : flagFields)
    keys.push_back(field.key);
  return keys;
}

/// Reads one file; collects problems and goes on.
class FileReader : private DescriptionFile {
public:
  explicit FileReader(StringRef fileName) : DescriptionFile(fileName) {}

  llvm::Expected<Machine> read(StringRef text) {
    json file;
    if (!parseObject(text, file))
      return problemsAsError();
    if (file.contains("kind")) {
      report("kind", "this is no processor; name an accelerator in -target");
      return problemsAsError();
    }
    Machine machine;
    bool hasBase = readBase(file, machine);
    checkKeys(file, allKeys());
    for (const TextField &field : textFields)
      readText(file, field, machine, hasBase);
    for (const FlagField &field : flagFields)
      readFlag(file, field, machine, hasBase);
    for (const NumberField &field : numberFields)
      readNumber(file, field, machine, hasBase);
    readFeatures(file, machine, hasBase);
    readSources(file, allKeys());
    if (!hasProblems())
      checkTogether(machine);
    if (hasProblems())
      return problemsAsError();
    return machine;
  }

private:
  bool readBase(const json &file, Machine &machine) {
    auto found = file.find("base");
    if (found == file.end())
      return false;
    if (!found->is_string()) {
      report("base", "expected the name of a machine, found " + quoted(*found));
      return true;
    }
    auto name = found->get<std::string>();
    const EmbeddedMachine *base = findEmbeddedMachine(name);
    if (!base) {
      report("base", "unknown machine '" + name +
                         "', edgec -list-machines names them all");
      return true;
    }
    llvm::Expected<Machine> parsed = parseMachine(base->json, base->name);
    if (parsed)
      machine = std::move(*parsed);
    else
      report("base", llvm::toString(parsed.takeError()));
    return true;
  }

  void missing(StringRef key, StringRef what) {
    report(key,
           "missing: give " + what + ", or a \"base\" machine to take it from");
  }

  void readText(const json &file, const TextField &field, Machine &machine,
                bool hasBase) {
    auto found = file.find(field.key);
    if (found == file.end()) {
      // A file derived from another machine still needs a name of its own.
      if (field.required && (!hasBase || StringRef(field.key) == "name"))
        missing(field.key, "a string");
      return;
    }
    if (!found->is_string() || found->get_ref<const std::string &>().empty())
      return report(field.key, "expected a string that is not empty, found " +
                                   quoted(*found));
    machine.*field.member = found->get<std::string>();
  }

  void readFlag(const json &file, const FlagField &field, Machine &machine,
                bool hasBase) {
    auto found = file.find(field.key);
    if (found == file.end()) {
      if (!hasBase)
        missing(field.key, "true or false");
      return;
    }
    if (!found->is_boolean())
      return report(field.key,
                    "expected true or false, found " + quoted(*found));
    machine.*field.member = found->get<bool>();
  }

  void readNumber(const json &file, const NumberField &field, Machine &machine,
                  bool hasBase) {
    auto found = file.find(field.key);
    if (found == file.end()) {
      if (field.required && !hasBase)
        missing(field.key, (Twine("a number of ") + field.unit).str());
      return;
    }
    bool isInteger = field.member.index() == 0;
    bool fits =
        found->is_number() && (!isInteger || found->is_number_integer());
    double value = fits ? found->get<double>() : 0;
    if (!fits || !(value >= field.low && value <= field.high)) {
      return report(
          field.key,
          Twine("expected ") + (isInteger ? "a whole number" : "a number") +
              " of " + field.unit + " from " + shortNumber(field.low) + " to " +
              shortNumber(field.high) + ", found " + quoted(*found));
    }
    if (isInteger)
      machine.*std::get<0>(field.member) = found->get<int64_t>();
    else
      machine.*std::get<1>(field.member) = value;
  }

  void readFeatures(const json &file, Machine &machine, bool hasBase) {
    auto found = file.find("features");
    if (found == file.end()) {
      if (!hasBase)
        missing("features", "an array of LLVM features such as [\"+avx2\"]");
      return;
    }
    if (!found->is_array())
      return report("features",
                    "expected an array of strings, found " + quoted(*found));
    machine.features.clear();
    for (const auto &item : llvm::enumerate(*found)) {
      std::string path = "features/" + std::to_string(item.index());
      const json &value = item.value();
      if (!value.is_string()) {
        report(path,
               "expected a string such as \"+avx2\", found " + quoted(value));
        continue;
      }
      auto feature = value.get<std::string>();
      if (feature.size() < 2 || (feature[0] != '+' && feature[0] != '-') ||
          feature.find(',') != std::string::npos) {
        report(path, "expected '+' or '-' and one LLVM feature name, found " +
                         quoted(value));
        continue;
      }
      machine.features.push_back(std::move(feature));
    }
  }

  void checkTogether(const Machine &machine) {
    auto isPowerOfTwo = [](int64_t value) {
      return (value & (value - 1)) == 0;
    };
    if (!isPowerOfTwo(machine.vectorBits))
      report("vectorBits",
             "expected a power of two, found " + Twine(machine.vectorBits));
    if (!isPowerOfTwo(machine.registerGroup))
      report("registerGroup",
             "expected 1, 2, 4 or 8, found " + Twine(machine.registerGroup));
    if (!isPowerOfTwo(machine.cacheLineBytes))
      report("cacheLineBytes",
             "expected a power of two, found " + Twine(machine.cacheLineBytes));
    if (machine.l2Bytes && machine.l2Bytes < machine.l1Bytes)
      report("l2Bytes", "smaller than l1Bytes; write 0 if there is no level 2");
    if (machine.l3Bytes && machine.l3Bytes < machine.l2Bytes)
      report("l3Bytes", "smaller than l2Bytes; write 0 if there is no level 3");
    if (machine.l2Bytes && machine.l2BytesPerCycle == 0)
      report("l2BytesPerCycle", "must not be 0 where l2Bytes is given");
    if (machine.l3Bytes && machine.l3BytesPerCycle == 0)
      report("l3BytesPerCycle", "must not be 0 where l3Bytes is given");
  }
};

} // namespace

std::string Machine::featureString() const { return llvm::join(features, ","); }

llvm::Expected<Machine> edgec::parseMachine(StringRef text,
                                            StringRef fileName) {
  return FileReader(fileName).read(text);
}
