/** Comparing safety numbers on the screen, with a scripted core: every key stands there before it is pressed. */
import { afterEach, describe, expect, it } from "vitest"
import { safetyWords } from "../../core/crypto/safety-words.ts"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { numberOf } from "../fakes/fake-trust.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"

let rig: ScreenRig
let core: FakeCore

async function start(options: Partial<RigOptions> = {}): Promise<void> {
  core = busyHouse().core
  core.directWith("dave")
  rig = new ScreenRig({ core, columns: 120, rows: 36, ...options })
  await rig.shows("hi all")
}

afterEach(async () => {
  await rig.close()
})

const decisions = (): readonly string[] => core.calls.filter((call) => /^(confirm|deny|unchecked|send)/.test(call))
/** As the dialog has them: four in a row. */
const rowsOf = (number: string): readonly string[] => (number.match(/.{20}/g) ?? []).map((row) => spaced(row))
const spaced = (row: string): string => (row.match(/.{5}/g) ?? []).join("  ")

describe("comparing", () => {
  it("asks with whom when there are several, shows the number, and marks who matches", async () => {
    await start()
    await rig.shows("v 1/3 verified", /carol +\?/, /alt\+v +compare/)
    rig.press("alt+v")
    await rig.shows("Compare with whom?", "bob", "carol", "dave", "[Compare: enter]", "[Cancel: esc]")
    rig.press("down", "enter")
    await rig.shows("Compare with carol", "? Not compared yet.", ...rowsOf(numberOf("carol")))
    await rig.shows("[Later: esc]", "[Words: w]", "[Do not match: n]", "[Match: m]")
    rig.press("m")
    await rig.shows("v You compared with carol.", "v 2/3 verified", /carol +v/)
    await rig.hides("Compare with carol")
    expect(decisions()).toEqual(["confirm carol"])
  })

  it("is left for later by escape, and enter, a pasted letter and other letters decide nothing", async () => {
    await start()
    rig.press("/verify carol", "enter")
    await rig.shows("Compare with carol", "[Match: m]")
    rig.press("enter", "x", "\u001b[200~m\u001b[201~")
    await rig.shows("[Match: m]")
    rig.press("esc")
    await rig.hides("Compare with carol")
    expect(decisions()).toEqual([])
  })

  it("takes the marked member, or the only other one, without asking", async () => {
    await start()
    rig.press("shift+tab", "down", "down", "alt+v")
    await rig.shows("Compare with carol")
    rig.press("esc")
    await rig.hides("Compare with carol")
    rig.press("alt+2")
    await rig.shows(" qpq  # release-train", "1.4.0 is tagged")
    rig.press("alt+v")
    await rig.shows("Compare with bob", "v You compared this with bob.", "[Take back: u]")
    rig.press("u")
    await rig.shows("? Not compared yet.", "v 0/1")
    expect(decisions()).toEqual(["unchecked bob"])
  })

  it("says who does not exist, and then no key decides anything", async () => {
    await start()
    rig.press("/verify nobody", "enter")
    await rig.shows("Compare with nobody", "E015")
    rig.press("m", "n", "u", "w", "esc")
    await rig.hides("Compare with nobody")
    expect(decisions()).toEqual([])
  })

  it("shows the same number as words and as a QR code, and as digits again", async () => {
    await start()
    rig.press("/verify carol", "enter")
    await rig.shows("[Words: w]")
    rig.press("w")
    const words = safetyWords(numberOf("carol"))
    await rig.shows("[QR code: w]", words.slice(0, 4).join(" "), words.at(-1) ?? "")
    rig.press("w")
    await rig.shows("[Digits: w]", /█[▀▄█]{6,}/)
    expect(rig.rows().filter((row) => /[█▀▄]/.test(row)).length).toBeGreaterThanOrEqual(17)
    rig.press("w")
    await rig.shows("[Words: w]", ...rowsOf(numberOf("carol")))
    await rig.hides("█")
  })

  it("says why there is no QR code: too small a terminal, or only ASCII", async () => {
    await start({ columns: 80, rows: 16 })
    rig.press("/verify carol", "enter")
    await rig.shows("[Words: w]")
    rig.press("w", "w")
    await rig.shows(/No QR code: it needs a terminal of \d+x\d+, and this one has 80x16\./)
    rig.resize(80, 24)
    await rig.shows(/█[▀▄█]{6,}/)
    await rig.close()
    await start({ ascii: true })
    rig.press("/verify carol", "enter")
    await rig.shows("[Words: w]")
    rig.press("w", "w")
    await rig.shows("No QR code: it needs block characters")
  })
})

