//===- PlacementFile.cpp - placements that the user decides ---------------===//
//
// See PlacementFile.h. The JSON reader tells neither where a key stands nor
// whether it stands there twice, so the keys are found in the text once more.
//
//===----------------------------------------------------------------------===//
#include "passes/place/PlacementFile.h"
#include "passes/place/JsonText.h"

#include "dialects/edge/NodeName.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::place;
namespace json = llvm::json;

std::vector<std::string>
edgec::place::processorNames(const Backends &backends) {
  llvm::StringMap<unsigned> counts, numbers;
  for (const auto &backend : backends)
    ++counts[backend->name()];
  std::vector<std::string> names = {"cpu"};
  for (const auto &backend : backends) {
    std::string name = backend->name().str();
    if (counts[name] > 1)
      name += "." + std::to_string(numbers[backend->name()]++);
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::vector<std::string>>
edgec::place::nodeNames(const PlacementGraph &graph) {
  llvm::StringMap<unsigned> counts;
  std::vector<std::vector<std::string>> names(graph.size());
  for (unsigned node = 0; node < graph.size(); ++node) {
    for (StringRef name : edge::nodeNames(graph.operation(node)->getLoc()))
      names[node].push_back(name.str());
    if (!names[node].empty())
      continue;
    schedule::KernelOp kernel = graph.kernel(node);
    StringRef kind = kernel ? kernel.getKernelName()
                            : graph.operation(node)->getName().stripDialect();
    names[node].push_back((kind + "_" + Twine(counts[kind]++)).str());
  }
  return names;
}

namespace {
/// One entry of the file.
struct Entry {
  std::string pattern;
  unsigned line = 0, column = 0;
  std::optional<int64_t> device;
  Nodes nodes;
  /// It is a node's name.
  bool isExact = false;
};

class Reader {
public:
  Reader(StringRef path, const PlacementGraph &graph, const Backends &backends,
         PlacementRules &rules)
      : path(path), context(*graph.operation(0)->getContext()), graph(graph),
        backends(backends), processors(processorNames(backends)), rules(rules),
        names(nodeNames(graph)), decidedBy(graph.size()) {}

  LogicalResult read();

private:
  InFlightDiagnostic fault(unsigned line = 0, unsigned column = 0) {
    isWrong = true;
    return emitError(FileLineColLoc::get(&context, path, line, column));
  }
  InFlightDiagnostic fault(const Entry &entry) {
    return fault(entry.line, entry.column) << "'" << entry.pattern << "': ";
  }
  std::optional<json::Value> parse(StringRef text);
  std::vector<Entry> findKeys(StringRef text);
  std::optional<int64_t> deviceOf(const Entry &entry, const json::Value &value);
  void findNodes(Entry &entry);
  void force(const Entry &entry, unsigned node);

  StringRef path;
  MLIRContext &context;
  const PlacementGraph &graph;
  const Backends &backends;
  std::vector<std::string> processors;
  PlacementRules &rules;
  std::vector<std::vector<std::string>> names;
  std::vector<const Entry *> decidedBy;
  bool isWrong = false;
};
} // namespace

std::optional<json::Value> Reader::parse(StringRef text) {
  return parseJsonText(text,
                       [&](unsigned line, unsigned column, StringRef message) {
                         fault(line, column) << message;
                       });
}

/// The keys of the outer object of a text that is known to be JSON.
std::vector<Entry> Reader::findKeys(StringRef text) {
  std::vector<Entry> keys;
  unsigned line = 1, depth = 0;
  size_t lineBegin = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '\n') {
      ++line;
      lineBegin = at + 1;
    }
    depth += (c == '[' || c == '{') ? 1 : 0;
    depth -= (c == ']' || c == '}') ? 1 : 0;
    if (c != '"')
      continue;
    size_t begin = at++;
    while (text[at] != '"')
      at += text[at] == '\\' ? 2 : 1;
    StringRef token = text.slice(begin, at + 1);
    if (depth != 1 || !text.drop_front(at + 1).ltrim().starts_with(":"))
      continue;
    llvm::Expected<json::Value> name = json::parse(token);
    if (!name) {
      llvm::consumeError(name.takeError());
      continue;
    }
    Entry entry;
    entry.pattern = name->getAsString()->str();
    entry.line = line;
    entry.column = unsigned(begin - lineBegin) + 1;
    keys.push_back(std::move(entry));
  }
  return keys;
}

