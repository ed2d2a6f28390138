// Runs the module of this package in Node: compares the parser with the naive one, and measures how
// long a reading takes with vectors and without. Usage: node run.mjs WITH_VECTORS WITHOUT
import { readFile } from "node:fs/promises";

const TIMES = 2000;

const load = async (path) =>
  (await WebAssembly.instantiate(await readFile(path))).instance.exports;

const measure = (module) => {
  const start = performance.now();
  module.read_openai(TIMES);
  return performance.now() - start;
};

const modules = await Promise.all(process.argv.slice(2, 4).map(load));
for (const [index, module] of modules.entries()) {
  if (module.has_vectors() !== 1 - index) {
    console.error("RUSTFLAGS decides about simd128, and not the task");
    process.exit(1);
  }
  const differences = module.differences();
  if (differences !== 0) {
    console.error(`${differences} readings differ`);
    process.exit(1);
  }
}
// The modules take turns, and the first turn is not counted.
const ratios = [];
for (let turn = 0; turn < 16; turn++) {
  const [vectors, without] = modules.map(measure);
  if (turn > 0) ratios.push(vectors / without);
}
ratios.sort((a, b) => a - b);
console.log(`simd128: no reading differs; ${ratios[7].toFixed(2)} of the time without (openai, 16 KiB)`);
