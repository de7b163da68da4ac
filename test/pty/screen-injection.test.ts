/** What others send shows what it may and does nothing: no byte of theirs reaches the terminal that is not text. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"
import { SeededRandom, turn } from "../fakes/world.ts"

const ROUNDS = 150
const REACTIONS = 10_000

let rig: ScreenRig

const start = (options: RigOptions): ScreenRig => (rig = new ScreenRig(options))

afterEach(async () => {
  await rig.close()
})

/** Everything the screen may tell a terminal: styles, addresses, erasing to the end of a row, its modes. */
const ESC = "\u001b"
const SEQUENCES = new RegExp(
  String.raw`${ESC}\[(?:[\d;]*m|\d+;\d+H|K|2[23];2t|\?(?:1049|7|2004|2026|25|1000|1004|1006)[hl])|` +
    String.raw`\u0007(?=${ESC}\]777;)|${ESC}\](?:(?:2;|777;notify;|8;id=\d+-\d+;(?:https?|qpq)://)\P{Cc}*|8;;)${ESC}\\`,
  "gu",
)
const LINKS = new RegExp(String.raw`\]8;id[^${ESC}]*`, "g")

/** Pieces that do something to some terminal, when they reach it. */
const HOSTILE = [
  "\u001b", "\u001b[", "\u001b]", "\u001bP", "\u001b_", "\u001b^", "\u001bX", "\u009b", "\u009d", "\u0090", "\u009c", "\u0007",
  "\u0000", "\u0008", "\u000b", "\u000c", "\u000e", "\u000f", "\u007f", "\u0085", "\r", "\n", "\t", "\u202a", "\u202e", "\u202c",
  "\u2066", "\u2067", "\u2069", "\u061c", "\u200e", "\u200f", "\ud800", "\udfff", "\u2028", "\ufeff", "\u200d", "\ufe0f", "\u0301",
  "2J", "31m", "?1049l", "0;owned", "52;c;b3duZWQ=", "8;;https://worse.example", "6n", "c", "\\", ";", "m", "H", "👩‍👩‍👧", "語", "שלום", " ",
  "https://a.example/", "@alice", "/quit", "> ",
] // prettier-ignore

/** Left when everything the app itself tells a terminal is taken away. It sets marks of left to right, U+200E, itself. */
const unclean = (written: string): RegExpMatchArray | null =>
  written.replace(SEQUENCES, "").match(/[^\P{Cc}\r]|[\u061c\u200f\u202a-\u202e\u2066-\u2069]/gu)

