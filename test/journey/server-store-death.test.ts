/** The store's thread dies inside a serving process: the process says so and ends; nothing acknowledged is missing after. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, expect, test, vi } from "vitest"
import { hex } from "../../core/domain/bytes.ts"
import { CLOSE_CODES } from "../../core/transport/transport.ts"
import { joined, letterTo } from "../fakes/node-device.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { allRows, dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

const DEADLINE_MS = 120_000
const EXIT_STORE_DIED = 70
const folder = dataFolder()
afterEach(() => vi.unstubAllEnvs())
afterAll(() => folder.remove())

/** Loaded into every thread of the process by Node itself: the worker ends when the file `sign` appears. */
function deadlyFrom(sign: string, death: string): void {
  const module = `import { existsSync } from "node:fs"
    import { isMainThread } from "node:worker_threads"
    const look = () => { if (existsSync(${JSON.stringify(sign)})) { ${death} } }
    if (!isMainThread) setInterval(look, 5)`
  vi.stubEnv("NODE_OPTIONS", `--max-old-space-size=160 --import data:text/javascript,${encodeURIComponent(module)}`)
}

test.each([
  ["of an exception", `throw new Error("unforeseen in the store")`],
  ["by leaving", `process.exit(0)`],
  ["of hunger", `const hoard = []; for (;;) hoard.push(new Array(100_000).fill(hoard.length))`],
])(
  "a store that dies %s ends the server with 70 and a line in the log, and no acknowledged row is missing",
  async (how, death) => {
    const path = join(folder.path, how.replaceAll(" ", "-"))
    const sign = `${path}.dies`
    deadlyFrom(sign, death)
    const before = await ServerProcess.start(path)
    vi.unstubAllEnvs()
    const first = await before.dial()
    const [alice, bob] = [await joined(first.door, "alice"), await joined(first.door, "bob")]
    const { node, connection } = await before.dial(alice.auth)
    const acknowledged = new Map<string, bigint>()
    const refusals = new Set<string>()
    const send = async (): Promise<void> => {
      while (refusals.size === 0) {
        const letter = letterTo(bob.identity.deviceKey)
        const code = await codeOfAsync(async () => {
          acknowledged.set(hex(letter.messageId), (await node.enqueue(letter)).seq)
        })
        if (code !== "accepted") refusals.add(code)
      }
    }
    const senders = Array.from({ length: 16 }, send)
    await until("many are acknowledged", () => acknowledged.size >= 100)
    writeFileSync(sign, "")
    const { status, stderr, stdout } = await before.ended
    connection.close(CLOSE_CODES.goodbye, "the server is gone")
    await Promise.all(senders)
    expect(status).toBe(EXIT_STORE_DIED)
    expect(stdout).toBe(before.readyLine)
    const told = stderr.split("\n").filter((line) => line.includes("the store's thread ended"))
    expect(told).toHaveLength(1)
    expect(JSON.parse(told[0]!)).toMatchObject({ level: "fatal", error: { code: "E063" } })
    for (const code of refusals) expect(["E063", "E054", "E059"]).toContain(code)
    await expect(before.get("/healthz")).rejects.toThrow()

    await using after = await ServerProcess.start(path)
    const reader = await after.dial(bob.auth)
    const rows = await allRows(reader.node, bob.identity.deviceKey)
    const stored = new Map(rows.map((row) => [hex(row.id), row.seq]))
    for (const [id, seq] of acknowledged) expect(stored.get(id)).toBe(seq)
    reader.connection.close(CLOSE_CODES.goodbye, "read")
  },
  DEADLINE_MS,
)
