// Builds dist/: tsc for the command line, the server and the core; esbuild bundles the terminal app when it is there.
import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"

const top = fileURLToPath(new URL("..", import.meta.url))
rmSync(`${top}dist`, { recursive: true, force: true })
const tsc = spawnSync(process.execPath, [`${top}node_modules/typescript/bin/tsc`, "-p", "tsconfig.build.json"], {
  cwd: top,
  stdio: "inherit",
})
if (tsc.status !== 0) process.exit(tsc.status ?? 1)
for (const bin of ["tui/cli/main.js", "tui/screen/main.js", "server/main.js"]) {
  if (existsSync(`${top}dist/${bin}`)) chmodSync(`${top}dist/${bin}`, 0o755)
}