describe("what others send", () => {
  it("lets nothing hostile through: not in a message, a name or the name of a group", async () => {
    const evil =
      "https://evil.example/\u001b]8;;https://worse.example\u0007\u001b]0;owned\u0007\u001b[2J\u009b31m\u0090x\u009c\u202eevil\u2066\r\u0000\u0008\u007f\u200f\u001b[?1049l"
    const core = new FakeCore({ name: "alice" })
    const group = core.group(`group${evil}`, ["alice", `mallory${evil}`])
    core.says(group, `mallory${evil}`, `text${evil}\n${evil}end`)
    core.change(group, `mallory${evil}`, { added: [`dave${evil}`] })
    core.invited(`trap${evil}`, `mallory${evil}`)
    start({ core, columns: 120, rows: 36 })
    await rig.shows("mallory", "trap", "end")
    // Only in the message, and each only as far as it is clean.
    const targets = (rig.written.match(LINKS) ?? []).map((link) => link.replace(/^\]8;id=1-\d;/, ""))
    expect(new Set(targets)).toEqual(new Set(["https://evil.example/", "https://worse.example"]))
    core.tell({ kind: "trouble", code: "E039", message: `trouble${evil}` })
    await rig.shows("trouble")
    for (const [key, title] of [
      ["ctrl+k", "Go to group"],
      ["alt+j", "Invitations"],
      ["f1", "Help"],
    ] as const) {
      rig.press(key)
      await rig.shows(title)
      rig.press("esc")
      await rig.hides(title)
    }
    rig.press("/members", "enter", "/log", "enter")
    await rig.shows("Log")
    expect(unclean(rig.written)).toBeNull()
    expect(rig.written).not.toContain("\u200e")
  })

  it("shows what was taken out of it, wherever it stands", async () => {
    const [evil, shown] = ["\u001b[7m", "\ufffd[7m"]
    const core = new FakeCore({ name: "alice" })
    const group = core.group(`ops${evil}`, ["alice", `bob${evil}`])
    const said = core.says(group, `bob${evil}`, `text${evil}`)
    core.reacts("carol", said.id, `ok${evil}`)
    core.says(group, `bob${evil}`, "", { name: `plan${evil}`, size: 5, mediaType: `a/b${evil}` })
    core.change(group, `bob${evil}`, { added: [`dave${evil}`] })
    core.invited(`trap${evil}`, `eve${evil}`)
    start({ core, columns: 120, rows: 36 })
    await rig.shows(`qpq  # ops${shown}`, `▸ # ops${shown}`, `+ trap${shown}`, `eve${shown}`, `  dave${shown}`)
    await rig.shows(/bob\ufffd\[7m +text\ufffd\[7m/, `ok${shown} 1`, `plan${shown}`, `bob${shown} added dave${shown}`)
    rig.press("ctrl+k")
    await rig.shows("Go to group", `▸ # ops${shown}`)
    rig.press("esc", "alt+j")
    await rig.shows("Invitations", `# trap${shown}`, `from eve${shown}`)
    rig.press("d")
    await rig.shows(`Decline # trap${shown}`, `the invitation of eve${shown}?`)
    rig.press("esc")
    await rig.hides("Decline # trap")
    rig.press("esc")
    await rig.hides("Invitations")
    core.tell({ kind: "trouble", code: "E039", message: `trouble${evil}` })
    await rig.shows(`trouble${shown}`)
    expect(unclean(rig.written)).toBeNull()
  })

  it(`is only ever text, in ${ROUNDS} random messages, names, titles and files`, async () => {
    const random = new SeededRandom(11)
    const any = (): string =>
      Array.from({ length: 1 + random.below(12) }, () => HOSTILE[random.below(HOSTILE.length)] ?? "").join("")
    const core = new FakeCore({ name: "alice" })
    start({ core, columns: 120, rows: 36, channel: "osc777" })
    await rig.shows("No groups yet.")
    for (let at = 0; at < ROUNDS; at++) {
      const sender = `m${any()}`
      const group = core.group(`g${any()}`, ["alice", sender])
      const row = core.says(group, sender, `said ${any()}`)
      core.tell({ kind: "timeline", row: { ...row, attachment: { name: any(), mediaType: any(), size: 5 } } })
      core.reacts(sender, row.id, any())
      core.change(group, sender, { added: [any()], removed: [any()] })
      core.invited(any(), any())
      core.tell({ kind: "trouble", code: "E039", message: any() })
      if (at % 10 === 0) rig.press("ctrl+k", "g", "enter")
      await turn()
    }
    rig.press("/log", "enter")
    await rig.shows("Log")
    expect(unclean(rig.written)).toBeNull()
    expect(rig.written).not.toContain("owned\u0007")
    expect(rig.written.split("said ").length).toBeGreaterThan(ROUNDS / 10)
  })

  it("is shown in full and by parts: a text of 60 KB, 10,000 reactions, a message of a newer version", async () => {
    const { core, ops } = busyHouse()
    start({ core, columns: 100, rows: 30 })
    await rig.shows("hi all")
    const long = core.says(ops, "bob", `begins ${"lorem 漢字 ".repeat(7000)} ends`)
    expect(long.text.length).toBeGreaterThan(60_000)
    await rig.shows(" ends")
    rig.press("alt+home")
    await rig.hides(" ends")
    rig.press("alt+end")
    const liked = core.says(ops, "carol", "like this")
    const reactions = Array.from({ length: REACTIONS }, (_, at) => ({
      emoji: at % 2 === 0 ? "👍" : `e${at}`,
      by: at % 2 === 0 ? Array.from({ length: 100 }, (_one, by) => `user${by}`) : [`user${at}`],
      own: false,
    }))
    core.tell({ kind: "timeline", row: { ...liked, reactions } })
    core.tell({ kind: "timeline", row: { ...core.says(ops, "dave", ""), kind: "unknown" } })
    await rig.shows("like this", "(needs a newer version of this program)")
    rig.press("still here")
    await rig.shows("> still here")
    const rows = rig.rows().filter((row) => row.includes("like this"))
    expect(rows).toHaveLength(1)
  })
})
