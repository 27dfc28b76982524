//===- Npu.td - the commands of the NPU -------------------------*- tablegen -*-===//
//
// One operation per command of the NPU, with its fields as attributes: nothing is left to decide when a program is
// encoded. docs/npu.md describes the machine, docs/rationale/npu.md why the dialect looks like this.
//
//===----------------------------------------------------------------------===//
#ifndef NPU_TD
#define NPU_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Npu_Dialect : Dialect {
  let name = "npu";
  let cppNamespace = "::edgec::npu";
  let summary = "the commands of the NPU";
  let description = [{
    `npu.program` holds the command stream of one submission. Commands are dispatched in order to the queues of four
    units (load, store, mac, vector), which work at the same time; `npu.signal` and `npu.wait` order them (one unit signals one semaphore). Addresses are
    bytes of the on-chip SRAM, strides bytes. The order of the operations is one valid execution.
  }];
  let useDefaultAttributePrinterParser = 1;
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

class Npu_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::edgec::npu";
}

def Npu_UnitAttr : Npu_Enum<"Unit", "a unit with a queue of its own", [
  I32EnumAttrCase<"load", 0>, I32EnumAttrCase<"store", 1>, I32EnumAttrCase<"mac", 2>, I32EnumAttrCase<"vector", 3>]>;
def Npu_ElementAttr : Npu_Enum<"Element", "an element in SRAM", [
  I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"i8", 1>, I32EnumAttrCase<"u8", 2>, I32EnumAttrCase<"i16", 3>,
  I32EnumAttrCase<"u16", 4>, I32EnumAttrCase<"i32", 5>]>;
def Npu_EncodingAttr : Npu_Enum<"Encoding", "how weights are written", [
  I32EnumAttrCase<"dense", 0>, I32EnumAttrCase<"zero_runs", 1>, I32EnumAttrCase<"block_sparse", 2>]>;
def Npu_PoolAttr : Npu_Enum<"Pool", "what a window is reduced to", [I32EnumAttrCase<"max", 0>, I32EnumAttrCase<"sum", 1>]>;
def Npu_MicroOpAttr : Npu_Enum<"MicroOp", "an operation on the registers of the output pipeline", [
  I32EnumAttrCase<"constant", 0, "const">, I32EnumAttrCase<"mov", 1>, I32EnumAttrCase<"add", 2>,
  I32EnumAttrCase<"sub", 3>, I32EnumAttrCase<"mul", 4>, I32EnumAttrCase<"div", 5>, I32EnumAttrCase<"min", 6>,
  I32EnumAttrCase<"max", 7>, I32EnumAttrCase<"shl", 8>, I32EnumAttrCase<"shr", 9>,
  I32EnumAttrCase<"and_", 10, "and">, I32EnumAttrCase<"or_", 11, "or">, I32EnumAttrCase<"xor_", 12, "xor">,
  I32EnumAttrCase<"neg", 13>, I32EnumAttrCase<"abs", 14>, I32EnumAttrCase<"rescale_double", 15>,
  I32EnumAttrCase<"rescale_single", 16>, I32EnumAttrCase<"requantize", 17>, I32EnumAttrCase<"to_float", 18>,
  I32EnumAttrCase<"fmul", 19>, I32EnumAttrCase<"fadd", 20>, I32EnumAttrCase<"fsub", 21>,
  I32EnumAttrCase<"round_even", 22>, I32EnumAttrCase<"sext8", 23>, I32EnumAttrCase<"zext8", 24>,
  I32EnumAttrCase<"sext16", 25>, I32EnumAttrCase<"zext16", 26>, I32EnumAttrCase<"table", 27>, I32EnumAttrCase<"fdiv", 28>]>;

//===----------------------------------------------------------------------===//
// Groups of fields
//===----------------------------------------------------------------------===//

class Npu_Attr<string name, string mnemonic_> : AttrDef<Npu_Dialect, name> {
  let mnemonic = mnemonic_;
  let assemblyFormat = "`<` struct(params) `>`";
}

