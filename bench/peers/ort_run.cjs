// ort_run.cjs - one run of a model under ONNX Runtime's package for Node.js.
//
//   node ort_run.cjs [-level=all] MODULE_FOLDER MODEL.onnx OUTPUT_FOLDER INPUT_NAME=FILE.npy...
//
// writes OUTPUT_FOLDER/<index>.npy for each output, in the model's order. Level: of
// graph optimizations; by default 'disabled', operators as they are defined.
'use strict';
const fs = require('fs');
const path = require('path');

const types = [
  ['<f4', 'float32', Float32Array], ['<f8', 'float64', Float64Array], ['<i8', 'int64', BigInt64Array],
  ['<i4', 'int32', Int32Array], ['<i2', 'int16', Int16Array], ['|i1', 'int8', Int8Array], ['|u1', 'uint8', Uint8Array],
  ['<u2', 'uint16', Uint16Array], ['<u4', 'uint32', Uint32Array], ['<u8', 'uint64', BigUint64Array],
  ['|b1', 'bool', Uint8Array],
];

function readNpy(file) {
  const bytes = fs.readFileSync(file);
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, start);
  const descr = /'descr': '([^']*)'/.exec(header)[1];
  const shape = /'shape': \(([^)]*)\)/.exec(header)[1].split(',').map((s) => s.trim()).filter((s) => s).map(Number);
  const row = types.find(([code]) => code === descr);
  if (!row) throw new Error(`${file}: elements of type ${descr} are not read`);
  const data = new row[2](new Uint8Array(bytes.subarray(start)).buffer);
  return {type: row[1], data, shape};
}

function writeNpy(file, tensor) {
  const row = types.find(([, name]) => name === tensor.type);
  if (!row) throw new Error(`${file}: elements of type ${tensor.type} are not written`);
  const shape = tensor.dims.length === 1 ? `${tensor.dims[0]},` : tensor.dims.join(', ');
  let header = `{'descr': '${row[0]}', 'fortran_order': False, 'shape': (${shape}), }`;
  header = header.padEnd(64 * Math.ceil((header.length + 11) / 64) - 11) + '\n';
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01\x00', 'latin1');
  start.writeUInt16LE(header.length, 8);
  const data = tensor.data;
  fs.writeFileSync(file, Buffer.concat([start, Buffer.from(header, 'latin1'),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength)]));
}

async function main(words) {
  const prefix = '-level=';
  const level = words[0].startsWith(prefix) ? words.shift().slice(prefix.length) : 'disabled';
  const [modules, model, folder, ...inputs] = words;
  const ort = require(path.join(modules, 'onnxruntime-node'));
  const session = await ort.InferenceSession.create(model, {graphOptimizationLevel: level, intraOpNumThreads: 1});
  const feeds = {};
  for (const input of inputs) {
    const split = input.lastIndexOf('=');
    const {type, data, shape} = readNpy(input.slice(split + 1));
    feeds[input.slice(0, split)] = new ort.Tensor(type, data, shape);
  }
  const results = await session.run(feeds);
  session.outputNames.forEach((name, i) => writeNpy(path.join(folder, `${i}.npy`), results[name]));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`ort_run: ${error.message}`);
  process.exit(1);
});
