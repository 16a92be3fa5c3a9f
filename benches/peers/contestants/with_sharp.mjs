// sharp, by the protocol that protocol.py describes.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// Its packages lie in the cache, not beside this file.
const require = createRequire(`${process.env.PEERS_NODE_FOLDER}/package.json`);
const sharp = require("sharp");

sharp.concurrency(1);
sharp.cache(false);

const SIZE = [800, 600, { fit: "fill" }];
const WEIGHTS = Array(3).fill([0.299, 0.587, 0.114]);
// The tables that every other contestant uses, not ones made for the picture.
const jpeg = (picture) =>
  picture.toColourspace("b-w").jpeg({ quality: 95, optimiseCoding: false }).toBuffer();
const png = (picture, adaptiveFiltering = false) =>
  picture.png({ compressionLevel: 1, adaptiveFiltering }).toBuffer();
const weighted = (data) => sharp(data).recomb(WEIGHTS).extractChannel(0);
// 16 bits all through, then brought to 10.
const tenBits = (data, kernel) =>
  png(
    sharp(data)
      .pipelineColourspace("grey16")
      .resize(800, 600, { fit: "fill", kernel })
      .linear(1023 / 65535, 0)
      .toColourspace("grey16"),
  );
const eightBits = (data, adaptive) =>
  png(
    sharp(data)
      .pipelineColourspace("grey16")
      .linear(65535 / 1023, 0)
      .toColourspace("b-w"),
    adaptive,
  );

const works = {
  greyscale: {
    plain: (data) => jpeg(sharp(data).greyscale()),
    weights: (data) => jpeg(weighted(data)),
  },
  resize: {
    lanczos: (data) => tenBits(data, "lanczos3"),
    linear: (data) => tenBits(data, "linear"),
  },
  depth: {
    "level 1": (data) => eightBits(data, false),
    "level 1, adaptive": (data) => eightBits(data, true),
  },
  rotate: { plain: (data) => jpeg(sharp(data).rotate(90)) },
  convert: {
    "level 1": (data) => png(sharp(data).toColourspace("b-w")),
    "level 1, adaptive": (data) => png(sharp(data).toColourspace("b-w"), true),
  },
  five: {
    plain: (data) => png(sharp(data).greyscale().resize(...SIZE).rotate(90).toColourspace("b-w")),
    weights: (data) => png(weighted(data).resize(...SIZE).rotate(90).toColourspace("b-w")),
  },
};
works["in turn"] = {
  plain: async (data) => {
    const steps = [
      ["greyscale", "weights"],
      ["resize", "lanczos"],
      ["depth", "level 1"],
      ["rotate", "plain"],
      ["convert", "level 1"],
    ];
    for (const [work, idiom] of steps) data = await works[work][idiom](data);
    return data;
  },
};

const held = new Map();
const answer = async (request) => {
  const [work, idiom, repeats, source, target] = request.split("\t");
  if (!held.has(source)) {
    held.clear();
    held.set(source, readFileSync(source));
  }
  const [run, data] = [works[work][idiom], held.get(source)];
  const start = process.cpuUsage();
  let made;
  for (let round = 0; round < Number(repeats); round += 1) made = await run(data);
  const { user, system } = process.cpuUsage(start);
  if (target) writeFileSync(target, made);
  return `${Math.round(((user + system) * 1000) / Number(repeats))}\t${made.length}`;
};

const idioms = Object.fromEntries(
  Object.entries(works).map(([work, named]) => [work, Object.keys(named)]),
);
const version = `sharp ${sharp.versions.sharp} (libvips ${sharp.versions.vips})`;
console.log(JSON.stringify({ version, works: idioms }));
for await (const request of createInterface({ input: process.stdin })) {
  try {
    console.log(await answer(request));
  } catch (error) {
    console.log(`! ${String(error).replaceAll("\n", " ")}`);
  }
}
