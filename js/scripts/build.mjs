// Makes each widget of src/widgets/ one file in the Python package, with everything inside.
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const widgets = join(root, "src", "widgets");
const outdir = join(root, "..", "src", "runfolio", "widgets", "static");

// With what was there goes the note of the sources it was made from: see hatch_build.py.
rmSync(outdir, { recursive: true, force: true });

await build({
  entryPoints: readdirSync(widgets).map((name) => join(widgets, name)),
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});
