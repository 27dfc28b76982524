//===- DescriptionFile.cpp - faults of a file that a user wrote -----------===//
//
// nlohmann's parser throws or says nothing; as a SAX reader it tells where it
// stood, which becomes line and column.
//
//===----------------------------------------------------------------------===//
#include "targets/machines/DescriptionFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <optional>

using namespace edgec;
using llvm::StringRef;
using llvm::Twine;
using nlohmann::json;

namespace {
/// JSON text to a value, keeping the position of a syntax error instead of
/// throwing it.
class TextReader : public nlohmann::detail::json_sax_dom_parser<json> {
public:
  explicit TextReader(json &result)
      : json_sax_dom_parser(result, /*allow_exceptions=*/false) {}

  template <class Exception>
  bool parse_error(std::size_t position, const std::string &token,
                   const Exception &error) {
    if (!failure)
      failure = position;
    lastToken = token;
    return json_sax_dom_parser::parse_error(position, token, error);
  }

  std::optional<std::size_t> failure;
  std::string lastToken;
};
} // namespace

void DescriptionFile::report(StringRef path, const Twine &message) {
  std::string where = path.empty() ? "" : (" /" + path).str();
  problems.push_back((fileName + ":" + where + ": " + message).str());
}

llvm::Error DescriptionFile::problemsAsError() const {
  return llvm::createStringError(llvm::join(problems, "\n"));
}

std::string DescriptionFile::quoted(const json &value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > 60)
    text = text.substr(0, 57) + "...";
  return "'" + text + "'";
}

std::string DescriptionFile::shortNumber(double value) {
  return json(value == static_cast<double>(static_cast<int64_t>(value))
                  ? json(static_cast<int64_t>(value))
                  : json(value))
      .dump();
}

bool DescriptionFile::parseObject(StringRef text, json &file) {
  TextReader reader(file);
  if (!json::sax_parse(text.begin(), text.end(), &reader)) {
    std::size_t end = std::min<std::size_t>(
        reader.failure ? *reader.failure : 0, text.size());
    StringRef before = text.substr(0, end ? end - 1 : 0);
    std::size_t line = before.count('\n') + 1;
    std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
    problems.push_back(
        fileName + ":" + std::to_string(line) + ":" + std::to_string(column) +
        ": not valid JSON: unexpected '" +
        StringRef(reader.lastToken).trim().take_back(20).str() + "'");
    return false;
  }
  if (!file.is_object())
    report("", "expected an object, found " + quoted(file));
  return file.is_object();
}

void DescriptionFile::checkKeys(const json &file,
                                llvm::ArrayRef<std::string> known) {
  for (const auto &entry : file.items()) {
    if (llvm::is_contained(known, entry.key()))
      continue;
    std::string nearest;
    unsigned best = 4;
    for (const std::string &key : known) {
      unsigned distance =
          StringRef(entry.key()).edit_distance_insensitive(key, true, best);
      if (distance < best) {
        best = distance;
        nearest = key;
      }
    }
    report(entry.key(),
           "unknown field" + (nearest.empty()
                                  ? std::string()
                                  : ", did you mean '" + nearest + "'?"));
  }
}

void DescriptionFile::readSources(const json &file,
                                  llvm::ArrayRef<std::string> known) {
  auto found = file.find("sources");
  if (found == file.end())
    return;
  if (!found->is_object()) {
    return report("sources",
                  "expected an object of field name to text, found " +
                      quoted(*found));
  }
  for (const auto &entry : found->items()) {
    if (!llvm::is_contained(known, entry.key()))
      report("sources/" + entry.key(), "names no field of a machine");
    if (!entry.value().is_string())
      report("sources/" + entry.key(),
             "expected text, found " + quoted(entry.value()));
  }
}
