//===- NpuMachine.cpp - reading an NPU's JSON description -----------------===//
//
// The fields, their order and their ranges come from the specification's table
// of machine parameters (npu_constants.h), so that a new parameter needs no
// code here.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/NpuMachine.h"

#include "targets/machines/DescriptionFile.h"
#include "targets/machines/Machine.h"
#include "llvm/ADT/STLExtras.h"
#include <vector>

using namespace edgec;
using llvm::StringRef;
using llvm::Twine;
using nlohmann::json;

namespace {

struct ParameterField {
  const char *key;
  int64_t NpuMachine::*member;
  int64_t low, high;
};
#define EDGEC_NPU_FIELD(name, macro, index, low, high)                         \
  {#name, &NpuMachine::name, low, high},
const ParameterField parameterFields[] = {NPU_PARAMETERS(EDGEC_NPU_FIELD)};
#undef EDGEC_NPU_FIELD

constexpr EmbeddedMachine embedded[] = {
#include "targets/npu/NpuMachines.inc"
};

std::vector<std::string> allKeys() {
  std::vector<std::string> keys = {"kind", "name", "description", "base",
                                   "sources"};
  for (const ParameterField &field : parameterFields)
    keys.emplace_back(field.key);
  return keys;
}

/// Reads one file; collects problems and goes on.
class NpuFileReader : private DescriptionFile {
public:
  explicit NpuFileReader(StringRef fileName) : DescriptionFile(fileName) {}

  llvm::Expected<NpuMachine> read(StringRef text) {
    json file;
    if (!parseObject(text, file))
      return problemsAsError();
    NpuMachine machine;
    if (file.value("kind", json()) != "npu")
      report("kind", "expected \"npu\"");
    bool hasBase = readBase(file, machine);
    checkKeys(file, allKeys());
    readText(file, "name", machine.name, /*required=*/true);
    readText(file, "description", machine.description, /*required=*/false);
    for (const ParameterField &field : parameterFields)
      readParameter(file, field, machine, hasBase);
    readSources(file, allKeys());
    if (!hasProblems())
      checkTogether(machine);
    if (hasProblems())
      return problemsAsError();
    return machine;
  }

private:
  bool readBase(const json &file, NpuMachine &machine) {
    auto found = file.find("base");
    if (found == file.end())
      return false;
    const EmbeddedMachine *base = nullptr;
    if (found->is_string()) {
      base = llvm::find_if(embedded, [&](const EmbeddedMachine &candidate) {
        return candidate.name == found->get_ref<const std::string &>();
      });
    }
    if (!base || base == std::end(embedded)) {
      report("base", "expected the name of an NPU that is built in, found " +
                         quoted(*found));
      return true;
    }
    llvm::Expected<NpuMachine> parsed =
        NpuFileReader(base->name).read(base->json);
    if (parsed)
      machine = std::move(*parsed);
    else
      report("base", llvm::toString(parsed.takeError()));
    return true;
  }

  void readText(const json &file, StringRef key, std::string &text,
                bool required) {
    auto found = file.find(key.str());
    if (found == file.end()) {
      if (required)
        report(key, "missing: give a string");
      return;
    }
    if (!found->is_string() || found->get_ref<const std::string &>().empty())
      return report(key, "expected a string that is not empty, found " +
                             quoted(*found));
    text = found->get<std::string>();
  }

  void readParameter(const json &file, const ParameterField &field,
                     NpuMachine &machine, bool hasBase) {
    auto found = file.find(field.key);
    if (found == file.end()) {
      if (!hasBase)
        report(field.key, "missing: give a whole number, or a \"base\" machine "
                          "to take it from");
      return;
    }
    double value =
        found->is_number_integer() ? found->get<double>() : field.low - 1.0;
    if (value < double(field.low) || value > double(field.high)) {
      return report(field.key, "expected a whole number from " +
                                   Twine(field.low) + " to " +
                                   Twine(field.high) + ", found " +
                                   quoted(*found));
    }
    machine.*field.member = found->get<int64_t>();
  }

  void checkTogether(const NpuMachine &machine) {
    int64_t line = machine.sramBanks * NPU_LIMIT_LINE_BYTES;
    if (machine.sramBytes % line != 0) {
      report("sramBytes", "expected a multiple of " +
                              Twine(NPU_LIMIT_LINE_BYTES) +
                              " * sramBanks = " + Twine(line) + ", found " +
                              Twine(machine.sramBytes));
    }
  }
};

} // namespace

std::array<uint64_t, NPU_PARAMETERS_COUNT> NpuMachine::parameters() const {
  std::array<uint64_t, NPU_PARAMETERS_COUNT> result = {};
  for (const auto &[value, field] : llvm::zip_equal(result, parameterFields))
    value = static_cast<uint64_t>(this->*field.member);
  return result;
}

llvm::Expected<NpuMachine> edgec::parseNpuMachine(StringRef text,
                                                  StringRef fileName) {
  return NpuFileReader(fileName).read(text);
}

llvm::ArrayRef<NpuMachine> edgec::listNpuMachines() {
  static const std::vector<NpuMachine> machines = [] {
    std::vector<NpuMachine> result;
    for (const EmbeddedMachine &machine : embedded)
      result.push_back(
          llvm::cantFail(parseNpuMachine(machine.json, machine.name)));
    llvm::sort(result, [](const NpuMachine &a, const NpuMachine &b) {
      return std::make_pair(a.macRows * a.macColumns, StringRef(a.name)) <
             std::make_pair(b.macRows * b.macColumns, StringRef(b.name));
    });
    return result;
  }();
  return machines;
}

const NpuMachine *edgec::findNpuMachine(StringRef name) {
  if (name == "npu")
    name = "npu-256";
  for (const NpuMachine &machine : listNpuMachines())
    if (machine.name == name)
      return &machine;
  return nullptr;
}
