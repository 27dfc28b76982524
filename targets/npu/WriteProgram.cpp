//===- WriteProgram.cpp - commands as npu operations ----------------------===//
//
// Field by field; a note stands in front of the first command of each layer.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/WriteProgram.h"

#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::npu;

namespace {
class ProgramWriter {
public:
  ProgramWriter(OpBuilder &builder, ArrayRef<Location> layers)
      : builder(builder), context(builder.getContext()), layers(layers) {}

  void write(const Command &command);

private:
  TileAttr tile(const Tile &tile) {
    return TileAttr::get(context, tile.address, tile.element, tile.height,
                         tile.width, tile.channels, tile.rowStride,
                         tile.pixelStride, tile.ringRows, tile.ringFirst);
  }
  WindowAttr window(const Window &window) {
    return WindowAttr::get(context, window.y0, window.x0, window.kernelY,
                           window.kernelX, window.strideY, window.strideX,
                           window.dilationY, window.dilationX, window.pad,
                           window.zero);
  }
  OperandAttr operand(const Operand &operand, unsigned loops) {
    return OperandAttr::get(context, operand.address, operand.element,
                            ArrayRef(operand.strides).take_front(loops));
  }
  OperandAttr optionalOperand(const Operand &operand, unsigned loops) {
    return operand.element == Element::none ? OperandAttr()
                                            : this->operand(operand, loops);
  }
  /// The program as attributes, made once per layer.
  ArrayAttr program(const Command &command);
  ParametersAttr parameters(const Command &command);
  TableAttr table(const Command &command);
  IntegerAttr result(const Command &command) {
    return builder.getI64IntegerAttr(
        command.program ? int64_t(command.program->result) : 0);
  }
  IntegerAttr number(int64_t value) { return builder.getI64IntegerAttr(value); }
  mlir::UnitAttr flag(bool value) {
    return value ? builder.getUnitAttr() : nullptr;
  }

  OpBuilder &builder;
  MLIRContext *context;
  ArrayRef<Location> layers;
  llvm::DenseMap<const MicroProgram *, ArrayAttr> programs;
  int32_t lastLayer = -1;
};
} // namespace

ArrayAttr ProgramWriter::program(const Command &command) {
  if (!command.program)
    return builder.getArrayAttr({});
  ArrayAttr &known = programs[command.program.get()];
  if (known)
    return known;
  SmallVector<Attribute> code;
  for (const Micro &micro : command.program->code)
    code.push_back(MicroAttr::get(context, micro.op, micro.dst, micro.a,
                                  micro.b, micro.c, micro.value));
  known = builder.getArrayAttr(code);
  return known;
}

ParametersAttr ProgramWriter::parameters(const Command &command) {
  if (!command.program || command.program->parameters.empty())
    return nullptr;
  return ParametersAttr::get(context, command.parametersAddress,
                             command.parametersStride,
                             int64_t(command.program->parameters.size()));
}

TableAttr ProgramWriter::table(const Command &command) {
  if (!command.program || command.program->table.empty())
    return nullptr;
  Element element = command.program->tableElement;
  return TableAttr::get(context, command.tableAddress, element,
                        int64_t(command.program->table.size()) /
                            bytesOf(element));
}

void ProgramWriter::write(const Command &command) {
  Location at =
      command.layer >= 0 ? layers[command.layer] : builder.getUnknownLoc();
  if (command.layer >= 0 && command.layer != lastLayer) {
    lastLayer = command.layer;
    NoteOp::create(builder, at, number(lastLayer));
  }
  switch (command.opcode) {
  case Opcode::load:
    LoadOp::create(builder, at, number(command.buffer), number(command.offset),
                   number(command.address), number(command.rowBytes),
                   number(command.rows), number(command.bufferStride),
                   number(command.sramStride));
    return;
  case Opcode::store:
    StoreOp::create(builder, at, number(command.buffer), number(command.offset),
                    number(command.address), number(command.rowBytes),
                    number(command.rows), number(command.bufferStride),
                    number(command.sramStride));
    return;
  case Opcode::mac:
    MacOp::create(builder, at, tile(command.input), window(command.window),
                  WeightsAttr::get(context, command.weightsAddress,
                                   command.weightsBytes, command.encoding,
                                   command.weightsElement, command.weightsZero),
                  tile(command.output), flag(command.depthwise),
                  flag(command.raw), optionalOperand(command.accumulator, 2),
                  optionalOperand(command.residual, 2), parameters(command),
                  table(command), program(command), result(command));
    return;
  case Opcode::pool:
    PoolOp::create(builder, at, PoolAttr::get(context, command.pool),
                   tile(command.input), window(command.window),
                   tile(command.output), parameters(command), table(command),
                   program(command), result(command));
    return;
  case Opcode::vector: {
    SmallVector<Attribute> inputs;
    for (const Operand &input : command.inputs)
      inputs.push_back(operand(input, 4));
    VectorOp::create(builder, at, builder.getDenseI64ArrayAttr(command.extents),
                     builder.getArrayAttr(inputs), operand(command.result, 4),
                     parameters(command), table(command), program(command),
                     result(command));
    return;
  }
  case Opcode::wait:
    WaitOp::create(builder, at, npu::UnitAttr::get(context, command.unit),
                   number(command.semaphore), number(command.value));
    return;
  case Opcode::signal:
    SignalOp::create(builder, at, npu::UnitAttr::get(context, command.unit),
                     number(command.semaphore));
    return;
  }
}

ProgramOp edgec::npu::writeProgram(OpBuilder &builder, Location location,
                                   StringRef symbol, const NpuMachine &machine,
                                   ArrayRef<int64_t> bufferSizes,
                                   int64_t outputs, ArrayRef<Command> commands,
                                   ArrayRef<Location> layers) {
  auto attribute =
      MachineAttr::get(builder.getContext(), machine.name, machine.macRows,
                       machine.macColumns, machine.sramBytes, machine.sramBanks,
                       machine.vectorLanes, machine.semaphores);
  auto program = ProgramOp::create(builder, location, symbol, attribute,
                                   bufferSizes, outputs);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&program.getBody());
  ProgramWriter writer(builder, layers);
  for (const Command &command : commands)
    writer.write(command);
  return program;
}
