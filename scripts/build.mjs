// Builds dist/: tsc for all rooms; esbuild bundles the three programs over it.
import { build } from "esbuild"
import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const top = fileURLToPath(new URL("..", import.meta.url))
const dist = join(top, "dist")
const stamp = join(dist, ".built")
if (process.argv.includes("--if-needed") && isFresh()) process.exit(0)
rmSync(dist, { recursive: true, force: true })

const tsc = spawnSync(process.execPath, [join(top, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
  cwd: top,
  stdio: "inherit",
})
if (tsc.status !== 0) process.exit(tsc.status ?? 1)

// All programs load from few files: the first frame comes in a third of the time, a command some 30 ms sooner, and a
// server that was killed is back in half the time.
for (const room of ["tui", "server"]) rmSync(join(dist, room), { recursive: true, force: true })
await bundle("dist/tui/screen", { main: "tui/screen/main.tsx", "core-worker": "tui/core-worker.ts" })
await bundle("dist/tui/cli", { main: "tui/cli/main.ts" })
await bundle("dist/server", {
  main: "server/main.ts",
  "store-worker": "server/store/store-worker.ts",
  "upkeep-worker": "server/store/upkeep-worker.ts",
})

for (const bin of ["tui/cli/main.js", "tui/screen/main.js", "server/main.js"]) chmodSync(join(dist, bin), 0o755)
writeFileSync(stamp, "")

/** npm prepares a checkout again whenever `npx` first runs one of its programs; nothing is built twice. */
function isFresh() {
  if (!existsSync(stamp)) return false
  const builtAt = statSync(stamp).mtimeMs
  const files = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json", "scripts/build.mjs"]
  for (const room of ["core", "server", "tui"])
    for (const path of readdirSync(join(top, room), { recursive: true })) files.push(join(room, path))
  return files.every((path) => statSync(join(top, path)).mtimeMs <= builtAt)
}

async function bundle(outdir, entryPoints) {
  await build({
    absWorkingDir: top,
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node20",
    format: "esm",
    jsx: "automatic",
    sourcemap: true,
    logLevel: "warning",
    external: ["better-sqlite3", "@matrixai/quic", "@matrixai/quic/*"],
    alias: { "react-devtools-core": join(top, "scripts/empty-module.mjs") },
    define: { "process.env.NODE_ENV": '"production"' },
    banner: {
      js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
    },
  })
}
