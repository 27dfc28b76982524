"""Prints a quantized transformer block, as quantizers of ONNX models leave it: floats
between pairs of quantize and dequantize, with fixed pseudo-random weights. Besides the
block's bytes it gives a normalisation as floats, which shows the order of its sums in the
last digit."""

ROWS, HEADS, DEPTH = 37, 3, 20
WIDTH = HEADS * DEPTH
lines, count, state = [], 0, 1


def random(low, high):
    global state
    state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
    return low + (high - low) * (state >> 33) / (1 << 31)


def emit(op, operands, types, result, attributes=""):
    global count
    name = f"%{count}"
    count += 1
    arguments = ", ".join(operands)
    lines.append(f"  {name} = edge.{op} {arguments}{attributes} : ({', '.join(types)}) -> {result}")
    return name


def tensor(shape, element="f32"):
    return f"tensor<{'x'.join(map(str, [*shape, element]))}>"


def constant(shape, numbers, element="f32"):
    global count
    name = f"%{count}"
    count += 1

    def nested(shape):
        if not shape:
            number = next(numbers)
            return str(number) if element != "f32" else f"{number:.9e}"
        return "[" + ", ".join(nested(shape[1:]) for _ in range(shape[0])) + "]"

    numbers = iter(numbers)
    lines.append(f"  {name} = edge.constant {{value = dense<{nested(shape)}> : {tensor(shape, element)}}} : {tensor(shape, element)}")
    return name


def scalar(number):
    return constant([], [number])


def pair(x, shape, scale, zero):
    """x rounded to bytes."""
    quantized = tensor(shape, f"!quant.uniform<u8:f32, {scale}:{zero}>")
    stored = emit("quantize", [x], [tensor(shape)], quantized)
    return emit("dequantize", [stored], [quantized], tensor(shape))


def binary(op, x, y, shape, other):
    return emit(op, [x, y], [tensor(shape), tensor(other)], tensor(shape))


def normalized(x, shape):
    column = [*shape[:-1], 1]

    def mean(x):
        axes = f" {{axes = array<i64: {len(shape) - 1}>, keep_dims = true}}"
        return emit("reduce_mean", [x], [tensor(shape)], tensor(column), axes)

    apart = binary("sub", x, mean(x), shape, column)
    variance = mean(binary("mul", apart, apart, shape, shape))
    deviation = emit("sqrt", [binary("add", variance, scalar(1e-5), column, [])], [tensor(column)], tensor(column))
    x = binary("div", apart, deviation, shape, column)
    x = binary("mul", x, constant(shape[-1:], (random(0.5, 1.5) for _ in range(shape[-1]))), shape, shape[-1:])
    return binary("add", x, constant(shape[-1:], (random(-0.5, 0.5) for _ in range(shape[-1]))), shape, shape[-1:])


def connected(x, shape, units, scale):
    weights = [units, shape[-1]]
    bytes_ = constant(weights, (int(random(-127, 128)) for _ in range(units * shape[-1])), "i8")
    element = f"!quant.uniform<i8:f32, {scale}>"
    cast = emit("bitcast", [bytes_], [tensor(weights, "i8")], tensor(weights, element))
    real = emit("dequantize", [cast], [tensor(weights, element)], tensor(weights))
    return emit("fully_connected", [x, real], [tensor(shape), tensor(weights)], tensor([*shape[:-1], units]))


def moved(x, shape, permutation):
    result = [shape[d] for d in permutation]
    text = ", ".join(map(str, permutation))
    return emit("transpose", [x], [tensor(shape)], tensor(result), f" {{permutation = array<i64: {text}>}}")


def reshaped(x, shape, result):
    return emit("reshape", [x], [tensor(shape)], tensor(result))


shape, split = [ROWS, WIDTH], [ROWS, HEADS, DEPTH]
scores = [HEADS, ROWS, ROWS]
image = pair("%x", shape, 0.0157, 127)
x = pair(normalized(image, shape), shape, 0.0211, 121)
factors = []
for zero in (131, 117, 128):
    y = pair(connected(x, shape, WIDTH, 0.0021), shape, 0.0347, zero)
    factors.append(reshaped(y, shape, split))
q = moved(factors[0], split, [1, 0, 2])
k = moved(factors[1], split, [1, 2, 0])
v = moved(factors[2], split, [1, 0, 2])
s = emit("matmul", [q, k], [tensor([HEADS, ROWS, DEPTH]), tensor([HEADS, DEPTH, ROWS])], tensor(scores))
s = pair(s, scores, 0.31, 128)
s = pair(binary("mul", s, scalar(0.2236068), scores, []), scores, 0.0693, 128)
p = emit("softmax", [s], [tensor(scores)], tensor(scores), " {axis = 2 : i64}")
p = pair(p, scores, 0.0031, 0)
y = emit("matmul", [p, v], [tensor(scores), tensor([HEADS, ROWS, DEPTH])], tensor([HEADS, ROWS, DEPTH]))
y = pair(y, [HEADS, ROWS, DEPTH], 0.0231, 126)
y = reshaped(moved(y, [HEADS, ROWS, DEPTH], [1, 0, 2]), split, shape)
y = pair(binary("add", y, image, shape, shape), shape, 0.0301, 125)
y = pair(normalized(y, shape), shape, 0.0222, 124)
y = pair(connected(y, shape, 64, 0.0022), [ROWS, 64], 0.0351, 127)
y = pair(emit("gelu", [y], [tensor([ROWS, 64])], tensor([ROWS, 64])), [ROWS, 64], 0.0182, 9)
n = normalized(y, [ROWS, 64])
results = [(y, tensor([ROWS, 64]), "y"), (n, tensor([ROWS, 64]), "n")]
named = ", ".join(f'{type_} {{edge.name = "{name}"}}' for _, type_, name in results)
print(f'func.func @block(%x: {tensor(shape)} {{edge.name = "x"}}) -> ({named}) {{')
print("\n".join(lines))
print(f"  return {', '.join(value for value, _, _ in results)} : {', '.join(type_ for _, type_, _ in results)}\n}}")
