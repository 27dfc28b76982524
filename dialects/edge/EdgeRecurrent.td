//===- EdgeRecurrent.td - operators with a state that goes from step to step -===//
//
// The part of a recurrent layer that has to run step by step. What does not, the
// product of the inputs of all steps with their weights, is an
// edge.fully_connected before it. Two front doors use these operators: ONNX
// (RNN, GRU, LSTM) and TFLite (the sequence operators).
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_RECURRENT_TD
#define EDGE_RECURRENT_TD
include "dialects/edge/EdgeBase.td"

def Edge_DirectionAttr : I32EnumAttr<"Direction", "the order in which a recurrent operator takes the steps", [
    I32EnumAttrCase<"forward", 0>, I32EnumAttrCase<"reverse", 1>, I32EnumAttrCase<"bidirectional", 2>]> {
  let cppNamespace = "::edgec::edge";
}

/// a and b are the activation's parameters.
def Edge_ActivationAttr : I32EnumAttr<"Activation", "a function inside of a recurrent cell", [
    I32EnumAttrCase<"identity", 0>,
    I32EnumAttrCase<"relu", 1>,             // max(x, 0)
    I32EnumAttrCase<"tanh", 2>,
    I32EnumAttrCase<"sigmoid", 3>,          // 1 / (1 + e^-x)
    I32EnumAttrCase<"affine", 4>,           // a x + b
    I32EnumAttrCase<"leaky_relu", 5>,       // x < 0 ? a x : x
    I32EnumAttrCase<"thresholded_relu", 6>, // x > a ? x : 0
    I32EnumAttrCase<"scaled_tanh", 7>,      // a tanh(b x)
    I32EnumAttrCase<"hard_sigmoid", 8>,     // min(max(a x + b, 0), 1)
    I32EnumAttrCase<"elu", 9>,              // x < 0 ? a (e^x - 1) : x
    I32EnumAttrCase<"softsign", 10>,        // x / (1 + |x|)
    I32EnumAttrCase<"softplus", 11>,        // ln(1 + e^x)
    I32EnumAttrCase<"relu6", 12>,           // min(max(x, 0), 6)
  ]> {
  let cppNamespace = "::edgec::edge";
}

def Edge_CouplingAttr : I32EnumAttr<"Coupling", "which gate of an LSTM follows from another one", [
    I32EnumAttrCase<"none", 0>,
    I32EnumAttrCase<"forget", 1>, // f = 1 - i
    I32EnumAttrCase<"input", 2>,  // i = 1 - f
  ]> {
  let cppNamespace = "::edgec::edge";
}

class Edge_RecurrentOp<string mnemonic, list<Trait> traits = []>
    : Edge_InferredOp<mnemonic, !listconcat([AttrSizedOperandSegments], traits)> {
  code commonDeclaration = [{
    /// 1 or 2
    int64_t getDirections() { return getDirection() == Direction::bidirectional ? 2 : 1; }
    /// Whether this direction goes from the last step to the first.
    bool isReverse(int64_t direction) { return getDirection() == Direction::reverse || direction == 1; }
    /// The activation `number` of a direction's cell.
    Activation getActivation(int64_t direction, int64_t number) {
      int64_t perDirection = getActivations().size() / getDirections();
      return Activation(getActivations()[direction * perDirection + number]);
    }
  }];
  let extraClassDeclaration = commonDeclaration;
}

defvar recurrentOperands = [{
    Below, T steps, B sequences, D directions (1 or 2), H units, G gates.

    | operand | shape | meaning |
    |---|---|---|
    | `gates` | [T, B, D * G * H] | what input and biases give to each gate, by direction, gate, unit |
    | `recurrent` | [D, H, G, H] | the weight from element k of the state to unit u of gate g is [d, k, g, u] |
    | `hidden` | [B, D, H], optional | the state before the first step; zeros |
    | `lengths` | [B], integers, optional | steps of each sequence, brought to [0, T]; T |
    | `direction` | `forward`, `reverse`, `bidirectional` | a reverse direction begins with the last step of the sequence's length |
    | `activations` | of each direction in turn | with their parameters (`alphas`, `betas`) in brackets, as in `affine(0.5, 1.0)` |
    | `clip` | 0: none | arguments of activations are brought to [-clip, clip] |
    | `sequence` | [T, B, D, H] | the state after each step, at the step's place; zeros beyond the sequence's length |
    | `last` | [B, D, H] | the state after the last step that was taken |
}];

