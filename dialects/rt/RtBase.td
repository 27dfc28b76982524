//===- RtBase.td - the rt dialect, its addresses and op class --*- tablegen -*-===//
//
// What both families of operations, Rt.td and RtJobs.td, are made of.
//
//===----------------------------------------------------------------------===//
#ifndef RT_BASE_TD
#define RT_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Rt_Dialect : Dialect {
  let name = "rt";
  let cppNamespace = "::edgec::rt";
  let summary = "the host program: kernel launches, weights and addresses";
  let description = [{
    Mirrors what the runtime sees. Before memory planning a function holds `rt.launch` operations on tensors; planning
    gives every tensor a static address and leaves an `rt.program`, a list of `rt.call`.
  }];
  let useDefaultAttributePrinterParser = 1;
}

def Rt_Space : I32EnumAttr<"Space", "where an address points", [
    I32EnumAttrCase<"arena", 0>, I32EnumAttrCase<"weights", 1>, I32EnumAttrCase<"input", 2>, I32EnumAttrCase<"output", 3>]> {
  let cppNamespace = "::edgec::rt";
}

def Rt_AddressAttr : AttrDef<Rt_Dialect, "Address"> {
  let mnemonic = "address";
  let summary = "a buffer known at compile time";
  let description = [{
    `value` is a byte offset in the arena or the weights, or the number of a model input or output.
    Example: `#rt.address<arena, 4096>`
  }];
  let parameters = (ins EnumParameter<Rt_Space>:$space, "int64_t":$value);
  let assemblyFormat = "`<` $space `,` $value `>`";
}

class Rt_Op<string mnemonic, list<Trait> traits = []> : Op<Rt_Dialect, mnemonic, traits>;
#endif
