/** How long a person waits: `qpq whoami`, and the first frame of qpq-tui, both as built. Run: npm run bench startup */
import { spawn } from "@lydell/node-pty"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ProfileGate } from "../../core/client/gate.ts"
import { confirmRegistration, newKeys, saveKeys, saveName } from "../../core/client/identity.ts"
import { newDatabaseKey, wrapDatabaseKey } from "../../core/crypto/passphrase-key.ts"
import { utf8 } from "../../core/domain/bytes.ts"
import { packageRoot } from "../../core/domain/package-root.ts"
import { userName } from "../../core/domain/user-name.ts"
import { realWorld } from "../../core/domain/world.ts"

const ROUNDS = 9
const WHOAMI_GOAL_MS = 400
const FRAME_GOAL_MS = 600

const home = mkdtempSync(join(tmpdir(), "qpq-bench-"))
try {
  const gate = new ProfileGate({ home, world: realWorld })
  await gate.unlock("bench")
  gate.store.write((tx) => {
    saveKeys(tx, newKeys())
    saveName(tx, userName("alice"))
    confirmRegistration(tx)
  })
  await gate.close()
  const whoami = await medianOf(async () => whoamiMs())
  const frame = await medianOf(firstFrameMs)
  const boot = await medianOf(async () => bootMs())
  const stretching = await medianOf(stretchingMs)
  console.log(`qpq whoami: ${Math.round(whoami)} ms (goal < ${WHOAMI_GOAL_MS})`)
  console.log(`  of it, at least: node with nothing to do ${Math.round(boot)} ms, scrypt ${Math.round(stretching)} ms`)
  console.log(`qpq-tui first frame: ${Math.round(frame)} ms (goal < ${FRAME_GOAL_MS})`)
  console.log(JSON.stringify({ whoami, frame, boot, stretching }))
  process.exitCode = whoami < WHOAMI_GOAL_MS && frame < FRAME_GOAL_MS ? 0 : 1
} finally {
  rmSync(home, { recursive: true, force: true })
}
process.exit()

function whoamiMs(): number {
  const startedAt = performance.now()
  const entry = join(packageRoot(), "dist/tui/cli/main.js")
  const env = { ...process.env, QPQ_PASSWORD: "bench" }
  const { status } = spawnSync(process.execPath, [entry, "whoami", "--json", "--home", home], { env })
  if (status !== 0) throw new Error(`whoami ended with ${status}`)
  return performance.now() - startedAt
}

function bootMs(): number {
  const startedAt = performance.now()
  spawnSync(process.execPath, ["-e", "0"])
  return performance.now() - startedAt
}

async function stretchingMs(): Promise<number> {
  const key = newDatabaseKey()
  const startedAt = performance.now()
  await wrapDatabaseKey(key, utf8("bench"))
  return performance.now() - startedAt
}

/** Until the first visible text, on a home that holds nothing. */
async function firstFrameMs(): Promise<number> {
  const startedAt = performance.now()
  const env = { ...process.env }
  delete env["CI"]
  const entry = join(packageRoot(), "dist/tui/screen/main.js")
  const terminal = spawn(process.execPath, [entry, "--home", join(home, "none")], { cols: 80, rows: 24, env })
  const ms = await new Promise<number>((resolve) => {
    let shown = ""
    terminal.onData((bytes) => {
      shown += bytes
      if (shown.includes("server")) resolve(performance.now() - startedAt)
    })
  })
  terminal.kill("SIGTERM")
  return ms
}

async function medianOf(measure: () => Promise<number>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) times.push(await measure())
  return times.sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN
}
