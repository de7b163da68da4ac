/** What the app is measured in: a real server, somebody who talks from a process of his own, and the app on its profile. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { formatServerAddress } from "../../../core/domain/server-address.ts"
import { packageRoot } from "../../../core/domain/package-root.ts"
import { ServerProcess } from "../../fakes/server-process.ts"
import { AppPerson } from "../../rough/app-person.ts"
import { builtDriver, Driven } from "../../rough/driven.ts"
import { Ledger } from "../../rough/ledger.ts"
import type { ProfilePlace } from "../../rough/profile-record.ts"
import { Probe } from "./probe.ts"

export const GROUP = "bench"
export const SIZE = { columns: 120, rows: 36 }
export const APP = join(packageRoot(), "dist/tui/screen/main.js")

export interface BenchHouse extends AsyncDisposable {
  readonly alice: ProfilePlace
  readonly bob: Driven
  /** Hex. */
  readonly groupId: string
  readonly app: (size?: { readonly columns: number; readonly rows: number }) => Probe
}

export async function benchHouse(folder: string): Promise<BenchHouse> {
  const server = await ServerProcess.start(join(folder, "server"), "--rate-limit", "off")
  const address = formatServerAddress(server.address)
  const driver = await builtDriver()
  const home = (name: string): string => {
    mkdirSync(join(folder, name), { recursive: true })
    return join(folder, name)
  }
  const bob = new Driven({
    ...{ home: home("bob"), name: "bob", password: "bench", server: address, driver: driver.path },
    ...{ ledger: new Ledger(), liveness: { keepAliveMs: 5000, idleMs: 15_000 } },
  })
  await bob.start()
  const alice = { name: "alice", home: home("alice"), password: "bench" }
  const { groupId } = await bob.call("createGroup", GROUP, "hybrid")
  {
    await using person = new AppPerson({ place: alice, server: address, ...SIZE })
    await person.arrive()
    await bob.call("invite", groupId, [alice.name])
    await person.app.shows("INVITES (1)")
    await person.accept(GROUP)
    await person.leave()
  }
  const flags = ["--home", alice.home, "--password-file", join(folder, "alice-password")]
  return {
    alice,
    bob,
    groupId,
    app: (size = SIZE) =>
      new Probe({
        program: APP,
        words: flags,
        ...size,
        env: { QPQ_UNSAFE_TESTING_STRETCHING: "tiny" },
      }),
    async [Symbol.asyncDispose]() {
      await bob.kill()
      await server[Symbol.asyncDispose]()
      driver.remove()
    },
  }
}
