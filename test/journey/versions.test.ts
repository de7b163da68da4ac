/** A client and a server of different versions: refused at once, with both named and what to upgrade; nothing is lost by it. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { packageRoot, packageVersion } from "../../core/domain/package-root.ts"
import { otherVersion } from "../fakes/other-version.ts"
import { BuiltServer } from "../rough/built-server.ts"
import { QpqProcesses } from "../rough/qpq-process.ts"

/** EX_PROTOCOL of sysexits. */
const PROTOCOL = 76
const GIVES_UP_MS_MAX = 20_000

let folder: string
const cleanups: (() => unknown)[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "qpq-versions-"))
})
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
  rmSync(folder, { recursive: true, force: true })
})

type Versioned = Parameters<typeof otherVersion>

function rootOf(other: Versioned | undefined): string {
  if (!other) return packageRoot()
  const version = otherVersion(...other)
  cleanups.push(() => version[Symbol.dispose]())
  return version.root
}

async function server(name: string, other?: Versioned): Promise<BuiltServer> {
  const started = new BuiltServer(join(folder, name), ["--supervise", "no"], 0, rootOf(other))
  cleanups.push(() => started.stop())
  await started.start()
  return started
}

function client(name: string, other?: Versioned) {
  const qpq = new QpqProcesses(true, rootOf(other))
  const place = { name, home: join(folder, name), password: `pw-${name}` }
  return {
    ask: (...argv: readonly string[]) => qpq.run(place, argv),
    done: (...argv: readonly string[]) => qpq.done(place, argv),
  }
}

describe("a client is refused at once", () => {
  test.each<readonly [string, Versioned, string, string]>([
    [
      "an older one by its wire version",
      ["WIRE_VERSION", 0],
      "E020",
      "the client has 0, the server 1: upgrade the client",
    ],
    [
      "a newer one by its wire version",
      ["WIRE_VERSION", 2],
      "E020",
      "the client has 2, the server 1: upgrade the server",
    ],
    ["an older one by its auth version", ["AUTH_VERSION", 0], "E003", "the client has 0, the server"],
    ["a newer one by its auth version", ["AUTH_VERSION", 2], "E003", "the client has 2, the server"],
  ])("%s", async (_, other, code, words) => {
    const { address } = await server(`server-${other.join("-")}`)
    const { status, stderr, json, ms } = await client(`alice-${other.join("-")}`, other).ask(
      "register-user",
      "alice",
      "--server",
      address,
    )
    expect(stderr).toContain(`qpq: ${code}`)
    expect(stderr).toContain(words.split(",")[0])
    expect(stderr).toMatch(/upgrade the (client|server)/)
    expect(json.at(-1)).toMatchObject({ type: "error", code, retryable: false })
    expect([status === 0, ms < GIVES_UP_MS_MAX]).toEqual([false, true])
  })
})

test("a server that was upgraded too far is named, what was written waits, and the older server has it all", async () => {
  const dataDir = "moved"
  let here = await server(dataDir)
  const alice = client("alice")
  await alice.done("register-user", "alice", "--server", here.address)
  await alice.done("create-group", "team")
  const { port } = here
  await here.stop()

  here = new BuiltServer(join(folder, dataDir), ["--supervise", "no"], port, rootOf(["WIRE_VERSION", 2]))
  cleanups.push(here.stop.bind(here))
  await here.start()
  const refused = await alice.ask("ping")
  expect(refused.stderr).toMatch(/^qpq: E020 .*the client has 1, the server .*2: upgrade the client/)
  expect(refused.status).toBe(PROTOCOL)
  const doctor = await alice.ask("doctor")
  expect(doctor.json).toContainEqual(
    expect.objectContaining({
      type: "check",
      name: "server",
      ok: false,
      detail: expect.stringContaining("upgrade the client") as unknown,
    }),
  )
  expect((await alice.ask("send", "team", "waits")).status).toBe(PROTOCOL)
  await here.stop()

  here = new BuiltServer(join(folder, dataDir), ["--supervise", "no"], port)
  cleanups.push(() => here.stop())
  await here.start()
  await alice.done("recv")
  expect((await alice.done("history", "team")).json).toContainEqual(expect.objectContaining({ text: "waits" }))
  const { json } = await alice.done("doctor")
  expect(json).toContainEqual({
    type: "check",
    name: "versions",
    ok: true,
    detail: `qpq ${packageVersion()}, qpq-server ${packageVersion()}, wire version 1`,
  })
  expect(json).toContainEqual({ type: "check", name: "outbox", ok: true, detail: "0 messages wait" })
  expect(JSON.parse((await here.get("/healthz")).body)).toEqual({
    status: "ok",
    version: packageVersion(),
    wireVersion: 1,
  })
})
