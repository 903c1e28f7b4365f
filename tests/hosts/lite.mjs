// Excel as far as xlwings' JavaScript sees it, and Pyodide under it: answers calls as xlwings Lite does.
//
//     node lite.mjs PYODIDE WHEEL... < {"main": "text of main.py", "calls": [["NAME", [args]], ...]}
//
// prints {"platform": ..., "modules": [...], "answers": [{"rows": ...} or {"error": ..., "message": ...}, ...]}.
// The JavaScript and the Python that joins it to Pyodide are those of xlwings Server, one of the wheels.

import fs from "node:fs";
import { pathToFileURL } from "node:url";
import vm from "node:vm";

const [pyodide, ...wheels] = process.argv.slice(2);
const { main, calls } = JSON.parse(fs.readFileSync(0, "utf8"));

const { loadPyodide } = await import(pathToFileURL(pyodide));
const py = await loadPyodide({ env: { XLWINGS_LICENSE_KEY: process.env.XLWINGS_LICENSE_KEY ?? "noncommercial" } });
const site = py.runPython("import site; site.getsitepackages()[0]");
for (const wheel of wheels) py.unpackArchive(new Uint8Array(fs.readFileSync(wheel)), "wheel", { extractDir: site });
py.FS.writeFile(`${site}/custom_functions.py`, main);
py.FS.writeFile(`${site}/custom_scripts.py`, "");
const read = (path) => py.FS.readFile(`${site}/xlwings_server/${path}`, { encoding: "utf8" });
py.runPython(`import sys; sys.path.append("${site}/xlwings_server/wasm")`);
py.runPython(read("wasm/wasm_runtime.py"));
const { functions } = JSON.parse(
  py.runPython("import json; json.dumps(xlwings.server.custom_functions_meta(custom_functions))"),
);

class ExcelError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
const known = new Map();
Object.assign(globalThis, {
  config: { onWasm: true },
  wasmCustomFunctionsCall: py.globals.get("custom_functions_call"),
  xlwings: { getCultureInfoName: async () => "en-US", getDateFormat: async () => "m/d/yyyy" },
  Office: {
    onReady: async (ready) => ready?.({}),
    context: { requirements: { isSetSupported: () => true } },
  },
  Excel: {
    RequestContext: class {
      workbook = { load() {}, name: "Book1.xlsx" };
      async sync() {}
    },
  },
  CustomFunctions: {
    associate: (id, run) => known.set(id, run),
    Error: ExcelError,
    ErrorCode: { invalidValue: "#VALUE!" },
  },
});
console.error = () => {}; // xlwings prints the traceback of each error it shows
// xlwings' server adds the like to its code for each function.
const joined = functions.map(
  ({ id }) => `CustomFunctions.associate("${id}", (...args) => base(
    { funcName: "${id}", isStreaming: false, isCached: false, callerScoped: false }, ...args));`,
);
vm.runInThisContext(read("static/js/custom-functions/custom-functions-code.js") + joined.join("\n"));

const parameters = new Map(functions.map((told) => [told.id, told.parameters]));
async function answer([name, args]) {
  const all = parameters.get(name).map((_, place) => args[place] ?? null); // Excel hands over what is left out as null
  try {
    return { rows: await known.get(name)(...all, { address: "Sheet1!B2", functionName: name }) };
  } catch (error) {
    return { error: error.code, message: error.message };
  }
}
const answers = [];
for (const call of calls) answers.push(await answer(call));
const [platform, modules] = JSON.parse(py.runPython("json.dumps([sys.platform, sorted(sys.modules)])"));
process.stdout.write(JSON.stringify({ platform, modules, answers }));
