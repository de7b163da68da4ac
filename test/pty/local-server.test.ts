/** The built app with the server it starts on this computer: from the first start to the end of that server. */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"
import { AppTerminal } from "../fakes/app-terminal.ts"
import { dataFolder } from "../fakes/server-process.ts"

const folder = dataFolder()
const env = { QPQ_LOCAL_SERVER_DIR: join(folder.path, "server"), QPQ_PASSWORD: "a password" }
const flags = ["--local", "--user", "alice"]

const stopLocal = () =>
  spawnSync(process.execPath, [join(packageRoot(), "dist/tui/screen/main.js"), "--stop-local"], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  })

afterAll(() => {
  stopLocal()
  folder.remove()
})

test("the app starts it, stops it by a command, and the next app brings it back at the same address", async () => {
  const home = join(folder.path, "alice")
  await using app = new AppTerminal({ home, flags, env })
  await app.shows("You are alice")
  await app.press("enter", "[Start: enter]")
  await app.shows("No groups yet.", "● online")
  app.type("\u0010stop the server")
  await app.press("enter", "[Run: enter]")
  await app.shows("Stop it now?")
  await app.press("enter", "[Stop: enter]")
  await app.shows("The server on this computer was stopped.", "reconnecting")
  expect(stopLocal()).toMatchObject({ status: 0, stdout: "No server runs on this computer.\n" })

  await using next = new AppTerminal({ home: join(folder.path, "bob"), flags: ["--local", "--user", "bob"], env })
  await next.shows("You are bob")
  await app.shows("● online")
  expect(stopLocal().stdout).toMatch(/^The server on this computer was stopped \(process \d+, 127\.0\.0\.1:\d+\)\.\n$/)
}, 60_000)
