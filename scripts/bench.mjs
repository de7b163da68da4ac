// Runs the benchmarks on built code, one after another: `npm run bench [name...]`. Keeps what they print in docs/BENCHMARKS.md.
import { build } from "esbuild"
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { cpus, release } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const top = fileURLToPath(new URL("..", import.meta.url))
const out = join(top, "node_modules/.cache/bench")
mkdirSync(out, { recursive: true })

const wanted = process.argv.slice(2)
const names = readdirSync(join(top, "test/bench"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replace(/\.ts$/, ""))
  .filter((name) => wanted.length === 0 || wanted.includes(name))

await build({
  absWorkingDir: top,
  entryPoints: names.map((name) => `test/bench/${name}.ts`),
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  packages: "external",
  logLevel: "warning",
})

const sections = []
let missed = 0
for (const name of names) {
  process.stdout.write(`\n== ${name}\n`)
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(out, `${name}.mjs`)], {
    encoding: "utf8",
    cwd: top,
  })
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  if (status !== 0) missed++
  const text = stdout
    .split("\n")
    .filter((line) => !line.startsWith("{"))
    .join("\n")
    .trimEnd()
  sections.push(`## ${name}\n\n\`\`\`\n${text}\n\`\`\`\n`)
}

if (wanted.length === 0) {
  const head = `# Benchmarks

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: Node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}.
Ratios are taken within one run; absolute figures are this machine's.
`
  writeFileSync(join(top, "docs/BENCHMARKS.md"), `${head}\n${sections.join("\n")}`)
}
process.exitCode = missed === 0 ? 0 : 1
