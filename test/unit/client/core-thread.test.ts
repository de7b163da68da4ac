/** The core in its real worker thread: a profile is made there, closed, and opens again only with its passphrase. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import type { Core } from "../../../core/client/client-api.ts"
import { realWorld } from "../../../core/domain/world.ts"
import { startCore } from "../../../tui/core-host.ts"

const folder = mkdtempSync(join(tmpdir(), "qpq-core-"))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const start = (): Promise<Core> =>
  startCore({ home: join(folder, "home"), world: realWorld, unsafeTestingTinyStretching: true, sharing: undefined })

test("a profile made in the thread opens again with its passphrase only, and failures keep their codes", async () => {
  const first = await start()
  expect(await first.profile()).toMatchObject({ state: "new" })
  expect(await first.unlock("right")).toMatchObject({ state: "unlocked" })
  await expect(first.open()).rejects.toMatchObject({ code: "E065" })
  await expect(first.groups()).rejects.toMatchObject({ code: "E065" })
  await first.close()
  await expect(first.profile()).rejects.toMatchObject({ code: "E054" })

  const second = await start()
  expect(await second.profile()).toMatchObject({ state: "locked" })
  await expect(second.unlock("wrong")).rejects.toMatchObject({ code: "E061" })
  expect(await second.unlock("right")).toMatchObject({ state: "unlocked" })
  await second.close()
})
