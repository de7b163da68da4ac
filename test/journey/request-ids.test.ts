/** One name for a call at both ends: in the server's log, in what a refused client prints, and in spans where somebody traces. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { CommandLine } from "../fakes/command-line.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

type Line = Readonly<Record<string, unknown>>

const NAME = /^[0-9a-f]{16}-[1-9]\d*$/

let shell: CommandLine
let folder: ReturnType<typeof dataFolder>
const spansFolder = mkdtempSync(join(tmpdir(), "qpq-spans-"))
const spansFile = join(spansFolder, "spans")

const linesOf = (text: string): readonly Line[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line)

beforeAll(() => {
  shell = new CommandLine()
  folder = dataFolder()
})
afterAll(() => {
  shell[Symbol.dispose]()
  folder.remove()
  rmSync(spansFolder, { recursive: true })
})

test("a refusal that a client prints, the server's line about it and its span have the same name", async () => {
  const hooks = ["deploy/opentelemetry.mjs", "test/fakes/span-writer.mjs"].map((path) => join(packageRoot(), path))
  process.env["NODE_OPTIONS"] = hooks.map((path) => `--import ${path}`).join(" ")
  process.env["SPANS_FILE"] = spansFile
  const server = await ServerProcess.start(folder.path, "--log-level", "debug").finally(() => {
    delete process.env["NODE_OPTIONS"]
    delete process.env["SPANS_FILE"]
  })
  const address = formatServerAddress(server.address)
  expect(await shell.qpq("alice", ["register-user", "alice", "--server", address])).toMatchObject({ status: 0 })
  const { json } = await shell.qpq("alice", ["dm", "nobody", "hello"])
  const told = json.at(-1)
  expect(told).toMatchObject({ type: "error", code: "E015", request: expect.stringMatching(NAME) as unknown })
  const { stderr } = await server.stop()

  const calls = linesOf(stderr).filter(({ msg }) => msg === "call")
  expect(calls.length).toBeGreaterThan(5)
  expect(new Set(calls.map(({ request }) => request)).size).toBe(calls.length)
  expect(calls.find(({ request }) => request === told?.["request"])).toMatchObject({
    method: "resolveUser",
    outcome: "E015",
  })

  const spans = linesOf(readFileSync(spansFile, "utf8"))
  expect(spans).toHaveLength(calls.length)
  expect(spans.find(({ attributes }) => (attributes as Line)["qpq.request"] === told?.["request"])).toMatchObject({
    name: "NodeService/resolveUser",
    attributes: { "rpc.method": "resolveUser", "error.type": "E015" },
    status: { code: 0 },
  })
})