def Npu_TileAttr : Npu_Attr<"Tile", "tile"> {
  let summary = "rows of pixels of channels in SRAM";
  let description = [{
    | parameter | unit | meaning |
    |---|---|---|
    | `address` | byte | of row 0, pixel 0, channel 0 (with a ring: of its first slot) |
    | `element` | | |
    | `height`, `width`, `channels` | | |
    | `rowStride`, `pixelStride` | byte | |
    | `ringRows` | rows | row y lies in slot `(ringFirst + y) mod ringRows`; 0: no ring |
    | `ringFirst` | rows | the slot of row 0 |
  }];
  let parameters = (ins "int64_t":$address, EnumParameter<Npu_ElementAttr>:$element, "int64_t":$height, "int64_t":$width,
    "int64_t":$channels, "int64_t":$rowStride, "int64_t":$pixelStride, DefaultValuedParameter<"int64_t", "0">:$ringRows,
    DefaultValuedParameter<"int64_t", "0">:$ringFirst);
}

def Npu_WindowAttr : Npu_Attr<"Window", "window"> {
  let summary = "which positions of the input an output needs";
  let description = [{
    Output (y, x) and tap (ky, kx) read position `(y0 + y * strideY + ky * dilationY, x0 + x * strideX + kx * dilationX)`
    of the input tile; outside of it they read `pad`. `zero` is the input's zero point.
  }];
  let parameters = (ins "int64_t":$y0, "int64_t":$x0, "int64_t":$kernelY, "int64_t":$kernelX,
    DefaultValuedParameter<"int64_t", "1">:$strideY, DefaultValuedParameter<"int64_t", "1">:$strideX,
    DefaultValuedParameter<"int64_t", "1">:$dilationY, DefaultValuedParameter<"int64_t", "1">:$dilationX,
    DefaultValuedParameter<"int64_t", "0">:$pad, DefaultValuedParameter<"int64_t", "0">:$zero);
}

def Npu_WeightsAttr : Npu_Attr<"Weights", "weights"> {
  let summary = "encoded weights in SRAM";
  let parameters = (ins "int64_t":$address, "int64_t":$bytes, EnumParameter<Npu_EncodingAttr>:$encoding,
    EnumParameter<Npu_ElementAttr>:$element, DefaultValuedParameter<"int64_t", "0">:$zero);
}

def Npu_OperandAttr : Npu_Attr<"Operand", "operand"> {
  let summary = "an array in SRAM that loops walk through";
  let description = "`strides` are bytes, one per loop, outermost first; 0 repeats the element.";
  let parameters = (ins "int64_t":$address, EnumParameter<Npu_ElementAttr>:$element, ArrayRefParameter<"int64_t">:$strides);
  let assemblyFormat = "`<` `address` `=` $address `,` `element` `=` $element `,` `strides` `=` `[` $strides `]` `>`";
}

def Npu_ParametersAttr : Npu_Attr<"Parameters", "parameters"> {
  let summary = "numbers per channel in SRAM";
  let description = "Parameter j of channel c is the i32 at `address + 4 * (j * stride + c)`, for j below `count`.";
  let parameters = (ins "int64_t":$address, "int64_t":$stride, "int64_t":$count);
}

def Npu_TableAttr : Npu_Attr<"Table", "table"> {
  let summary = "numbers in SRAM that are looked up";
  let parameters = (ins "int64_t":$address, EnumParameter<Npu_ElementAttr>:$element, DefaultValuedParameter<"int64_t", "256">:$entries);
}

def Npu_MicroAttr : Npu_Attr<"Micro", "micro"> {
  let summary = "one operation of the output pipeline";
  let description = [{
    Sources 0..15 are registers, 16..31 parameters. `value` is that of a `const`.
  }];
  let parameters = (ins EnumParameter<Npu_MicroOpAttr>:$op, "int64_t":$dst, DefaultValuedParameter<"int64_t", "0">:$a,
    DefaultValuedParameter<"int64_t", "0">:$b, DefaultValuedParameter<"int64_t", "0">:$c,
    DefaultValuedParameter<"int64_t", "0">:$value);
}

