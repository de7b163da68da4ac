/** A file that a real server refuses, before the built app: said, tried again in vain, discarded. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, test } from "vitest"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { AppTerminal } from "../fakes/app-terminal.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

const folder = dataFolder()
afterAll(() => {
  folder.remove()
})

test("says that it failed and that it has to be sent anew, and lets it be discarded", async () => {
  const [passwordFile, file] = [join(folder.path, "password"), join(folder.path, "plan.bin")]
  writeFileSync(passwordFile, "a password of alice\n")
  writeFileSync(file, new Uint8Array(1_500_000))
  const limits = ["--listen", "127.0.0.1:0", "--health", "127.0.0.1:0", "--file-size-max", "1"]
  await using server = await ServerProcess.start(join(folder.path, "server"), ...limits)
  const flags = ["--password-file", passwordFile, "--server", formatServerAddress(server.address), "--user", "alice"]
  await using app = new AppTerminal({ home: join(folder.path, "alice"), flags })
  await app.press("enter", "[Start: enter]")
  await app.press("c", "c  create a group")
  await app.shows("Create a group")
  app.type("ops")
  await app.press("enter", "[Create: enter]")
  await app.shows("Only you here.")
  app.type(`/send-file ${file}`)
  await app.press("enter", "enter send")
  await app.shows("plan.bin", "✕ failed")
  app.type("\u001b[A")
  await app.press("enter", "enter send again")
  await app.shows("file is gone and has to be sent anew: plan.bin")
  await app.press("d", "✕ failed")
  await app.press("enter", "[Discard: enter]")
  await app.shows("(deleted)")
  await app.hides("✕")
  await app.hides("[Discard")
}, 60_000)
