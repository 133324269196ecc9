// Makes each widget of src/widgets/ and the page of `runfolio ui` one file in the Python package,
// with everything inside, and the JupyterLab extension of src/lab/ a folder that the wheel puts where
// JupyterLab looks.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const python = join(root, "..", "src", "runfolio");
const widgets = join(root, "src", "widgets");
const outdir = join(python, "widgets", "static");
const page = join(python, "server", "static");
const lab = join(root, "share", "jupyter", "labextensions", "runfolio");

const common = {
  bundle: true,
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
};

// With what was there goes the note of the sources it was made from: see hatch_build.py.
rmSync(outdir, { recursive: true, force: true });
rmSync(page, { recursive: true, force: true });
rmSync(lab, { recursive: true, force: true });

await build({
  ...common,
  entryPoints: readdirSync(widgets).map((name) => join(widgets, name)),
  outdir,
  format: "esm",
});
await build({
  ...common,
  entryPoints: [join(root, "src", "lab", "page.ts")],
  outdir: page,
  format: "esm",
});
await buildLab();

async function buildLab() {
  const schemas = join(lab, "schemas", "runfolio");
  mkdirSync(schemas, { recursive: true });
  copyFileSync(join(root, "schema", "plugin.json"), join(schemas, "plugin.json"));
  const extension = await buildInto(join(lab, "static"), {
    entryPoints: [join(root, "src", "lab", "extension.ts")],
    format: "esm",
    splitting: true,
    entryNames: "[name].[hash]",
    chunkNames: "[name].[hash]",
  });
  const container = await buildInto(join(lab, "static"), {
    entryPoints: { remoteEntry: join(root, "src", "lab", "container.ts") },
    // Not "iife": esbuild would make Node's `require` of the one import in it.
    format: "esm",
    banner: { js: "(()=>{" },
    footer: { js: "})();" },
    entryNames: "[name].[hash]",
    define: { EXTENSION: JSON.stringify(`./${extension}`) },
    external: [`./${extension}`],
  });
  writeJson("package.json", {
    name: "runfolio",
    version: version(),
    description: "Journal cells, a runs panel and badges of tracked cells, for runfolio.",
    license: "Apache-2.0",
    jupyterlab: {
      extension: true,
      schemaDir: "schemas",
      _build: { load: `static/${container}`, extension: "./extension" },
    },
  });
  writeJson("install.json", {
    packageManager: "python",
    packageName: "runfolio",
    uninstallInstructions:
      "Use your Python package manager (pip, conda, uv) to uninstall runfolio.",
  });
}

/** Build, and return the name of the file that the entry became. */
async function buildInto(folder, options) {
  const { metafile } = await build({ ...common, ...options, outdir: folder, metafile: true });
  const [made] = Object.entries(metafile.outputs).filter(([, output]) => output.entryPoint);
  return basename(made[0]);
}

function writeJson(name, content) {
  writeFileSync(join(lab, name), `${JSON.stringify(content, null, 2)}\n`);
}

/** Return the version of the Python package. */
function version() {
  const text = readFileSync(join(python, "__init__.py"), "utf8");
  return /^__version__ = "([^"]+)"/m.exec(text)[1];
}
