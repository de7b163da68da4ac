/** What the terminal gets: no hostile byte, nothing too wide, few bytes, and its old state back. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { FlickerWatch } from "../fakes/flicker-watch.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"
import { turn } from "../fakes/world.ts"

let rig: ScreenRig

const start = (options: RigOptions): ScreenRig => (rig = new ScreenRig(options))

afterEach(async () => {
  await rig.close()
})

const SIZES = [
  [80, 24],
  [120, 36],
  [60, 20],
  [40, 10],
  [200, 60],
] as const

const ESC = "\u001b"
const LINKS_AND_ENDS = new RegExp(String.raw`\]8;[^${ESC}]*`, "g")

describe("the terminal", () => {
  it.each(SIZES)("shows the conversation and the composer at %ix%i", async (columns, rows) => {
    const { core } = busyHouse()
    start({ core, columns, rows })
    await rig.shows("ops-oncall", "hi all", "> ")
    rig.press("typed here")
    await rig.shows("typed here")
    expect(rig.has("MEMBERS")).toBe(columns >= 110)
    expect(rig.has("GROUPS")).toBe(columns >= 80)
    rig.press("alt+i", "erin", "enter")
    await rig.shows("erin's fingerprint")
  })

  it("says that it is too small", async () => {
    const { core } = busyHouse()
    start({ core, columns: 25, rows: 5 })
    await rig.shows("terminal too small (25x5)")
    rig.resize(80, 24)
    await rig.shows("hi all")
  })

  it("needs no box drawing and no colour", async () => {
    const { core } = busyHouse()
    core.invited("book-club", "erin")
    start({ core, columns: 120, rows: 36, ascii: true, colour: false })
    await rig.shows("[on] online", "epoch 11 -> 12", "| MEMBERS")
    rig.press("alt+i")
    await rig.shows("+- Invite to # ops-oncall")
    expect(rig.text().replaceAll("👋", "")).toMatch(/^[\n\u0020-\u007e]*$/)
    expect(rig.written).not.toMatch(/\[(?:\d;)?[34]\dm/)
  })

  it("links an address in every row it is broken over, in the message alone and never behind a panel", async () => {
    const core = new FakeCore({ name: "alice" })
    const group = core.group("https://title.example", ["alice", "https://name.example"])
    const target = `https://a.example/${"x".repeat(80)}`
    core.says(group, "https://name.example", `see ${target}, not javascript:alert(1)`)
    start({ core, columns: 80, rows: 24 })
    await rig.shows("not javascript")
    const links = rig.written.match(LINKS_AND_ENDS) ?? []
    expect(links.length).toBeGreaterThanOrEqual(4)
    links.forEach((link, at) => {
      expect(link).toBe(at % 2 === 0 ? `]8;id=1-0;${target}` : "]8;;")
    })
    const before = rig.written.length
    rig.press("f1")
    await rig.shows("Help")
    expect(rig.written.slice(before)).not.toContain("\u001b]8;")
  })

  it("clears nothing whole, and writes every frame as one synchronised update", async () => {
    const { core, ops } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    core.says(ops, "bob", "more")
    await rig.shows("more")
    rig.press("alt+a", "f1")
    rig.resize(100, 30)
    await rig.shows("# release-train")
    expect(rig.written).not.toMatch(/\[[23]J/)
    const opened = rig.written.split("[?2026h").length
    expect(rig.written.split("[?2026l").length).toBe(opened)
  })

  it("blanks no cell that holds the same afterwards, though the terminal showed every step", async () => {
    const { core, ops } = busyHouse()
    start({ core, columns: 120, rows: 36 })
    await rig.shows("hi all")
    const words = ["a word", "漢字かな", "👩‍👩‍👧 family", "e\u0301te\u0301", "שלום", "x".repeat(150), "two\nlines"]
    for (let at = 0; at < 40; at++) {
      core.says(at % 3 === 0 ? ops : core.group(`g${at}`, ["alice", "bob"]), "bob", words[at % words.length] ?? "")
      if (at % 5 === 0) core.reacts("bob", core.says(ops, "carol", "well").id, "👍")
      rig.press(at % 4 === 0 ? "alt+i" : at % 4 === 2 ? "esc" : "key 👋")
      await rig.shows(/\S/)
      await turn()
    }
    const watch = new FlickerWatch(120)
    const flickers = rig.updates.flatMap((update) =>
      watch.take(update).map((cell) => `${cell} in ${JSON.stringify(update)}`),
    )
    expect(flickers).toEqual([])
  })

  it("spends at most 45 bytes on a typed key, echo and frame together", async () => {
    const { core } = busyHouse()
    start({ core, columns: 120, rows: 36 })
    await rig.shows("hi all")
    const costs: number[] = []
    let typed = ""
    for (const key of "the quick brown fox jumps over the lazy dog") {
      const before = rig.written.length
      rig.press(key)
      typed += key
      await rig.shows(`> ${typed.trimEnd()}`)
      // React renders in a microtask; after a turn of the event loop its frame has been written too.
      await turn()
      costs.push(rig.written.length - before)
    }
    costs.sort((a, b) => a - b)
    expect(costs[Math.floor(costs.length / 2)]).toBeLessThanOrEqual(45)
  })

  it("spends little on an incoming message at the bottom", async () => {
    const { core, ops } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    const before = rig.written.length
    const text = "a message of quite the usual length"
    core.says(ops, "bob", text)
    await rig.shows(text)
    expect(rig.written.length - before).toBeLessThanOrEqual(3 * (text.length + 40))
  })

  it("writes nothing while nothing happens", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    rig.press("x")
    await rig.shows("> x")
    const before = rig.written.length
    core.tell({ kind: "caughtUp" })
    core.setLink({})
    await rig.shows("> x")
    expect(rig.written.length).toBe(before)
  })

  it("gives the terminal back, once", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    rig.press("ctrl+q")
    await rig.screen.ended
    rig.screen.restore()
    expect(rig.written.startsWith("\u001b[?1049h\u001b[?7l\u001b[?2004h")).toBe(true)
    const ending =
      "\u001b[?2026l\u001b[0m\u001b[23;2t\u001b[?1006l\u001b[?1000l\u001b[?1004l\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l"
    expect(rig.written.endsWith(ending)).toBe(true)
    expect(rig.written.split("[?1049l").length).toBe(2)
  })

  it("leaves to the shell when suspended, and is whole again afterwards", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    rig.press("ctrl+z")
    expect(rig.suspended).toBe(1)
    expect(rig.written.endsWith("[?1049l")).toBe(true)
    rig.screen.resume()
    await rig.shows("hi all", "# ops-oncall", "● online")
  })
})