describe("a number that does not match", () => {
  it("stops what is written to the other alone, gives the text back, and lets the person go on", async () => {
    await start()
    rig.press("/verify dave", "enter")
    await rig.shows("[Do not match: n]")
    rig.press("n")
    await rig.shows("! Nothing is sent to dave alone", "alt+v", /@ dave +! no match/, /verified !/)
    rig.press("/go", "enter", "dave", "enter")
    await rig.shows(" qpq  @ dave")
    rig.press("psst", "enter")
    await rig.shows("Compare with dave", "! You said that this does not match", "[Go on: u]", "[Match: m]")
    await rig.hides("[Do not match")
    expect(decisions()).toEqual(["deny dave"])
    rig.press("u")
    await rig.shows("? Not compared yet.")
    rig.press("esc")
    await rig.hides("Compare with dave")
    await rig.shows("> psst", /@ dave +\?/)
    rig.press("enter")
    await rig.shows("✓")
    expect(decisions()).toEqual(["deny dave", "unchecked dave", "send dave psst"])
  })
})

describe("a key that changed", () => {
  it("stands in the way of who was compared, and is compared, or taken unchecked", async () => {
    await start()
    core.verify("dave")
    core.changesKey("dave")
    await rig.shows(
      "dave's account key has changed",
      "nothing is sent to dave alone",
      "[Compare: enter]",
      "[Later: esc]",
    )
    rig.press("esc")
    await rig.hides("[Compare: enter]")
    await rig.shows(/@ dave +! key chgd/)
    rig.press("/go", "enter", "dave", "enter")
    await rig.shows(" qpq  @ dave")
    rig.press("psst", "enter")
    await rig.shows("dave's account key has changed", "[Compare: enter]", "> psst")
    rig.press("enter")
    await rig.shows("Compare with dave", "! dave's account key has changed.", ...rowsOf(numberOf("dave", true)))
    await rig.shows("[Unchecked: u]", "[Do not match: n]", "[Match: m]")
    rig.press("u")
    await rig.shows("? Not compared yet.", ...rowsOf(numberOf("dave", true)))
    expect(decisions()).toEqual(["unchecked dave"])
  })

  it("of who was not compared is no dialog, only a mark", async () => {
    await start()
    core.changesKey("dave")
    await rig.shows(/@ dave +! key chgd/, /dave +!/)
    await rig.hides("account key has changed")
    rig.press("/go", "enter", "dave", "enter")
    await rig.shows(" qpq  @ dave")
    rig.press("still here?", "enter")
    await rig.shows("✓")
    expect(decisions()).toEqual(["send dave still here?"])
  })
})

it("compares with the inviter before an invitation is accepted", async () => {
  await start()
  core.invited("trap", "bob")
  core.verify("bob")
  await rig.shows("INVITES (1)")
  rig.press("alt+j")
  await rig.shows("# trap", "[Compare: v]", "[Decline: d]", "[Accept: enter]")
  rig.press("v")
  await rig.shows("Compare with bob", ...rowsOf(numberOf("bob")))
})

it("compares with a member from the list, where there is no pane", async () => {
  await start({ columns: 80, rows: 24 })
  rig.press("f4")
  await rig.shows("Members", "v verified", "? not compared", "[Compare: enter]")
  rig.press("down", "down", "enter")
  await rig.shows("Compare with carol", "[Match: m]")
})

it("shows six words that a group is compared by", async () => {
  await start()
  rig.press("/words", "enter")
  const { words } = await core.epochWords((await core.groups())[0]?.groupId ?? "")
  await rig.shows("Words of ops-oncall", words.join("  "), "epoch 12", "[Close: esc]")
  rig.press("enter")
  await rig.hides("Words of")
})
