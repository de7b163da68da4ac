/** From nothing to the first conversation, and back into it the next day. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { fingerprintOf } from "../fakes/fake-gate.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"

let rig: ScreenRig

const start = (options: RigOptions): ScreenRig => (rig = new ScreenRig(options))

afterEach(async () => {
  await rig.close()
})

describe("the first run", () => {
  it("has a frame on the screen before the core is there", async () => {
    let open: () => void = () => undefined
    const core = new FakeCore({ profile: "new" })
    core.gate = new Promise((resolve) => (open = resolve))
    start({ core })
    await rig.shows("qpq", "End-to-end-encrypted groups", "Starting")
    open()
    await rig.shows("Where is your server?")
  })

  it("goes from a server on this computer to the chat", async () => {
    const core = new FakeCore({ profile: "new" })
    start({ core })
    await rig.shows("Where is your server?", "▸ Start one on this computer (recommended to try it)", "[Choose: enter]")
    rig.press("enter")
    await rig.shows("▸ Register a new account", "[Back: esc]")
    rig.press("enter")
    await rig.shows("Name:", "Password:", "Again:", "Nobody can reset it", "/home/alice/.local/share/qpq")
    rig.press("frank", "tab", "correct horse battery", "tab", "correct horse", "enter")
    await rig.shows("The two passwords differ.", "strong")
    expect(rig.text()).not.toContain("correct")
    rig.press(" battery", "enter")
    await rig.shows("You are frank", fingerprintOf("frank"), "[Copy: y]", "[Start: enter]")
    rig.press("y")
    await rig.shows("[Copied: y]")
    const copied = Buffer.from(fingerprintOf("frank")).toString("base64")
    expect(rig.written).toContain(`\u001b]52;c;${copied}`)
    expect(core.calls[0]).toMatch(/^register frank qpq:\/\/127\.0\.0\.1:7000\?pin=/)
    rig.press("enter")
    await rig.shows("No groups yet.", "your name: frank", "npx qpq-tui --local --home ~/qpq-second")
  })

  it("adds this computer to an account by the code that another device shows", async () => {
    const core = new FakeCore({ profile: "new" })
    start({ core })
    await rig.shows("Where is your server?")
    rig.press("enter")
    await rig.shows("Add this computer to my account")
    rig.press("down", "down", "enter")
    await rig.shows("Name:", "Code:", "Password:", "Again:")
    rig.press("frank", "tab", "tab", "own words", "tab", "own words", "enter")
    await rig.shows("The other device shows a code: /pair there.")
    rig.press("up", "up", "0123-4567", "tab", "tab", "enter")
    await rig.shows("You are frank")
    expect(core.calls[0]).toBe("pairUp frank 0123-4567 test")
  })

  it("asks for the recovery code where the password alone does not open the account's key", async () => {
    const core = new FakeCore({ profile: "new" })
    start({ core })
    await rig.shows("Where is your server?")
    rig.press("enter")
    await rig.shows("Log in to an account I have")
    rig.press("down", "enter")
    await rig.shows("Name:", "Password:")
    core.failures.set("login", "E097")
    rig.press("frank", "tab", "four words", "enter")
    await rig.shows("(E097)", "Code:")
    rig.press("89AB-CDEF", "enter")
    await rig.shows("You are frank")
    expect(core.calls).toEqual(["login frank", "login frank with 89AB-CDEF"])
  })

  it("keeps what is typed before there is a conversation, and sends nothing of it by itself", async () => {
    let open: () => void = () => undefined
    const { core } = busyHouse()
    core.gate = new Promise((resolve) => (open = resolve))
    start({ core })
    await rig.shows("Starting")
    rig.press("typed eearly", "backspace", "backspace", "backspace", "backspace", "backspace", "arly", "enter")
    open()
    await rig.shows("hi all", "> typed early")
    expect(core.calls.filter((call) => call.startsWith("send"))).toEqual([])
    rig.press(" and late", "enter")
    await rig.shows(/you +typed early and late/)
  })

  it("gives what is typed early to the first question", async () => {
    let open: () => void = () => undefined
    const core = new FakeCore({ profile: "locked" })
    core.gate = new Promise((resolve) => (open = resolve))
    start({ core })
    await rig.shows("Starting")
    rig.press("four")
    open()
    await rig.shows("Your password", "••••")
  })

  it("takes commands where there is no group to write to, and nothing else", async () => {
    start({ core: new FakeCore({ name: "frank" }) })
    await rig.shows("No groups yet.")
    rig.press("hello", "/stat")
    await rig.shows("> /stat")
    expect(rig.text()).not.toContain("hello")
    rig.press("us", "enter")
    await rig.shows("Status", "Account      frank")
    rig.press("esc")
    await rig.hides("Fingerprint")
    rig.press("/address", "enter")
    await rig.shows("Copied", "qpq://")
    // Keys work again as before.
    rig.press("c")
    await rig.shows("Create a group")
  })

  it("trusts a server without a pin by the CA that was given, and asks nobody to compare", async () => {
    const core = new FakeCore({ profile: "new" })
    const answers = { server: "qpq://chat.example", user: "frank", password: "correct horse battery", ca: "PEM" }
    start({ core, answers })
    await rig.shows("You are frank", "[Start: enter]")
    expect(core.calls).toEqual(["register frank qpq://chat.example ca PEM"])
    rig.press("enter")
    await rig.shows("No groups yet.")
  })

  it("keeps painting while keys are made", async () => {
    let open: () => void = () => undefined
    const core = new FakeCore({ profile: "new" })
    start({ core })
    await rig.shows("Where is your server?")
    rig.press("enter")
    await rig.shows("Register a new account")
    rig.press("enter")
    await rig.shows("Name:")
    core.gate = new Promise((resolve) => (open = resolve))
    rig.press("frank", "enter", "pw", "enter", "pw", "enter")
    await rig.shows("Making your keys and registering…")
    rig.resize(100, 30)
    await rig.shows("Making your keys and registering…")
    open()
    await rig.shows("You are frank")
  })

  it("shows who answers at an address without a pin, and goes on only when that is confirmed", async () => {
    const core = new FakeCore({ profile: "new" })
    start({ core })
    await rig.shows("Where is your server?")
    rig.press("down", "enter")
    await rig.shows("Address:", "[Go on: enter]")
    rig.press("nonsense", "enter")
    await rig.shows("That is no server's address")
    for (let at = 0; at < 8; at += 1) rig.press("backspace")
    rig.press("qpq://chat.example:7001", "enter")
    await rig.shows("Is this your server?", "chat.example:7001", "1111 2222 3333 4444 5555 6666 7777 8888")
    rig.press("down", "enter")
    await rig.shows("Address: qpq://chat.example:7001")
    rig.press("enter")
    await rig.shows("Is this your server?")
    rig.press("enter")
    await rig.shows("Register a new account")
    rig.press("down", "enter")
    await rig.shows("Password:")
    await rig.hides("Again:")
    rig.press("frank", "enter", "pw", "enter")
    await rig.shows("You are frank")
    expect(core.calls).toContain("login frank")
  })

  it("asks who answers at an address with a pin, before a name and a password are made for it", async () => {
    const core = new FakeCore({ profile: "new" })
    start({ core })
    await rig.shows("Where is your server?")
    rig.press("down", "enter")
    await rig.shows("Address:")
    core.failures.set("inspect", "E053")
    rig.press(`qpq://chat.example?pin=sha256:${"A".repeat(43)}`, "enter")
    await rig.shows("Server unreachable", "[Go on: enter]")
    rig.press("enter")
    await rig.shows("Register a new account")
    rig.press("esc")
    await rig.shows("The server's address", "?pin=sha256:AAAA")
    rig.press("ctrl+u", `qpq://chat.example?pin=sha256:${"B".repeat(43)}`, "enter")
    await rig.shows("E056", "ask the operator")
    await rig.hides("Register a new account")
  })

  it("goes back step by step with escape", async () => {
    start({ core: new FakeCore({ profile: "new" }) })
    await rig.shows("Where is your server?")
    rig.press("enter")
    await rig.shows("Your account")
    rig.press("enter")
    await rig.shows("Your name and password")
    rig.press("esc")
    await rig.shows("Your account")
    rig.press("esc")
    await rig.shows("Where is your server?")
  })

  it("says what is wrong beside the question, and the answers stay", async () => {
    const core = new FakeCore({ profile: "new" })
    start({ core, startLocalServer: () => Promise.reject(new Error("no")) })
    await rig.shows("Where is your server?")
    rig.press("enter")
    await rig.shows("Internal fault", "E099")
    rig.press("down", "enter")
    await rig.shows("Address:")
    rig.press(`qpq://chat.example?pin=sha256:${"A".repeat(43)}`, "enter")
    await rig.shows("Register a new account")
    rig.press("enter")
    await rig.shows("Name:")
    core.failures.set("register", "E008")
    rig.press("frank", "enter", "pw", "enter", "pw", "enter")
    await rig.shows("Registration refused", "Choose another user name", "E008")
    rig.press("2", "enter")
    await rig.shows("You are frank2")
  })

  it("asks for the password of a locked profile, until it is the right one", async () => {
    const core = new FakeCore({ profile: "locked", passphrase: "open sesame" })
    core.group("ops", ["alice", "bob"])
    start({ core })
    await rig.shows("Your password", "Password:", "[Open: enter]")
    rig.press("wrong", "enter")
    await rig.shows("That is not the password of this profile.")
    rig.press("open sesame", "enter")
    await rig.shows("▸ # ops")
    expect(rig.written).not.toContain("sesame")
  })

  it("asks nothing when flags say it all", async () => {
    const core = new FakeCore({ profile: "new" })
    start({ core, answers: { local: true, user: "frank", password: "pw" } })
    await rig.shows("You are frank")
    await rig.close()
    const locked = new FakeCore({ profile: "locked", passphrase: "pw" })
    locked.group("ops", ["alice"])
    start({ core: locked, answers: { password: "pw" } })
    await rig.shows("▸ # ops")
  })
})
