/** The built app and an editor that is a small script: it has the terminal, and the app takes it again. */
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, expect, it } from "vitest"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { AppTerminal } from "../fakes/app-terminal.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

const folder = dataFolder()
afterAll(() => {
  folder.remove()
})

const EDITOR = `#!/bin/sh
stty -a | grep -o ' -*icanon' > "$REPORT"
stat -c %a "$1" >> "$REPORT"
echo "editing: $(cat "$1")$MALLOC_ARENA_MAX"
read -r line
printf '%s\\n' "$line" > "$1"
`
/** ctrl+c ends it, and the app is told of its end before it is told of ctrl+c. */
const LATE = `#!/bin/sh
(sleep 0.2; kill -INT $PPID) &
kill -INT $$
`
const LATE_MS = 500

it("ctrl+o takes the message to an editor and back; ctrl+c there ends the editor alone, and no file stays", async () => {
  const temporary = join(folder.path, "temporary")
  const inFolder = (name: string): string => join(folder.path, name)
  const [editor, REPORT, passwordFile] = [inFolder("editor"), inFolder("report"), inFolder("password")] as const
  mkdirSync(temporary)
  writeFileSync(editor, EDITOR)
  chmodSync(editor, 0o755)
  writeFileSync(passwordFile, "a password of alice\n")
  await using server = await ServerProcess.start(
    join(folder.path, "server"),
    ...["--listen", "127.0.0.1:0", "--health", "127.0.0.1:0"],
  )
  const flags = ["--server", formatServerAddress(server.address), "--user", "alice", "--password-file", passwordFile]
  await using app = new AppTerminal({
    home: join(folder.path, "alice"),
    flags,
    env: { TMPDIR: temporary, VISUAL: `${editor} `, REPORT },
  })
  await app.shows("You are alice")
  await app.press("enter", "[Start: enter]")
  await app.press("c", "c  create a group")
  await app.shows("Create a group")
  app.type("ops")
  await app.press("enter", "[Create: enter]")
  await app.shows("# ops", "enter send")

  app.type("begun")
  await app.press("ctrl+o", "> begun")
  await app.shows("editing: begun")
  expect(app.leftovers).toEqual([])
  expect(readFileSync(REPORT, "utf8")).toBe(" icanon\n600\n")
  app.type("\u0003")
  await app.shows("failed (SIGINT): the text is as it was", "> begun")
  expect(readdirSync(temporary)).toEqual([])

  writeFileSync(editor, LATE)
  app.type(", more")
  await app.shows("> begun, more")
  app.type("\u000f")
  await app.shows("failed (SIGINT): the text is as it was", "> begun, more")
  await delay(LATE_MS)
  app.type("!")
  await app.shows("> begun, more!")
  app.type("\u0017\u0017")
  await app.shows("> begun")
  writeFileSync(editor, EDITOR)

  app.type("\u000f")
  await app.shows("editing: begun")
  app.type("written outside\r")
  await app.shows("> written outside", "# ops")
  expect(app.leftovers).toContain("alternate screen")
  await app.press("enter", "enter send")
  await app.shows(/you +written outside/)

  app.type("\u000f")
  await app.shows(/^editing: $/m)
  app.signal("SIGTERM")
  await app.ended
  expect(readdirSync(temporary)).toEqual([])
}, 90_000)
