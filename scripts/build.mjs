// Builds dist/: tsc for the command line, the server and the core; esbuild bundles the terminal app over it.
import { build } from "esbuild"
import { spawnSync } from "node:child_process"
import { chmodSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const top = fileURLToPath(new URL("..", import.meta.url))
const dist = join(top, "dist")
rmSync(dist, { recursive: true, force: true })

const tsc = spawnSync(process.execPath, [join(top, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
  cwd: top,
  stdio: "inherit",
})
if (tsc.status !== 0) process.exit(tsc.status ?? 1)

// The app loads from few files: its first frame comes in a third of the time.
rmSync(join(dist, "tui/screen"), { recursive: true, force: true })
await build({
  absWorkingDir: top,
  entryPoints: { main: "tui/screen/main.tsx", "core-worker": "tui/core-worker.ts" },
  outdir: "dist/tui/screen",
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

// npm links the programs of packages it installs, not a checkout's own: so that `npx qpq` finds them there as well.
const bins = { qpq: "tui/cli/main.js", "qpq-tui": "tui/screen/main.js", "qpq-server": "server/main.js" }
for (const [name, file] of Object.entries(bins)) {
  chmodSync(join(dist, file), 0o755)
  const link = join(top, "node_modules/.bin", name)
  rmSync(link, { force: true })
  symlinkSync(join("../../dist", file), link)
}
