// What the package's own code says of pictures, as JSON rows of seven probabilities.
// node face_api_original.mjs CODE MANIFEST WEIGHTS PICTURES PX
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// Its bundle has no tfjs platform for Node; with these it takes the one for browsers.
globalThis.window = { document: {} };
const [code, manifest, weights, pictures, px] = process.argv.slice(2);
const log = console.log;
console.log = () => {};
const faceapi = await import(pathToFileURL(code).href);
await faceapi.tf.setBackend("cpu");

const specs = JSON.parse(readFileSync(manifest, "utf8")).flatMap((group) => group.weights);
const bytes = readFileSync(weights);
const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const net = new faceapi.FaceExpressionNet();
net.loadFromWeightMap(faceapi.tf.io.decodeWeights(buffer, specs));

const side = Number(px);
const each = side * side * 3;
const data = readFileSync(pictures);
const rows = [];
for (let at = 0; at + each <= data.length; at += each) {
  const picture = Int32Array.from(data.subarray(at, at + each));
  const input = faceapi.tf.tensor3d(picture, [side, side, 3], "int32");
  const output = await net.forward(input);
  rows.push(Array.from(output.dataSync()));
  input.dispose();
  output.dispose();
}
log(JSON.stringify(rows));
