/**
 * The release before against this tree, both ways (QUALITY.md T19): its client at this server, this client at its server,
 * one group with both, and then its server's folder and its client's profile under this program.
 * Run: npm run previous -- [--ref COMMIT | --tarball FILE]
 */
import { randomBytes } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { packageRoot, packageVersion } from "../../core/domain/package-root.ts"
import { BuiltServer } from "./built-server.ts"
import { Pair } from "./previous-pair.ts"
import { programme } from "./programme.ts"
import { installed, packed, previousRef } from "./release.ts"
import type { Release } from "./release.ts"

const flags = { ref: "", tarball: "", seed: 0 }
const ALONE = ["--supervise", "no"]
const FILE_BYTES = 200_000

await programme({ name: "previous", flags, minutesMax: 30 }, async (run) => {
  const { ref, tarball } = run.flags
  run.say("the release before is packed")
  const before: Release =
    tarball === ""
      ? await packed(ref === "" ? await previousRef() : ref, join(run.folder, "release"))
      : await installed(resolve(tarball), join(run.folder, "release"))
  const now: Release = { root: packageRoot(), label: `${packageVersion()} of this tree` }
  run.say(`${before.label} and ${now.label}`)

  for (const [at, host] of [before, now].entries()) {
    const folder = join(run.folder, `data-${at}`)
    let server = new BuiltServer(folder, ALONE, 0, host.root)
    run.onEnd(() => server.kill())
    await server.start()
    const pair = new Pair({ folder: join(run.folder, `homes-${at}`), old: before, new: now, address: server.address })
    run.onEnd(() => pair.kill())
    const step = async (name: string, what: () => Promise<unknown>): Promise<void> => {
      const told = await what().then(
        () => "ok",
        (thrown: unknown) => `FAILED ${String(thrown)}`,
      )
      const [line = ""] = told.split("\n")
      run.figure(`server ${host.label}: ${name}`, line)
      run.say(`server ${host.label}: ${name}: ${line}`)
      if (told !== "ok") run.miss(`server ${host.label}: ${name}: ${told}`)
    }
    const restart = async (root: string): Promise<void> => {
      await server.stop()
      server = new BuiltServer(folder, ALONE, server.port, root)
      await server.start()
    }
    await step("accounts, a group of each, invitations", () => pair.begin())
    await step("texts both ways", () => pair.talk("first"))
    await step("a 1:1 conversation", () => pair.direct())
    await step("files both ways", () => pair.files(sampleFile(run.folder), (path) => readFileSync(path)))
    await step("fresh keys of each, and texts", () => pair.update())
    await step("a device more and one revoked", () => pair.device())
    await step("the server starts again", async () => {
      await restart(host.root)
      await pair.talk("second")
    })
    if (host === before)
      await step("this server on its folder", async () => {
        await restart(now.root)
        await pair.talk("third")
      })
    await step("this program on the old profile", async () => {
      await pair.upgrade()
      await pair.talk("fourth")
    })
    await step("nothing lost, nothing doubled, one epoch", () => pair.judged())
    await pair.downgraded().then((told) => run.figure(`server ${host.label}: the old program on the new profile`, told))
  }
})

function sampleFile(folder: string): string {
  const path = join(folder, "sample.bin")
  writeFileSync(path, randomBytes(FILE_BYTES))
  return path
}
