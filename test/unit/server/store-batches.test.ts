/** Random bursts of calls at the store's own thread, against the plainest model there is: counters. */
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { migrationsFolder } from "../../../core/domain/package-root.ts"
import type { NodeStore } from "../../../server/store/node-store.ts"
import { threadStore } from "../../../server/store/thread-store.ts"
import { fresh } from "../../fakes/node-device.ts"
import { depositOf, freshKey, itemTo, newAccount, NOW, resident, UNWATCHED } from "../../fakes/node-stores.ts"
import { dataFolder } from "../../fakes/server-process.ts"
import { turn } from "../../fakes/world.ts"

const BOXES = 3
const RUNS = 40

type Step =
  | { readonly kind: "deposit"; readonly box: number }
  /** What SQLite cannot take: a constraint of the schema. */
  | { readonly kind: "constraint" }
  /** What the operation refuses before it writes. */
  | { readonly kind: "refused" }
  /** Lets what was asked be handed over. */
  | { readonly kind: "turn" }
  /** Waits for all answers. */
  | { readonly kind: "answers" }

const steps = fc.array(
  fc.oneof(
    { weight: 40, arbitrary: fc.nat(BOXES - 1).map((box): Step => ({ kind: "deposit", box })) },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: "constraint" }) },
    { weight: 3, arbitrary: fc.constant<Step>({ kind: "refused" }) },
    { weight: 8, arbitrary: fc.constant<Step>({ kind: "turn" }) },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: "answers" }) },
  ),
  { maxLength: 400, size: "max" },
)

const folder = dataFolder()
const options = { path: `${folder.path}/node.sqlite`, migrations: migrationsFolder("node"), newGeneration: fresh(8) }
let store: NodeStore
beforeAll(async () => {
  store = await threadStore(options, UNWATCHED)
})
afterAll(async () => {
  await store.close()
  folder.remove()
})

const outcomeOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.catch((thrown: unknown) => (thrown as { code: string }).code)

test("whatever arrives together, each call gets its own answer, in order, and a faulty one fails alone", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (asked) => {
      const boxes: Awaited<ReturnType<typeof resident>>[] = []
      while (boxes.length < BOXES) boxes.push(await resident(store))
      const seqs = boxes.map(() => 0)
      const expected: unknown[] = []
      const answers: Promise<unknown>[] = []
      const ask = (answer: Promise<unknown>, wanted: unknown): void => {
        answers.push(outcomeOf(answer))
        expected.push(wanted)
      }
      for (const step of asked) {
        if (step.kind === "turn") await turn()
        else if (step.kind === "answers") await Promise.all(answers)
        else if (step.kind === "constraint") ask(store.addAccount(newAccount({ signature: fresh(63) })), "E063")
        else if (step.kind === "refused") {
          const change = { deviceKey: freshKey(), packages: [], replace: false, now: NOW }
          ask(store.changeKeyPackages(change), "E040")
        } else {
          const seq = (seqs[step.box] = (seqs[step.box] ?? 0) + 1)
          const item = itemTo(boxes[step.box]!.deviceKey)
          ask(store.deposit(depositOf(0, [item])), {
            results: [{ code: 0, seq, duplicate: false }],
            epoch: 0n,
            head: 0,
          })
        }
      }
      expect(await Promise.all(answers)).toEqual(expected)
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test("a close lets the calls under way be stored and answered first", async () => {
  const second = dataFolder()
  const path = `${second.path}/node.sqlite`
  const first = await threadStore({ ...options, path }, UNWATCHED)
  const names = Array.from({ length: 700 }, (_, at) => `name ${at}`)
  const settled = names.map((name) => first.settle(name, fresh(4)))
  await first.close()
  const kept = await Promise.all(settled)
  const again = await threadStore({ ...options, path }, UNWATCHED)
  expect(await Promise.all(names.map((name) => again.setting(name)))).toEqual(kept)
  await again.close()
  second.remove()
})
