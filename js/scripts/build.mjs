// Makes each widget of src/widgets/ one file in the Python package, with everything inside.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const widgets = join(root, "src", "widgets");

await build({
  entryPoints: readdirSync(widgets).map((name) => join(widgets, name)),
  outdir: join(root, "..", "src", "runfolio", "widgets", "static"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});
