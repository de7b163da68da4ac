/** What somebody does on the first evening, with only what the screen says: no key is pressed that does not stand there. */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"
import { AppTerminal } from "../fakes/app-terminal.ts"
import { dataFolder } from "../fakes/server-process.ts"

const folder = dataFolder()
const env = { QPQ_LOCAL_SERVER_DIR: join(folder.path, "server") }
const newcomer = (name: string, flags: readonly string[] = []): AppTerminal =>
  new AppTerminal({ home: join(folder.path, name), env, flags })

const ann = newcomer("ann")
let ben: AppTerminal | undefined

const second = (): AppTerminal => {
  if (!ben) throw new Error("ben has not begun")
  return ben
}

afterAll(async () => {
  await ann[Symbol.asyncDispose]()
  await ben?.[Symbol.asyncDispose]()
  spawnSync(process.execPath, [join(packageRoot(), "dist/tui/screen/main.js"), "--stop-local"], {
    env: { ...process.env, ...env },
  })
  folder.remove()
})

async function registers(app: AppTerminal, name: string): Promise<void> {
  await app.shows("▸ Register a new account")
  await app.press("enter", "[Choose: enter]")
  await app.shows("Name:", "Nobody can reset it")
  app.type(name)
  await app.press("enter", "[Go on: enter]")
  app.type(`the password of ${name}`)
  await app.press("enter", "[Go on: enter]")
  app.type(`the password of ${name}`)
  await app.press("enter", "[Go on: enter]")
  await app.shows(`You are ${name}`)
  await app.press("enter", "[Start: enter]")
  await app.shows("No groups yet.", "● online")
}

async function says(app: AppTerminal, text: string): Promise<void> {
  app.type(text)
  await app.press("enter", "enter send")
  await app.shows(new RegExp(`you +${text}.*✓`))
}

/** The 60 digits on the screen. */
const digitsOn = (app: AppTerminal): string => (app.lines.join("\n").match(/\b\d{5}\b/g) ?? []).join(" ")

describe("somebody new", { concurrent: false }, () => {
  test("creates an account on a server that starts on this computer", async () => {
    await ann.shows("Where is your server?", "▸ Start one on this computer (recommended to try it)")
    await ann.press("enter", "[Choose: enter]")
    await registers(ann, "ann")
  }, 60_000)

  test("makes a group", async () => {
    await ann.press("c", "c  create a group")
    await ann.shows("Create a group")
    ann.type("evening")
    await ann.press("enter", "[Create: enter]")
    await ann.shows("# evening", "Only you here.")
  })

  test("is somebody else in a second terminal, by the command that the first one gave", async () => {
    expect(ann.bytes).toContain("npx qpq-tui --local --home ")
    ben = newcomer("ben", ["--local"])
    await registers(ben, "ben")
    expect(ben.bytes).not.toContain("Where is your server?")
  }, 60_000)

  test("invites the second account, which accepts", async () => {
    await ann.press("alt+i", "alt+i invites someone")
    await ann.shows("Invite to # evening")
    ann.type("ben")
    await ann.press("enter", "[Look up: enter]")
    await ann.shows("Safety check", "first contact")
    await ann.press("enter", "[Invite: enter]")
    await ann.shows("epoch 0 → 1: ann added ben", "2 members")
    await second().shows("INVITES (1)")
    await second().press("i", "i  see invites")
    await second().shows("from ann")
    await second().press("enter", "[Accept: enter]")
    await second().shows("# evening", "2 members")
  }, 60_000)

  test("talks", async () => {
    await says(ann, "the kettle is on the stove")
    await second().shows(/ann +the kettle is on the stove/)
    await says(second(), "coming down")
    await ann.shows(/ben +coming down/)
  })

  test("verifies the safety number: both see the same digits, and the mark changes", async () => {
    await ann.shows(/ben +new \?/, "v 0/1")
    await ann.press("alt+v", /alt\+v +compare/)
    await ann.shows("Compare with ben")
    await second().press("alt+v", /alt\+v +compare/)
    await second().shows("Compare with ann")
    for (const app of [ann, second()]) await app.shows("Read it to each other")
    expect(digitsOn(ann)).toBe(digitsOn(second()))
    await ann.press("m", "[Match: m]")
    await ann.shows("v 1/1", /ben +v/)
  })

  test("finds a word in history", async () => {
    await says(ann, "now something else")
    await ann.press("ctrl+f", "ctrl+f search")
    await ann.shows("Search")
    ann.type("stove")
    await ann.shows("the kettle is on the stove")
    await ann.press("enter", /enter/)
    await ann.shows(/you +the kettle is on the stove/)
    await ann.press("esc", "esc goes back")
    await ann.hides("esc goes back")
    await ann.shows("now something else")
  })

  test("removes a member, who sees it", async () => {
    await ann.press("alt+x", /alt\+x +remove/)
    await ann.shows("ben")
    ann.type("ben")
    await ann.press("enter", /enter\]/)
    await ann.shows("removed ben", "1 member")
    await second().shows("removed")
  })
})
