/** Half a minute of everything in one group, by two apps and a command line client: `npm run chatter` goes on for ten. */
import { afterAll, expect, test } from "vitest"
import { dataFolder } from "../fakes/server-process.ts"
import { SeededRandom } from "../fakes/world.ts"
import { chatter } from "../rough/chatter-talk.ts"

const SECONDS = 25
const MS_MAX = 240_000

const folder = dataFolder()
afterAll(() => {
  folder.remove()
})

test("two apps and the command line end with the same transcript", { timeout: MS_MAX }, async () => {
  const report = await chatter({
    ...{ seconds: SECONDS, folder: folder.path, dice: new SeededRandom(3) },
    ...{ signal: AbortSignal.timeout(MS_MAX), say: () => undefined },
  })
  expect(report.misses).toEqual([])
  expect(Object.keys(report.deeds).sort()).toEqual(["deletions", "edits", "files", "reactions", "replies", "texts"])
})