/// By its name, or by its kind if only one device is of it.
std::optional<int64_t> Reader::deviceOf(const Entry &entry,
                                        const json::Value &value) {
  std::optional<StringRef> name = value.getAsString();
  std::string all = llvm::join(processors, ", ");
  if (!name) {
    fault(entry) << "expected the name of a processor, one of " << all;
    return std::nullopt;
  }
  for (auto [index, processor] : llvm::enumerate(processors))
    if (processor == *name)
      return int64_t(index) - 1;
  std::optional<int64_t> found;
  for (auto [index, backend] : llvm::enumerate(backends)) {
    if (backend->kind() != *name && backend->name() != *name)
      continue;
    if (found) {
      fault(entry) << "'" << *name << "' is more than one processor of " << all;
      return std::nullopt;
    }
    found = int64_t(index);
  }
  if (!found)
    fault(entry) << "there is no processor '" << *name << "', expected one of "
                 << all;
  return found;
}

/// The kernels that hold a node of the entry's name, or else of its pattern.
void Reader::findNodes(Entry &entry) {
  Nodes similar;
  llvm::Expected<llvm::GlobPattern> pattern =
      llvm::GlobPattern::create(entry.pattern);
  for (unsigned node = 0; node < graph.size(); ++node) {
    if (llvm::is_contained(names[node], entry.pattern))
      entry.nodes.push_back(node);
    if (pattern && llvm::any_of(names[node], [&](StringRef name) {
          return pattern->match(name);
        }))
      similar.push_back(node);
  }
  entry.isExact = !entry.nodes.empty();
  if (!pattern) {
    std::string text = llvm::toString(pattern.takeError());
    if (!entry.isExact)
      fault(entry) << "is no pattern: " << text;
    return;
  }
  if (entry.isExact)
    return;
  entry.nodes = std::move(similar);
  if (entry.nodes.empty())
    fault(entry) << "fits no node of the model";
}

void Reader::force(const Entry &entry, unsigned node) {
  std::string name = edge::nodeName(graph.operation(node));
  if (*entry.device != onHost) {
    const std::string &refusal = rules.refusals[size_t(*entry.device)][node];
    if (!refusal.empty()) {
      fault(entry) << processors[size_t(*entry.device + 1)] << " cannot run "
                   << name << ": " << refusal;
      return;
    }
  }
  const Entry *&decided = decidedBy[node];
  if (!decided) {
    decided = &entry;
    rules.forced[node] = entry.device;
    return;
  }
  // An exact name has the last word.
  if (decided->isExact && !entry.isExact)
    return;
  if (decided->device != entry.device) {
    fault(entry) << name << " is on "
                 << processors[size_t(*decided->device + 1)] << " already, by '"
                 << decided->pattern << "' in line " << decided->line;
  }
}

LogicalResult Reader::read() {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return fault() << "cannot be read: " << buffer.getError().message();
  StringRef text = (*buffer)->getBuffer();
  std::optional<json::Value> file = parse(text);
  if (!file)
    return failure();
  const json::Object *root = file->getAsObject();
  if (!root)
    return fault() << "expected {\"node name or pattern\": \"processor\", ...}";
  std::vector<Entry> entries = findKeys(text);
  llvm::StringMap<unsigned> lines;
  for (Entry &entry : entries) {
    auto [first, isNew] = lines.try_emplace(entry.pattern, entry.line);
    if (!isNew) {
      fault(entry) << "stands in line " << first->second << " already";
      continue;
    }
    findNodes(entry);
    entry.device = deviceOf(entry, *root->get(entry.pattern));
  }
  for (bool isExact : {true, false}) {
    for (const Entry &entry : entries) {
      if (entry.isExact == isExact && entry.device)
        for (unsigned node : entry.nodes)
          force(entry, node);
    }
  }
  return success(!isWrong);
}

LogicalResult edgec::place::readPlacementFile(StringRef path,
                                              const PlacementGraph &graph,
                                              const Backends &backends,
                                              PlacementRules &rules) {
  return Reader(path, graph, backends, rules).read();
}
