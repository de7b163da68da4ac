/** Plain lines for a screen reader: lists and dialogs, by what is printed alone. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { BusyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { ReaderRig } from "../fakes/reader-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"

let rig: ReaderRig

const start = (options: RigOptions): ReaderRig => (rig = new ReaderRig(options))

afterEach(async () => {
  await rig.close()
})

async function inOps(more: Partial<RigOptions> = {}): Promise<BusyHouse> {
  const house = busyHouse()
  start({ core: house.core, ...more })
  await rig.opsAreOpen()
  return house
}

describe("lists and dialogs", () => {
  it("switch groups by number, by words, and by the arrow keys", async () => {
    const { train } = await inOps()
    rig.press("/go", "enter")
    await rig.shows(/^\d\. # release-train, /m, /^\d\. # design, /m, "Number? Words narrow the list.")
    rig.press("enter")
    await rig.shows("Which one? Type its number, or go to it with the arrow keys.")
    rig.press("train", "enter")
    await rig.shows(/^1\. # release-train, /m)
    rig.press("enter")
    await rig.shows("# release-train: 2 members, 1 of 1 verified", /: release notes are in the wiki$/m)
    expect(train).not.toBe("")
    rig.press("/go", "enter", "down", "down")
    await rig.shows(/^1 of 3: # /m, /^2 of 3: # /m)
    rig.press("esc")
    await rig.shows("Closed: Go to group")
  })

  it("read long lists in parts", async () => {
    await inOps()
    rig.press("f1")
    await rig.shows("20 of ", "enter reads on.")
    expect(rig.lines.some((line) => line.startsWith("21. "))).toBe(false)
    rig.press("enter")
    await rig.shows(/^21\. /m, "40 of ")
    rig.press("reconnect no such", "enter")
    await rig.shows("Nothing matches.")
    rig.press("esc")
  })

  it("list the groups and the members where the screen has panes", async () => {
    await inOps()
    rig.press("/members", "enter")
    await rig.shows("Members", /^\d\. bob, v verified/m, /^\d\. carol, \? not compared/m)
    rig.press("esc", "f3")
    await rig.shows("Go to group")
    rig.press("esc")
  })

  it("invite with the number, remove by the name, and say what follows from it", async () => {
    const { core } = await inOps()
    rig.press("alt+i")
    await rig.shows("Invite to # ops-oncall", "User?")
    rig.press("nobody", "enter")
    await rig.shows(/E015/)
    rig.press("ctrl+u", "erin", "enter")
    await rig.shows(
      "Safety check",
      "first contact",
      "Effect: 5 members, epoch 12 to 13, PQ. erin cannot read older messages.",
    )
    await rig.shows("chosen: Invite without checking, marked ?, down")
    rig.press("up")
    await rig.shows("chosen: I compared this with erin over another channel, marked v, up")
    rig.press("down", "enter")
    await rig.shows("erin was invited.", "alice added erin, epoch 13")
    rig.press("/remove erin", "enter")
    await rig.shows(
      "Remove from # ops-oncall",
      'Type "erin" to remove them.',
      "Member?",
      "erin keeps what they already have",
    )
    rig.press("bob", "enter")
    await rig.shows('That is not "erin".')
    rig.press("ctrl+u", "erin", "enter")
    await rig.shows("erin was removed.", "alice removed erin, epoch 14")
    expect(core.calls.filter((call) => /^(invite|remove)/.test(call))).toEqual([
      "invite ops-oncall erin",
      "remove ops-oncall erin",
    ])
  })

  it("compare safety numbers, and say what stands in the way when a key has changed", async () => {
    const { core } = await inOps()
    rig.press("/verify carol", "enter")
    await rig.shows(
      "Compare with carol",
      "? Not compared yet.",
      /^\d{5}, \d{5}, \d{5}, \d{5}$/m,
      "m: Match, n: Do not match",
    )
    rig.press("w")
    await rig.shows("both have the same words")
    rig.press("m")
    await rig.shows("v You compared with carol.")
    core.changesKey("carol")
    await rig.shows("carol's account key has changed", "Either carol has a new account", "enter: Compare, esc: Later")
    rig.press("esc")
    await rig.writes("")
  })

  it("tell of an invitation, accept it by its number, and decline another with its key", async () => {
    const { core } = await inOps()
    core.invited("book-club", "erin")
    core.invited("infra", "mallory")
    await rig.shows("erin invites you to # book-club. /invites shows it.", "mallory invites you to # infra.")
    rig.press("/invites", "enter")
    await rig.shows(/^\d\. # book-club, from erin/m, "d: Decline", "v: Compare")
    const number = /^(\d)\. # infra/m.exec(rig.text())?.[1] ?? ""
    rig.press(number, "backspace", ...(number === "2" ? ["down", "down"] : ["down"]), "d")
    await rig.shows("Decline # infra", "Decline the invitation of mallory?")
    rig.press("enter")
    await rig.shows("The invitation was declined.")
    rig.press("/invites", "enter")
    await rig.shows(/^(The list is shorter now:|Invitations)\n1\. # book-club.*\n(?!2\.)/m)
    rig.press("enter")
    await rig.shows("# book-club: 2 members")
  })

  it("have errors as sentences with what comes next", async () => {
    const { core } = await inOps()
    core.failures.set("send", "E053")
    rig.press("never mind", "enter")
    await rig.shows(/\(E053\)\. \S+/)
    await rig.writes("never mind")
    core.tell({ kind: "trouble", code: "E062", message: "" })
    await rig.shows("Please read (E062)", "enter: I have read this")
    rig.press("enter")
  })

  it("say once that keys of the screen mean nothing here", async () => {
    await inOps()
    rig.press("/plain", "enter")
    await rig.shows("/plain is not possible here.")
    rig.press("ctrl+u", "/mouse", "enter")
    await rig.shows("/mouse is not possible here.")
    rig.press("ctrl+u", "/status", "enter")
    await rig.shows("Status", "Fingerprint", "esc: Close")
    rig.press("esc")
    await rig.shows("Closed: Status")
    rig.press("/where", "enter")
    await rig.shows("Connected.")
    rig.press("/keys", "enter", "f3")
    await rig.shows(/F3, 1b 4f 52/)
    rig.press("esc")
  })

  it("read out devices and the code for a new one, and revoke and name them", async () => {
    const { core } = await inOps()
    rig.press("/devices", "enter")
    await rig.shows(
      "Your devices",
      "a1a1a1a1a1a1a1a1, active, listed Fri 20 Nov 2026, this device",
      "/pair adds one, /revoke and its id takes one out, /name-device id name.",
      "esc: Close",
    )
    rig.press("esc")
    await rig.shows("Closed: Your devices")
    rig.press("/pair", "enter")
    await rig.shows(
      "Add a device",
      /^0123-4567-89AB-CDEF-GHJK-MNPQ-RS0$/m,
      "Waiting for it",
      "or qpq login alice --pair.",
      "It is good once.",
      "Added: laptop, d2d2d2d2d2d2d2d2.",
    )
    rig.press("esc")
    await rig.shows("Closed: Add a device")
    rig.press("/revoke", "enter")
    await rig.shows("Which? /revoke and the beginning of its id: see /devices.")
    rig.press("ctrl+u", "/revoke d2", "enter")
    await rig.shows("Revoke laptop", "Take it out of your account, for ever?", "only a new account cures that.")
    await rig.shows("enter: Revoke, esc: Cancel")
    core.failures.set("revokeDevice", "E053")
    rig.press("enter")
    await rig.shows(/\(E053\)/)
    rig.press("enter")
    await rig.shows("Revoked: laptop.")
    rig.press("/name-device a1 desk", "enter")
    await rig.shows("Your devices call it desk now.")
    core.failures.set("devices", "E053")
    rig.press("/devices bob", "enter")
    await rig.shows("Devices of bob", /\(E053\)[\s\S]*Devices of bob[\s\S]*\(E053\)/)
    rig.press("esc")
  })

  it("read out the recovery code, and ask for it and for a pairing code in the first steps", async () => {
    const core = new FakeCore({ profile: "new" })
    start({ core, answers: { recovery: "code" } })
    await rig.shows("Where is your server?")
    rig.press("1", "enter")
    await rig.shows("3. Add this computer to my account, by a code of another device")
    rig.press("3", "enter")
    await rig.shows("Nobody can reset it: lose it, and add this computer anew.", "Name?")
    rig.press("frank", "enter")
    await rig.writes("")
    await rig.shows("Code?")
    rig.press("esc")
    await rig.shows(/2\. Log in to an account I have, by its password[\s\S]*2\. Log in/)
    core.failures.set("login", "E097")
    rig.press("2", "enter", "enter", "four words", "enter")
    await rig.shows("(E097)", "Code?")
    rig.press("esc")
    await rig.shows(/1\. Register a new account[\s\S]*1\. Register[\s\S]*1\. Register/)
    rig.press("1", "enter", "enter")
    await rig.shows(
      "You are frank.",
      "Your recovery code:",
      /^0004-1061-050R-3GG2-8A1C-60T3-GF6$/m,
      "It is shown only now",
    )
  })

  it("ask before leaving what waits", async () => {
    const { core } = await inOps()
    core.delivers = false
    rig.press("waits", "enter")
    await rig.shows(/: waits$/m)
    rig.press("/quit", "enter")
    await rig.shows("1 message waits; it is stored and sent next start.", "Quit now?", "enter: Quit, esc: Stay")
    rig.press("enter")
    await rig.screen.left
  })
})
