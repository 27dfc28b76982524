//===- OperatorList.cpp - what every front door accepts -------------------===//
//
// Joins the tables of the doors and prints them.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/OperatorList.h"
#include "compiler/import/mlir/MlirImport.h"
#include "compiler/import/onnx/OnnxImport.h"
#include "compiler/import/tflite/TfliteImport.h"
#include "llvm/Support/FormatVariadic.h"

using namespace edgec;

std::vector<OperatorDoor> edgec::listOperators() {
  std::vector<OperatorDoor> doors;
  for (auto describe : {onnx::describeOperators, tflite::describeOperators,
                        describeMlirOperators})
    for (OperatorDoor &door : describe())
      doors.push_back(std::move(door));
  return doors;
}

static void printText(llvm::raw_ostream &out) {
  for (const OperatorDoor &door : listOperators()) {
    out << door.title << "\n";
    for (const OperatorEntry &entry : door.entries) {
      out << llvm::formatv("  {0,-32} {1,-10} {2}", entry.name, entry.versions,
                           entry.types);
      out << (entry.notes.empty() ? "" : "; ") << entry.notes << "\n";
    }
  }
}

static void printMarkdown(llvm::raw_ostream &out) {
  out << "# Operators\n\n"
         "What each front door accepts. This page is generated from the tables "
         "of the importers: `ninja -C build\nedge-operators` writes it, "
         "`edgec -list-operators` prints the same as text. *floats* are "
         "float16, bfloat16, float32 and\nfloat64, *integers* int8 to int64 "
         "and "
         "uint8 to uint64, *any* both of them and bool.\n";
  for (const OperatorDoor &door : listOperators()) {
    out << "\n## " << door.title << "\n\n" << door.introduction << "\n\n";
    out << "| operator | versions | types | limits and notes |\n"
           "|---|---|---|---|\n";
    for (const OperatorEntry &entry : door.entries) {
      out << "| " << entry.name << " | " << entry.versions << " | "
          << entry.types << " | " << entry.notes << " |\n";
    }
  }
}

std::string edgec::printOperators(OperatorFormat format) {
  std::string text;
  llvm::raw_string_ostream out(text);
  if (format == OperatorFormat::Markdown)
    printMarkdown(out);
  else
    printText(out);
  return text;
}
