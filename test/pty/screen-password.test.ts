/** The password and the logins in the app, with a scripted core: what is wrong is said where it is, and nothing is read over a shoulder. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { RECOVERY_CODE } from "../fakes/fake-gate.ts"
import { ReaderRig } from "../fakes/reader-rig.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

let rig: ScreenRig | ReaderRig

afterEach(async () => {
  await rig.close()
})

async function opened(command: string): Promise<{ core: FakeCore; screen: ScreenRig }> {
  const { core } = busyHouse()
  const screen = new ScreenRig({ core, columns: 100, rows: 30 })
  rig = screen
  await screen.shows("hi all")
  screen.press(command, "enter")
  return { core, screen }
}

const asked = (core: FakeCore): readonly string[] =>
  core.calls.filter((call) => /^(changePassword|logoutEverywhere)/.test(call))

describe("changing the password", () => {
  it("says what is missing or different before anybody is asked", async () => {
    const { core, screen } = await opened("/password")
    await screen.shows("Change the password", "Present password:", "[Cancel: esc]", "[Go on: enter]")
    screen.press("enter")
    await screen.shows("The present password is needed.")
    screen.press("correct horse", "enter", "new words here", "enter", "new words", "enter")
    await screen.shows("The two new passwords differ.", "fair: several unrelated words", "[Change: enter]")
    expect(screen.text()).not.toMatch(/correct|words here/)
    expect(asked(core)).toEqual([])
  })

  it("shows how weak it is, and is refused by the core beside the field that is wrong", async () => {
    const { core, screen } = await opened("/password")
    await screen.shows("Present password:")
    screen.press("wrong", "down", "short")
    await screen.shows("weak: it is short")
    screen.press(" no more, it is long", "down", "short no more, it is long")
    await screen.shows("strong")
    screen.press("enter")
    await screen.shows("(E004)", "[Go on: enter]")
    expect(asked(core)).toEqual(["changePassword"])
  })

  it("is done, and the code that came with it is shown until it is closed", async () => {
    const { core, screen } = await opened("/password")
    await screen.shows("Present password:")
    core.nextRecoveryCode = RECOVERY_CODE
    screen.press("correct horse", "enter", "new words here", "enter", "new words here", "enter")
    await screen.shows("Your recovery code:", RECOVERY_CODE, "The password is changed.", "[Close: enter]")
    screen.press("enter")
    await screen.hides(RECOVERY_CODE)
    expect(asked(core)).toEqual(["changePassword"])
  })

  it("is asked for line by line where it is read out, and never read out itself", async () => {
    const { core } = busyHouse()
    const reader = new ReaderRig({ core })
    rig = reader
    await reader.opsAreOpen()
    reader.press("/password", "enter")
    await reader.shows("Change the password")
    reader.press("correct horse", "enter", "new words here", "enter", "new words here", "enter")
    await reader.shows("The password is changed.")
    expect(reader.written).not.toMatch(/correct|words/)
  })
})

describe("logging out everywhere else", () => {
  it("asks first, keeps this device, and says how many it were", async () => {
    const { core, screen } = await opened("/logout-everywhere")
    await screen.shows("End the logins of all your other devices now?", "[Log out: enter]")
    screen.press("esc")
    await screen.hides("[Log out: enter]")
    expect(asked(core)).toEqual([])
    screen.press("/logout-everywhere", "enter")
    await screen.shows("[Log out: enter]")
    core.failures.set("logoutEverywhere", "E053")
    screen.press("enter")
    await screen.shows("(E053)")
    screen.press("enter")
    await screen.shows("2 other logins were ended.")
    expect(asked(core)).toEqual(["logoutEverywhere but here", "logoutEverywhere but here"])
  })
})

describe("the first run", () => {
  const toAccount = async (screen: ScreenRig): Promise<void> => {
    await screen.shows("Where is your server?")
    screen.press("enter")
    await screen.shows("Register a new account")
    screen.press("enter")
    await screen.shows("Name:", "Again:")
  }

  it("makes no account and no profile with a weak password", async () => {
    const core = new FakeCore({ profile: "new" })
    core.refusesWeak = true
    const screen = new ScreenRig({ core })
    rig = screen
    await toAccount(screen)
    screen.press("frank", "tab", "short", "tab", "short", "enter")
    await screen.shows("weak: it is short", "(E096)")
    expect(core.calls).toEqual([])
    screen.press(" and then some", "tab", " and then some", "enter")
    await screen.shows("You are frank")
  })

  it("shows the recovery code that was asked for, once", async () => {
    const core = new FakeCore({ profile: "new" })
    const screen = new ScreenRig({ core, answers: { recovery: "code" } })
    rig = screen
    await toAccount(screen)
    screen.press("frank", "tab", "correct horse battery", "tab", "correct horse battery", "enter")
    await screen.shows("You are frank", "Your recovery code:", RECOVERY_CODE)
    screen.press("enter")
    await screen.shows("No groups yet.")
    screen.press("/status", "enter")
    await screen.hides(RECOVERY_CODE)
    await until("it registered so", () => core.calls.some((call) => call.endsWith(" code")))
  })
})

describe("deleting the account", () => {
  it("needs the password, says what goes, and does it once", async () => {
    const { core, screen } = await opened("/delete-account")
    await screen.shows("Delete your account", "Effect: your groups are left", "[Delete: enter]")
    screen.press("enter")
    await screen.shows("The present password is needed.")
    screen.press("wrong", "enter")
    await screen.shows("(E004)")
    expect(core.calls).not.toContain("deleteAccount")
    screen.press("ctrl+u", "correct horse", "enter")
    await screen.shows("Your account is deleted.")
    expect(core.calls).toContain("deleteAccount")
  })
})