def Npu_MachineAttr : Npu_Attr<"Machine", "machine"> {
  let summary = "what of a machine its programs depend on";
  let parameters = (ins StringRefParameter<>:$name, "int64_t":$macRows, "int64_t":$macColumns, "int64_t":$sramBytes,
    "int64_t":$sramBanks, "int64_t":$vectorLanes, "int64_t":$semaphores);
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

class Npu_Op<string mnemonic, list<Trait> traits = []> : Op<Npu_Dialect, mnemonic, traits>;
class Npu_Command<string mnemonic, list<Trait> traits = []> : Npu_Op<mnemonic, !listconcat(traits, [HasParent<"ProgramOp">])> {
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
}

def Npu_ProgramOp : Npu_Op<"program", [Symbol, IsolatedFromAbove, NoTerminator, SingleBlock]> {
  let summary = "the command stream of one submission";
  let description = [{
    | attribute | meaning |
    |---|---|
    | `machine` | what it is made for |
    | `buffer_sizes` | bytes: constants, scratch memory, inputs, outputs |
    | `outputs` | how many of the last buffers are written only |

    Errors: C1 fewer than two buffers, a negative size, or more outputs than buffers behind them; C2 an operation that is no
    command; C3 a wait that the signals before it do not satisfy; C4 a number of the machine that is not positive; C5 a semaphore
    that two units signal.

    Example:
    ```mlir
    npu.program @copy {machine = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8,
      vectorLanes = 8, semaphores = 32>, buffer_sizes = array<i64: 0, 0, 64, 64>, outputs = 1 : i64} {
      npu.load {buffer = 2 : i64, offset = 0 : i64, address = 0 : i64, row_bytes = 64 : i64}
      npu.signal {unit = 0 : i32, semaphore = 0 : i64}
      npu.wait {unit = 1 : i32, semaphore = 0 : i64, value = 1 : i64}
      npu.store {buffer = 3 : i64, offset = 0 : i64, address = 0 : i64, row_bytes = 64 : i64}
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, Npu_MachineAttr:$machine, DenseI64ArrayAttr:$buffer_sizes, I64Attr:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

class Npu_Transfer<string mnemonic, string direction> : Npu_Command<mnemonic> {
  let summary = "copy rows of bytes " # direction;
  let description = [{
    | attribute | unit | meaning |
    |---|---|---|
    | `buffer` | | index into the program's buffers |
    | `offset` | byte | of the first row in the buffer |
    | `address` | byte | of the first row in SRAM |
    | `row_bytes`, `rows` | | what is copied |
    | `buffer_stride`, `sram_stride` | byte | from one row to the next |

    Errors: C1 no such buffer, or one that this direction may not use; C2 bytes outside of the buffer; C3 bytes outside of
    the SRAM; C4 a size below 1 or a negative stride or offset.
  }];
  let arguments = (ins I64Attr:$buffer, I64Attr:$offset, I64Attr:$address, I64Attr:$row_bytes,
    DefaultValuedAttr<I64Attr, "1">:$rows, DefaultValuedAttr<I64Attr, "0">:$buffer_stride,
    DefaultValuedAttr<I64Attr, "0">:$sram_stride);
}
def Npu_LoadOp : Npu_Transfer<"load", "into SRAM">;
def Npu_StoreOp : Npu_Transfer<"store", "out of SRAM">;

def Npu_MacOp : Npu_Command<"mac"> {
  let summary = "a convolution tile";
  let description = [{
    Sums the products `(x - zero point of x) * (w - zero point of w)` of each output's window and filter in 32 bits, runs the
    program with the sum in r0 (and the residual operand in r1) and stores register `result_register`.

    | attribute | meaning |
    |---|---|
    | `input`, `window`, `weights`, `output` | the tile; the output has no ring |
    | `depthwise` | output channel c reads input channel c * C / OC alone |
    | `accumulator` | the i32 that sums start from, instead of 0: strides of rows and pixels |
    | `raw` | sums are stored without the program |
    | `residual` | the second operand: strides of rows and pixels |
    | `parameters`, `table`, `program`, `result_register` | of the output pipeline |

    Errors: C1 an address or stride that is not aligned to its element, or weights and parameters that are not aligned to the
    machine's; C2 bytes outside of the SRAM; C3 input and weights share a bank; C4 element types: input and weights have 8
    bits, sums 32; C5 a size below 1; C6 a depthwise tile whose outputs are no multiple of its inputs; C7 a micro-operation that reads a
    parameter or table that is not there, or a register above 15; C8 a ring that does not hold its rows.
  }];
  let arguments = (ins Npu_TileAttr:$input, Npu_WindowAttr:$window, Npu_WeightsAttr:$weights, Npu_TileAttr:$output,
    UnitAttr:$depthwise, UnitAttr:$raw, OptionalAttr<Npu_OperandAttr>:$accumulator, OptionalAttr<Npu_OperandAttr>:$residual,
    OptionalAttr<Npu_ParametersAttr>:$parameters, OptionalAttr<Npu_TableAttr>:$table,
    DefaultValuedAttr<TypedArrayAttrBase<Npu_MicroAttr, "micro-operations">, "{}">:$program,
    DefaultValuedAttr<I64Attr, "0">:$result_register);
}

def Npu_PoolOp : Npu_Command<"pool"> {
  let summary = "the largest element or the sum of windows";
  let description = [{
    r0 is the largest element or the sum over the window's positions inside of the input, r1 their count; then the program.

    Errors: C1, C2, C5, C7, C8 as npu.mac; C6 input and output differ in channels.
  }];
  let arguments = (ins Npu_PoolAttr:$kind, Npu_TileAttr:$input, Npu_WindowAttr:$window, Npu_TileAttr:$output,
    OptionalAttr<Npu_ParametersAttr>:$parameters, OptionalAttr<Npu_TableAttr>:$table,
    DefaultValuedAttr<TypedArrayAttrBase<Npu_MicroAttr, "micro-operations">, "{}">:$program,
    DefaultValuedAttr<I64Attr, "0">:$result_register);
}

def Npu_VectorOp : Npu_Command<"vector"> {
  let summary = "a program on every element of four loops";
  let description = [{
    Operands 0, 1 and 2 are r0, r1 and r2 of the program; the innermost loop counts channels.

    Errors: C1, C2, C5, C7 as npu.mac; C6 more than three operands, or not four extents and strides.
  }];
  let arguments = (ins DenseI64ArrayAttr:$extents, TypedArrayAttrBase<Npu_OperandAttr, "operands">:$inputs,
    Npu_OperandAttr:$output, OptionalAttr<Npu_ParametersAttr>:$parameters, OptionalAttr<Npu_TableAttr>:$table,
    DefaultValuedAttr<TypedArrayAttrBase<Npu_MicroAttr, "micro-operations">, "{}">:$program,
    DefaultValuedAttr<I64Attr, "0">:$result_register);
}

def Npu_WaitOp : Npu_Command<"wait"> {
  let summary = "a unit's queue stands until a semaphore has reached a value";
  let description = "Errors: C1 no such semaphore, or a value below 1.";
  let arguments = (ins Npu_UnitAttr:$unit, I64Attr:$semaphore, I64Attr:$value);
}

def Npu_SignalOp : Npu_Command<"signal"> {
  let summary = "count a semaphore up when the unit is done with all that precedes";
  let description = "Errors: C1 no such semaphore.";
  let arguments = (ins Npu_UnitAttr:$unit, I64Attr:$semaphore);
}

def Npu_NoteOp : Npu_Op<"note", [HasParent<"ProgramOp">]> {
  let summary = "says which layer the commands up to the next note work for";
  let arguments = (ins ConfinedAttr<I64Attr, [IntMinValue<0>, IntMaxValue<4294967295>]>:$value);
  let assemblyFormat = "attr-dict";
}
#endif
