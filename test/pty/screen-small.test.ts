/** Codes, devices and what they mean can be read in full however small the terminal is, page by page. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { RECOVERY_CODE, fingerprintOf } from "../fakes/fake-gate.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

interface Reading {
  readonly name: string
  readonly open: (more: Partial<RigOptions>) => Promise<ScreenRig>
  /** Letters and digits of it stand on the pages, in this order. */
  readonly whole: readonly string[]
  /** What comes before all else. */
  readonly begins?: string
}

/** Anything below 30x6 is too small. */
const SIZES = [
  { columns: 30, rows: 6 },
  { columns: 40, rows: 10 },
  { columns: 60, rows: 15 },
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
]
const rigs: ScreenRig[] = []

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close()
})

const PAIRING_CODE = "0123-4567-89AB-CDEF-GHJK-MNPQ-RS0"
const DEVICES = Array.from({ length: 12 }, (_, at) => `${at + 10}f`.repeat(8).slice(0, 16))

async function inHouse(
  more: Partial<RigOptions>,
  keys: readonly string[],
  shows: string,
  prepare: (core: FakeCore) => void = () => undefined,
): Promise<ScreenRig> {
  const { core } = busyHouse()
  prepare(core)
  const rig = new ScreenRig({ core, columns: 120, rows: 40, ...more })
  rigs.push(rig)
  await rig.shows("hi all")
  rig.press(...keys)
  await rig.shows(shows)
  return rig
}

/** An account of twelve devices with long names. */
function manyDevices(core: FakeCore): void {
  const facts = { user: "alice", status: "active", current: false, listedAt: Date.UTC(2026, 10, 20) } as const
  for (const [at, id] of DEVICES.entries())
    core.ownDevices.set(String(at), { ...facts, id: id.padEnd(64, "0"), name: `a computer called ${at + 10}` })
}

async function inFirstRun(more: Partial<RigOptions>): Promise<ScreenRig> {
  const answers = { recovery: "code", ...more.answers } as const
  const rig = new ScreenRig({ core: new FakeCore({ profile: "new" }), columns: 120, rows: 40, ...more, answers })
  rigs.push(rig)
  await rig.shows("Where is your server?")
  rig.press("enter")
  await rig.shows("Register a new account")
  return rig
}

const READINGS: readonly Reading[] = [
  {
    name: "a list of devices",
    open: (more) => inHouse(more, ["/devices", "enter"], "computer called 10", manyDevices),
    whole: [...DEVICES.flatMap((id, at) => [id, `a computer called ${at + 10}`, "active"]), "/name-device id name."],
  },
  {
    name: "why there is none",
    open: (more) => inHouse(more, ["/devices", "enter"], "(E053)", (core) => core.failures.set("devices", "E053")),
    whole: ["(E053)"],
  },
  {
    name: "the code for a new device",
    open: (more) => inHouse(more, ["/pair", "enter"], "Added: laptop"),
    whole: [PAIRING_CODE, "Added: laptop", "On the new computer", "or qpq login alice --pair.", "It is good once."],
  },
  {
    name: "what revoking a device does",
    open: async (more) => {
      const rig = await inHouse(more, ["/pair", "enter"], "Added: laptop")
      rig.press("esc")
      await rig.hides("Added: laptop")
      rig.press("/revoke d2", "enter")
      await rig.shows("Revoke laptop")
      return rig
    },
    whole: ["Take it out of your account, for ever?", "only a new account cures that."],
  },
  {
    name: "the recovery code after a change of the password",
    open: async (more) => {
      const prepare = (core: FakeCore): string => (core.nextRecoveryCode = RECOVERY_CODE)
      const rig = await inHouse(more, ["/password", "enter"], "Present password", prepare)
      rig.press("correct horse", "enter", "new words here", "enter", "new words here", "enter")
      await rig.shows("Your recovery code:")
      return rig
    },
    whole: [RECOVERY_CODE, "with the password and this code.", "keep it apart from the password."],
  },
  {
    name: "the recovery code of the first run",
    open: async (more) => {
      const rig = await inFirstRun(more)
      rig.press("enter", "frank", "tab", "correct horse battery", "tab", "correct horse battery", "enter")
      await rig.shows("You are frank")
      return rig
    },
    whole: [RECOVERY_CODE, "keep it apart from the password.", "You are frank", fingerprintOf("frank"), "Let them"],
    begins: `Your recovery code:${RECOVERY_CODE}`,
  },
  {
    name: "what to give for another device's code",
    open: async (more) => {
      const rig = await inFirstRun(more)
      rig.press("down", "down", "enter")
      await rig.shows("Code:")
      return rig
    },
    whole: ["/home/alice/.local/share/qpq", "add this computer anew.", "Name:", "Code:", "Password:", "Again:"],
  },
]

/** Without frames and line breaks. */
const letters = (text: string): string => text.replaceAll(/[^\p{L}\p{N}:./?()]/gu, "")

/** What stands in the box over the screen. */
function panelText(rig: ScreenRig): string {
  const { active } = rig.terminal.buffer
  const at = (x: number, y: number): string => active.getLine(y)?.getCell(x)?.getChars() ?? ""
  const rows = rig.rows()
  const top = rows.findIndex((text) => /[┌+][─-] /u.test(text))
  const bottom = rows.findLastIndex((text) => /[─-][┘+]/u.test(text))
  const cells = Array.from({ length: rig.terminal.cols }, (_, x) => x)
  const left = cells.find((x) => /[┌+]/u.test(at(x, top))) ?? 0
  const right = cells.findLast((x) => /[┐+]/u.test(at(x, top))) ?? 0
  const inside = rows.map((_, y) => active.getLine(y)?.translateToString(true, left + 1, right) ?? "")
  return inside.slice(top + 1, bottom).join("\n")
}

/** All pages, one after another. */
async function pagesRead(rig: ScreenRig): Promise<string> {
  const count = (): number => Number(/ \d+\/(\d+) pagedown /u.exec(rig.text())?.[1] ?? 1)
  let text = panelText(rig)
  const last = count()
  for (let page = 2; page <= last; page += 1) {
    rig.press("pagedown")
    await rig.shows(` ${page}/${last} pagedown `)
    text += panelText(rig)
  }
  return text
}

describe.each(READINGS)("of $name", ({ open, whole, begins = "" }) => {
  it.each([{ ascii: false }, { ascii: true, colour: false }])("nothing is out of reach, %o", async (look) => {
    const rig = await open(look)
    for (const size of SIZES) {
      const before = rig.written.length
      rig.resize(size.columns, size.rows)
      await until("a frame of the new size", () => rig.written.length > before)
      await rig.shows(/[┘+]/u)
      const read = await pagesRead(rig)
      const text = letters(read)
      for (const part of whole) expect(text, `${size.columns}x${size.rows}`).toContain(letters(part))
      expect(text).toMatch(new RegExp(`^${letters(begins)}`, "u"))
      if (look.ascii) expect(read).toMatch(/^[\n\x20-\x7e]*$/u)
      rig.press(...Array.from({ length: 40 }, () => "pageup"))
      await rig.shows(/ 1\/\d+ pagedown |^(?!.* \d+\/\d+ pagedown )/su)
    }
    rig.resize(20, 5)
    await rig.shows("too small (20x5)")
  })
})
