//===- AssignRegisters.cpp - registers for a micro-program ----------------===//
//
// Keeps what the result needs, and gives every value a register from its
// operation to its last use. Constants are made right before they are used:
// they cost no time, and hold a register for one operation only.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/ProgramBuilder.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace edgec::npu;

std::shared_ptr<MicroProgram> ProgramBuilder::finish(Value value,
                                                     std::string &reason) {
  auto program = std::make_shared<MicroProgram>();
  Symbol result = values[value];
  if (result.kind != Kind::node && result.kind != Kind::input)
    result = emit(MicroOp::mov, {result}, result.bounds);

  // The last use of inputs (first) and nodes, in nodes; -1: none.
  std::vector<int64_t> lastUse(inputs + nodes.size(), -1);
  auto slotOf = [&](const Symbol &symbol) -> std::optional<size_t> {
    if (symbol.kind == Kind::input)
      return size_t(symbol.number);
    if (symbol.kind == Kind::node)
      return inputs + size_t(symbol.number);
    return std::nullopt;
  };
  lastUse[*slotOf(result)] = int64_t(nodes.size());
  for (int64_t n = int64_t(nodes.size()) - 1; n >= 0; --n) {
    if (lastUse[inputs + n] < 0)
      continue;
    ArrayRef sources(nodes[n].sources, sourceCount(nodes[n].op));
    for (const Symbol &source : sources) {
      if (std::optional<size_t> slot = slotOf(source))
        lastUse[*slot] = std::max(lastUse[*slot], n);
    }
  }

  std::vector<int64_t> registerOf(inputs + nodes.size(), -1);
  std::array<bool, parameterSource> taken = {};
  // Inputs lie in their registers from the start, also those without a use.
  for (unsigned i = 0; i < inputs; ++i) {
    registerOf[i] = i;
    taken[i] = lastUse[i] >= 0;
  }
  auto take = [&]() -> int64_t {
    auto free = llvm::find(taken, false);
    if (free == taken.end())
      return -1;
    *free = true;
    return free - taken.begin();
  };

  for (int64_t n = 0; n < int64_t(nodes.size()); ++n) {
    if (lastUse[inputs + n] < 0)
      continue;
    Micro micro{nodes[n].op};
    ArrayRef sources(nodes[n].sources, sourceCount(nodes[n].op));
    uint8_t *fields[] = {&micro.a, &micro.b, &micro.c};
    SmallVector<int64_t, 3> temporaries;
    for (auto [source, field] : llvm::zip(sources, fields)) {
      if (source.kind == Kind::parameter) {
        *field = uint8_t(parameterSource + source.number);
      } else if (source.kind == Kind::constant) {
        int64_t temporary = take();
        if (temporary < 0)
          break;
        temporaries.push_back(temporary);
        Micro constant{MicroOp::constant, uint8_t(temporary)};
        constant.value = int32_t(source.number);
        program->code.push_back(constant);
        *field = uint8_t(temporary);
      } else {
        *field = uint8_t(registerOf[*slotOf(source)]);
      }
    }
    bool complete = temporaries.size() ==
                    size_t(llvm::count_if(sources, [](const Symbol &source) {
                      return source.kind == Kind::constant;
                    }));
    for (int64_t temporary : temporaries)
      taken[temporary] = false;
    for (const Symbol &source : sources) {
      std::optional<size_t> slot = slotOf(source);
      if (slot && lastUse[*slot] == n)
        taken[registerOf[*slot]] = false;
    }
    int64_t destination = complete ? take() : -1;
    if (destination < 0) {
      reason = "its elementwise operators need more than 16 registers";
      return nullptr;
    }
    registerOf[inputs + n] = destination;
    micro.dst = uint8_t(destination);
    program->code.push_back(micro);
  }
  if (parameters.size() > parameterLimit) {
    reason = "its elementwise operators need more than 16 numbers per channel";
    return nullptr;
  }
  program->result = unsigned(registerOf[*slotOf(result)]);
  program->parameters = std::move(parameters);
  program->table = std::move(table);
  program->tableElement = tableElement;
  return program;
}
