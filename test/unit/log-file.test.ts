/** The app's log: what stands in it, what never does, and where it may be written. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs"
import { writeFileSync } from "node:fs"
import { execFileSync } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { eventEntries, failureEntry, slowEntry } from "../../core/client/core-log.ts"
import type { LogEntry } from "../../core/client/core-log.ts"
import { errorTrace } from "../../core/client/error-trace.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { LOG_BYTES_MAX, LogFile, logLine } from "../../tui/log-file.ts"
import { appLog } from "../../tui/screen/app-log.ts"
import { fakeWorld } from "../fakes/world.ts"

const { clock } = fakeWorld()
const START: LogEntry = { level: "info", event: "start", about: { version: "1.2.3" } }

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qpq-log-"))
  path = join(folder, "qpq-tui.log")
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const logTo = (level: LogEntry["level"] = "info", at = path): LogFile => new LogFile({ path: at, level, clock })
const lines = (at = path): readonly unknown[] =>
  readFileSync(at, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown)

describe("the file", () => {
  it("has one object per line, and is its owner's alone", () => {
    logTo().write(START)
    expect(lines()).toEqual([{ time: "2023-11-14T22:13:20.000Z", level: "info", event: "start", version: "1.2.3" }])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it("is closed to others again when it was open to them", () => {
    writeFileSync(path, "")
    chmodSync(path, 0o644)
    logTo().write(START)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it("takes what is as grave as its level, or graver", () => {
    const log = logTo("warn")
    for (const level of ["debug", "info", "warn", "error"] as const) log.write({ level, event: level, about: {} })
    expect(lines()).toMatchObject([{ event: "warn" }, { event: "error" }])
  })

  it("starts anew at its greatest size, and keeps one before it", () => {
    const log = logTo()
    const long = { ...START, about: { filler: "x".repeat(1000) } }
    for (let written = 0; written < 2.5 * LOG_BYTES_MAX; written += 1000) log.write(long)
    log.write(START)
    expect(statSync(path).size).toBeLessThan(LOG_BYTES_MAX)
    expect(statSync(`${path}.1`).size).toBeLessThan(LOG_BYTES_MAX + 2000)
    expect(statSync(`${path}.1`).mode & 0o777).toBe(0o600)
    expect(existsSync(`${path}.2`)).toBe(false)
    expect(lines().at(-1)).toMatchObject({ event: "start" })
  })

  it("waits for the profile's folder, and then has what came before", () => {
    const home = join(folder, "new")
    const log = logTo("info", join(home, "qpq-tui.log"))
    for (let at = 0; at < 300; at++) log.write({ ...START, event: `step ${at}` })
    expect(existsSync(home)).toBe(false)
    mkdirSync(home)
    log.write({ ...START, event: "last" })
    const written = lines(join(home, "qpq-tui.log"))
    expect(written).toHaveLength(201)
    expect(written.at(-1)).toMatchObject({ event: "last" })
  })

  it.each(["a link", "a folder", "a pipe"])("is not written through %s, and says why", (kind) => {
    if (kind === "a link") symlinkSync(join(folder, "elsewhere"), path)
    else if (kind === "a folder") mkdirSync(path)
    else execFileSync("mkfifo", [path])
    const log = logTo()
    log.write(START)
    log.write(START)
    expect(log.state.problem).toBeDefined()
    expect(existsSync(join(folder, "elsewhere"))).toBe(false)
  })

  it("of the person's own choice is tried at once; off is none", () => {
    const place = { home: folder, clock }
    const logFile = join(folder, "nowhere", "a.log")
    expect(() => appLog({ ...place, options: { logFile, logLevel: "info" } })).toThrow(/E071|log-file .*ENOENT/)
    const off = appLog({ ...place, options: { logFile: "off", logLevel: "info" } })
    off.write(START)
    expect(off.state().path).toBeUndefined()
    expect(existsSync(path)).toBe(false)
  })
})

describe("a line", () => {
  it("holds nothing that a terminal would obey", () => {
    const line = logLine(0, {
      ...START,
      about: { reason: "\u001b[2J\u009b31m\u202eevil\nsecond", trace: [{ name: "\u001b]0;x" }] },
    })
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u202e]|\\u001b/u)
    expect(line.match(/\n/g)).toHaveLength(1)
  })

  it("of an event names no person, no group and no text", () => {
    const line = eventEntries()({ kind: "trouble", code: "E018", message: "account key changed: carol" })
    expect(JSON.stringify(line)).toBe('{"level":"warn","event":"trouble","about":{"code":"E018"}}')
    const contact = eventEntries()({ kind: "contact", name: "carol", state: "changed", verified: false })
    expect(JSON.stringify(contact)).not.toContain("carol")
    const delivery = { kind: "delivery", groupId: "ab".repeat(32), id: "cd".repeat(16), delivery: "failed" } as const
    expect(eventEntries()(delivery)).toEqual({
      level: "warn",
      event: "delivery",
      about: { group: "abababab", id: "cdcdcdcd", delivery: "failed" },
    })
  })

  it("of the link is written when it has changed", () => {
    const entryOf = eventEntries()
    const link = {
      state: "online",
      since: 0,
      tries: 0,
      retryAt: 0,
      lastSync: 1,
      roundTripMs: 2,
      code: undefined,
    } as const
    const entries = [link, { ...link, lastSync: 2 }, { ...link, state: "reconnecting", code: "E054" } as const]
    expect(entries.map((now) => entryOf({ kind: "link", link: now })?.about)).toEqual([
      { state: "online", tries: 0, roundTripMs: 2 },
      undefined,
      { state: "reconnecting", tries: 0, roundTripMs: 2, code: "E054" },
    ])
  })

  it("of a slow step says which and how long; what waits as it is told is not slow", () => {
    expect(slowEntry("send", 2500.4)).toEqual({ level: "warn", event: "slow", about: { method: "send", ms: 2500 } })
    expect(slowEntry("send", 300)).toBeUndefined()
    expect(slowEntry("sync", 20_000)).toBeUndefined()
  })
})

describe("a failure", () => {
  const secret = "canary hunter2"

  it("has the codes of all that caused it, and where in the program", () => {
    const root = Object.assign(new Error(`ENOSPC ${secret}`), { code: "ENOSPC" })
    const trace = errorTrace(
      new QpqError("E063", secret, { cause: new QpqError("E053", "no answer", { cause: root }) }),
    )
    expect(trace).toMatchObject([
      { name: "E063" },
      { name: "E053", detail: "no answer" },
      { name: "Error", code: "ENOSPC" },
    ])
    expect(trace[2]?.at?.[0]).toMatch(/log-file\.test\.ts:\d+$/)
    expect(JSON.stringify(trace)).not.toContain("hunter2")
  })

  it("keeps no word of a message, though it has several lines that look like places", () => {
    const thrown = new Error(`bad\n    at ${secret} (hunter2.ts:1:1)\n    at hunter2.ts:3:4`)
    expect(JSON.stringify(errorTrace(thrown))).not.toContain("hunter2")
    const named = Object.assign(new Error("x"), { name: `My ${secret}`, code: secret })
    expect(JSON.stringify(errorTrace(named))).not.toContain("hunter2")
    expect(JSON.stringify(errorTrace(secret))).toBe('[{"name":"string"}]')
  })

  it("whose causes go in a circle ends", () => {
    const thrown = new Error("a")
    thrown.cause = thrown
    expect(errorTrace(thrown).length).toBeLessThan(10)
  })

  it("is an error, unless a person or a network makes it every day", () => {
    expect(failureEntry({ method: "send", code: "E063", trace: [] }).level).toBe("error")
    expect(failureEntry({ method: "ping", code: "E053", trace: [] }).level).toBe("info")
    expect(failureEntry({ method: "ping", code: "E099", trace: errorTrace(new Error("x")) }).about).toHaveProperty(
      "trace",
    )
  })
})
