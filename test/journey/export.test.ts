/** A conversation written to a file: all of it, once, in order, for its owner alone, and never over anything. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { TimelineView } from "../../core/client/client-api.ts"
import { exportToFile, pagesOf } from "../../tui/conversation-export.ts"
import { timelineLine } from "../../tui/json-lines.ts"
import { busyHouse } from "../fakes/busy-house.ts"
import { CommandHouse } from "../fakes/command-house.ts"
import { codeOfAsync } from "../fakes/refusal.ts"

const house = new CommandHouse({ people: ["alice", "bob"], groups: ["team"] })
const { shell } = house
const NASTY = 'first\nsecond \u001b[2J "quoted" \u202e'

beforeAll(async () => {
  await house.open()
  for (const text of ["one", NASTY, "three"]) await shell.qpq("alice", ["send", "team", text])
  await shell.qpq("bob", ["recv", "--wait", "10"])
})
afterAll(() => house[Symbol.asyncDispose]())

const place = (name: string): string => join(shell.folder, name)
const linesOf = (path: string): readonly Record<string, unknown>[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe("qpq export", () => {
  test("writes changes and messages in their order, texts as they were sent, readable by their owner alone", async () => {
    const path = place("team.ndjson")
    expect((await shell.qpq("alice", ["export", "team", path])).json).toEqual([{ type: "done" }])
    const lines = linesOf(path)
    expect(lines.map(({ type }) => type)).toEqual(["change", "message", "message", "message"])
    expect(lines.map(({ text }) => text).slice(1)).toEqual(["one", NASTY, "three"])
    expect(lines[0]).toMatchObject({ added: ["bob"], by: "alice", sentAt: expect.stringMatching(/^\d{4}-/) as string })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, "utf8")).not.toMatch(/(?![\n\u007f-\u009f])\p{Cc}/u)
  })

  test("with - writes the same lines to standard output and nothing else", async () => {
    const { lines } = await shell.plain("alice", ["export", "team", "-"])
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(linesOf(place("team.ndjson")))
  })

  test("into a folder gives it the group's name", async () => {
    mkdirSync(place("folder"))
    expect((await shell.qpq("bob", ["export", "team", place("folder")])).status).toBe(0)
    expect(readdirSync(place("folder"))).toEqual(["team.ndjson"])
  })

  test("leaves what is there as it is", async () => {
    writeFileSync(place("mine"), "precious")
    const { status, errors } = await shell.qpq("alice", ["export", "team", place("mine")])
    expect([status, errors]).toEqual([2, expect.stringContaining("is there already")])
    expect(readFileSync(place("mine"), "utf8")).toBe("precious")
  })

  test("into a folder that is not there, or of a group that is not, fails and leaves nothing", async () => {
    const nowhere = await shell.qpq("alice", ["export", "team", place("nowhere/a")])
    expect(nowhere.json.at(-1)).toMatchObject({ code: "E063" })
    expect((await shell.qpq("alice", ["export", "nobody", place("b")])).json.at(-1)).toMatchObject({ code: "E033" })
    expect(existsSync(place("b"))).toBe(false)
  })
})

const ROWS = 100_000

/** A conversation that nobody holds whole. */
function many(count: number, onPage: (after: number) => void = () => undefined) {
  const [first] = rowsOf()
  if (!first) throw new Error("no line")
  return {
    timeline: async ({ after = 0, limit = 0 }: { readonly after?: number; readonly limit?: number }) => {
      onPage(after)
      const from = after + 1
      return Array.from({ length: Math.min(limit, count - after) }, (_, at) => ({
        ...first,
        place: from + at,
        id: `${from + at}`,
      }))
    },
  }
}

function rowsOf(): readonly TimelineView[] {
  const { core, ops } = busyHouse()
  return [core.says(ops, "bob", "x".repeat(200))]
}

const signal = new AbortController().signal

describe("a large conversation", () => {
  test("is written page by page, every line once", async () => {
    let asked = 0
    const path = place("large")
    const written = await exportToFile({ client: many(ROWS, () => asked++), groupId: "", name: "x", path, signal })
    expect(written).toEqual({ path, lines: ROWS })
    const ids = linesOf(path).map(({ id }) => Number(id))
    expect(ids.length).toBe(ROWS)
    expect(ids.every((id, at) => id === at + 1)).toBe(true)
    expect(asked).toBeGreaterThan(100)
  })

  test("that cannot be read to its end leaves no file, not even a part", async () => {
    mkdirSync(place("failing"))
    const stop = new AbortController()
    const broken = many(ROWS, (after) => {
      if (after > 1000) throw new Error("disk")
    })
    const interrupted = many(ROWS, (after) => {
      if (after > 1000) stop.abort()
    })
    const order = { groupId: "", name: "x", path: place("failing/a") }
    expect(await codeOfAsync(() => exportToFile({ ...order, client: broken, signal }))).toBe("E063")
    expect(await codeOfAsync(() => exportToFile({ ...order, client: interrupted, signal: stop.signal }))).toBe("E076")
    expect(readdirSync(place("failing"))).toEqual([])
  })

  test("of no line at all is an empty file", async () => {
    const client = { timeline: async () => [] }
    expect(await exportToFile({ client, groupId: "", name: "x", path: place("empty"), signal })).toMatchObject({
      lines: 0,
    })
    expect(readFileSync(place("empty"), "utf8")).toBe("")
  })

  test("a folder that nobody may write into is said so", async () => {
    const order = { client: many(1), groupId: "", name: "x", path: "/proc/x.ndjson", signal }
    expect(await codeOfAsync(() => exportToFile(order))).toBe("E063")
  })
})

test("each kind of line is written as what it is", async () => {
  const [row] = rowsOf()
  if (!row) throw new Error("no line")
  expect(timelineLine({ ...row, kind: "unknown", text: "" })).toMatchObject({ type: "message", unknown: true })
  expect(timelineLine({ ...row, kind: "notice", text: "a new key" })).toMatchObject({
    type: "notice",
    text: "a new key",
  })
  expect(timelineLine({ ...row, deleted: true, text: "" })).toMatchObject({ type: "message", deleted: true, text: "" })
  const pages: number[] = []
  for await (const page of pagesOf({ client: many(1200), groupId: "", signal })) pages.push(page.length)
  expect(pages).toEqual([500, 500, 200])
})
