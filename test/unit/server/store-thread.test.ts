/** The store's thread that dies: whoever asked hears that it failed, the owner hears it once, and nobody waits for ever. */
import { Worker } from "node:worker_threads"
import { expect, test } from "vitest"
import { EMPTY } from "../../../core/domain/bytes.ts"
import type { QpqError } from "../../../core/domain/errors.ts"
import { migrationsFolder } from "../../../core/domain/package-root.ts"
import type { NodeStore } from "../../../server/store/node-store.ts"
import { storeOver, threadStore } from "../../../server/store/thread-store.ts"
import type { StoreWatch } from "../../../server/store/thread-store.ts"
import { dataFolder } from "../../fakes/server-process.ts"
import { UNWATCHED } from "../../fakes/node-stores.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"
import { fresh } from "../../fakes/node-device.ts"

const HEAP_MEGABYTES = 32

/** A real thread that speaks the store's messages and runs `body` for each one it gets as `message`. */
const threadOf = (body: string, begin = `tell({ kind: "ready" })`): Worker =>
  new Worker(
    `const { parentPort } = require("node:worker_threads")
     const tell = (message) => parentPort.postMessage(message)
     const done = ({ calls }) => tell({ kind: "done", replies: calls.map(() => ({ ok: true, value: undefined })) })
     parentPort.on("message", (message) => { ${body} })
     ${begin}`,
    { eval: true, resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES }, stderr: true },
  )

const watchInto = (deaths: QpqError[]): StoreWatch => ({ ...UNWATCHED, onDeath: (error) => deaths.push(error) })

async function opened(worker: Worker): Promise<{ store: NodeStore; deaths: QpqError[]; gone: Promise<unknown> }> {
  const deaths: QpqError[] = []
  const gone = new Promise((resolve) => worker.on("exit", resolve))
  return { store: await storeOver(worker, watchInto(deaths)), deaths, gone }
}

const DEATHS = [
  ["of an exception", `throw new Error("unforeseen")`],
  ["by leaving", `process.exit(3)`],
  ["of hunger", `const hoard = []; for (;;) hoard.push(new Array(100_000).fill(hoard.length))`],
] as const

test.each(DEATHS)(
  "a thread that dies %s fails the calls under way and all later ones, and is told of once",
  async (_how, death) => {
    const { store, deaths, gone } = await opened(threadOf(death))
    const codes = await Promise.all([1, 2, 3].map((now) => codeOfAsync(() => store.probe(now))))
    expect(codes).toEqual(["E063", "E063", "E063"])
    await gone
    expect(deaths).toMatchObject([{ code: "E063", detail: "the store's thread ended" }])
    expect(deaths[0]?.cause).toBeInstanceOf(Error)
    expect(await codeOfAsync(() => store.probe(4))).toBe("E063")
    await store.close()
  },
)

test("what was answered before the death stays answered; the rest failed", async () => {
  const { store, deaths } = await opened(
    threadOf(`if (message.calls[0].name === "sweep") process.exit(0); done(message)`),
  )
  const first = [store.probe(1), store.probe(2)].map((answer) => codeOfAsync(() => answer))
  expect(await Promise.all(first)).toEqual(["accepted", "accepted"])
  expect(await codeOfAsync(() => store.sweep(1))).toBe("E063")
  expect(deaths).toHaveLength(1)
})

test("a thread that dies while it is closed ends the wait", async () => {
  const { store, deaths } = await opened(threadOf(`process.exit(0)`))
  expect(await codeOfAsync(() => store.close())).toBe("E063")
  expect(deaths).toHaveLength(1)
})

test("a thread that dies before it is ready is no store", async () => {
  const deaths: QpqError[] = []
  const worker = threadOf("", "process.exit(0)")
  expect(await codeOfAsync(() => storeOver(worker, watchInto(deaths)))).toBe("E063")
})

test("the end of a thread that was closed is no death, also not when its database could not be opened", async () => {
  const folder = dataFolder()
  const deaths: QpqError[] = []
  const options = { path: `${folder.path}/node.sqlite`, migrations: migrationsFolder("node"), newGeneration: fresh(8) }
  const note = watchInto(deaths)
  const store = await threadStore(options, note)
  const second = codeOfAsync(() => threadStore(options, note))
  expect(await second).toBe("E060")
  await store.settle("name", EMPTY)
  await store.close()
  expect(deaths).toEqual([])
  folder.remove()
})

test("each transaction is told of, with what shared it, and what waits until nothing does", async () => {
  const folder = dataFolder()
  const transactions: (readonly [calls: number, ms: number])[] = []
  const queue: (readonly [calls: number, bytes: number])[] = []
  const watch: StoreWatch = {
    ...UNWATCHED,
    onTransaction: (calls, ms) => transactions.push([calls, ms]),
    onQueue: (calls, bytes) => queue.push([calls, bytes]),
  }
  const path = `${folder.path}/node.sqlite`
  const store = await threadStore({ path, migrations: migrationsFolder("node"), newGeneration: fresh(8) }, watch)
  await Promise.all([store.probe(1), store.settle("a setting", fresh(10)), store.setting("a setting")])
  expect(transactions).toEqual([[3, expect.any(Number)]])
  expect(transactions[0]?.[1]).toBeGreaterThan(0)
  expect(queue).toEqual([
    [1, 0],
    [2, 10],
    [3, 10],
    [0, 0],
  ])
  await store.close()
  folder.remove()
})