def Edge_RnnOp : Edge_RecurrentOp<"rnn"> {
  let summary = "the steps of a simple recurrent layer";
  let description = [{
    One gate (G = 1) and one activation f per direction: `h' = f(gates + h . recurrent)`.

}] # recurrentOperands # [{
    Errors: C1 gates is not [T, B, D * G * H]; C2 recurrent is not [D, H, G, H]; C3 hidden is not [B, D, H];
    C4 the activations are not G per direction (lstm: 3), with as many parameters, or unknown; C5 lengths is not [B] of
    integers; C6 the element types are not the same float; C7 clip is negative.

    Source: ONNX RNN 22, TFLite UNIDIRECTIONAL_SEQUENCE_RNN. Example:
    `%y, %h = edge.rnn forward [tanh] %x, %r : (tensor<5x1x8xf32>, tensor<1x8x1x8xf32>) -> (tensor<5x1x1x8xf32>, tensor<1x1x8xf32>)`
  }];
  let arguments = (ins Edge_Tensor:$gates, Edge_Tensor:$recurrent, Optional<Edge_Tensor>:$hidden, Optional<Edge_Tensor>:$lengths,
    Edge_DirectionAttr:$direction, DenseI32ArrayAttr:$activations, DenseF32ArrayAttr:$alphas, DenseF32ArrayAttr:$betas,
    DefaultValuedAttr<F32Attr, "0.0f">:$clip);
  let results = (outs Edge_Tensor:$sequence, Edge_Tensor:$last);
  let assemblyFormat = [{
    $direction custom<Activations>($activations, $alphas, $betas) $gates `,` $recurrent (`hidden` $hidden^)? (`lengths` $lengths^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def Edge_GruOp : Edge_RecurrentOp<"gru"> {
  let summary = "the steps of a layer of gated recurrent units";
  let description = [{
    Three gates in the order z (update), r (reset), n (new), two activations f and g per direction, `.` a matrix product:

        z = f(gates_z + h . recurrent_z)
        r = f(gates_r + h . recurrent_r)
        n = g(gates_n + (r h) . recurrent_n)                   or, with linear_before_reset,
        n = g(gates_n + r (h . recurrent_n + new_bias))
        h' = (1 - z) n + z h

}] # recurrentOperands # [{
    | `new_bias` | [D, H], optional | with linear_before_reset only |

    Errors: C1 to C7 as edge.rnn; C8 new_bias is not [D, H] or without linear_before_reset.

    Source: ONNX GRU 22, TFLite's custom GRU. Example:
    `%y, %h = edge.gru reverse [sigmoid, tanh] %x, %r {linear_before_reset = true} : (tensor<5x1x24xf32>, tensor<1x8x3x8xf32>) -> (tensor<5x1x1x8xf32>, tensor<1x1x8xf32>)`
  }];
  let arguments = (ins Edge_Tensor:$gates, Edge_Tensor:$recurrent, Optional<Edge_Tensor>:$hidden, Optional<Edge_Tensor>:$lengths,
    Optional<Edge_Tensor>:$new_bias,
    Edge_DirectionAttr:$direction, DenseI32ArrayAttr:$activations, DenseF32ArrayAttr:$alphas, DenseF32ArrayAttr:$betas,
    DefaultValuedAttr<F32Attr, "0.0f">:$clip, DefaultValuedAttr<BoolAttr, "false">:$linear_before_reset);
  let results = (outs Edge_Tensor:$sequence, Edge_Tensor:$last);
  let assemblyFormat = [{
    $direction custom<Activations>($activations, $alphas, $betas) $gates `,` $recurrent (`hidden` $hidden^)? (`lengths` $lengths^)?
    (`new_bias` $new_bias^)? attr-dict `:` functional-type(operands, results)
  }];
}

def Edge_LstmOp : Edge_RecurrentOp<"lstm"> {
  let summary = "the steps of a layer of long short-term memory";
  let description = [{
    Gates in the order i (input), o (output), f (forget), n (new), three activations f, g, h per direction, peepholes p,
    `.` a matrix product:

        i  = f(gates_i + h . recurrent_i + p_i c)
        f  = f(gates_f + h . recurrent_f + p_f c)
        n  = g(gates_n + h . recurrent_n)
        c' = f c + i n, brought to [-cell_clip, cell_clip]
        o  = f(gates_o + h . recurrent_o + p_o c')
        m  = o h(c')
        h' = m                                                 or, with a projection,
        h' = m . projection + projection_bias, brought to [-projection_clip, projection_clip]

    With `coupling = forget`, f = 1 - i, and with `coupling = input`, i = 1 - f; gates and recurrent then lack that gate
    (G = 3), and p's row for it is not read. With a projection the state h has P elements instead of H wherever it
    appears: in recurrent's second dimension, hidden, sequence and last.

}] # recurrentOperands # [{
    | `cell` | [B, D, H], optional | c before the first step; zeros |
    | `peepholes` | [D, 3, H], optional | weights from c to the same unit's gates i, o, f |
    | `projection` | [D, H, P], optional | the weight from unit u to element p of the state is [d, u, p] |
    | `projection_bias` | [D, P], optional | with projection only |
    | `cell_clip`, `projection_clip` | 0: none | |
    | `last_cell` | [B, D, H] | c after the last step that was taken |

    Errors: C1 to C7 as edge.rnn, C7 also for the other clips; C8 cell is not [B, D, H]; C9 peepholes is not [D, 3, H];
    C10 projection is not [D, H, P] with recurrent's P; C11 projection_bias is not [D, P] or without projection.

    Source: ONNX LSTM 22 (`input_forget` is `coupling = forget`), TFLite UNIDIRECTIONAL_SEQUENCE_LSTM (without the input
    gate: `coupling = input`; gates there are i, f, n, o). A normalization of the gates (TFLite's layer norm coefficients)
    is not part of it. Example:
    `%y, %h, %c = edge.lstm forward [sigmoid, tanh, tanh] %x, %r : (tensor<5x1x32xf32>, tensor<1x8x4x8xf32>) -> (tensor<5x1x1x8xf32>, tensor<1x1x8xf32>, tensor<1x1x8xf32>)`
  }];
  let arguments = (ins Edge_Tensor:$gates, Edge_Tensor:$recurrent, Optional<Edge_Tensor>:$hidden, Optional<Edge_Tensor>:$lengths,
    Optional<Edge_Tensor>:$cell, Optional<Edge_Tensor>:$peepholes, Optional<Edge_Tensor>:$projection,
    Optional<Edge_Tensor>:$projection_bias,
    Edge_DirectionAttr:$direction, DenseI32ArrayAttr:$activations, DenseF32ArrayAttr:$alphas, DenseF32ArrayAttr:$betas,
    DefaultValuedAttr<F32Attr, "0.0f">:$clip, DefaultValuedAttr<F32Attr, "0.0f">:$cell_clip,
    DefaultValuedAttr<F32Attr, "0.0f">:$projection_clip,
    DefaultValuedAttr<Edge_CouplingAttr, "::edgec::edge::Coupling::none">:$coupling);
  let results = (outs Edge_Tensor:$sequence, Edge_Tensor:$last, Edge_Tensor:$last_cell);
  let assemblyFormat = [{
    $direction custom<Activations>($activations, $alphas, $betas) $gates `,` $recurrent (`hidden` $hidden^)? (`lengths` $lengths^)?
    (`cell` $cell^)? (`peepholes` $peepholes^)? (`projection` $projection^)? (`projection_bias` $projection_bias^)?
    (`coupling` $coupling^)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = commonDeclaration # [{
    /// 4, or 3 when two of them are coupled
    int64_t getGateCount() { return getCoupling() == Coupling::none ? 4 : 3; }
  }];
}

#endif
