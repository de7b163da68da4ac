/** What every server store promises of encrypted files: in order, of one account, whole or not at all, for a while. */
import { beforeEach, expect, test } from "vitest"
import { concat, EMPTY } from "../../core/domain/bytes.ts"
import { blobId } from "../../core/domain/ids.ts"
import { BLOB_OVERHEAD_BYTES, DAY_MS } from "../../core/domain/limits.ts"
import type { BlobRead, NodeStore, StoredChunk } from "../../server/store/node-store.ts"
import { fresh } from "../fakes/node-device.ts"
import { NOW, plain, resident, sweepAll } from "../fakes/node-stores.ts"
import type { Resident } from "../fakes/node-stores.ts"
import { codeOfAsync } from "../fakes/refusal.ts"

const QUOTA = 1000 + BLOB_OVERHEAD_BYTES
const SOON = NOW + DAY_MS
const LATE = NOW + 7 * DAY_MS

export function blobCases(store: () => NodeStore): void {
  let alice: Resident
  let bob: Resident
  let first: StoredChunk
  const put = (change: Partial<StoredChunk> = {}) => store().putBlobChunk({ ...first, ...change })
  const read = (change: Partial<BlobRead> = {}) =>
    store().readBlob({ blobId: first.blobId, offset: 0, limit: 1000, now: NOW, ...change })
  const finish = (isWhole = true, account = alice.id) =>
    store().finishBlob({ account, blobId: first.blobId, isWhole, expiresAt: LATE })
  const whole = async () => {
    await put()
    await put({ offset: 40, chunk: fresh(60) })
  }

  beforeEach(async () => {
    ;[alice, bob] = [await resident(store()), await resident(store())]
    const what = { blobId: blobId(fresh(16)), offset: 0, chunk: fresh(40), size: 100, hash: fresh(32) }
    first = { ...what, account: alice.id, quotaBytes: QUOTA, now: NOW, unfinishedUntil: SOON }
  })

  test("chunks are taken in order, and read from anywhere once all is there", async () => {
    const second = fresh(60)
    expect(await put()).toEqual({ received: 40, complete: false })
    expect(await put({ offset: 40, chunk: second })).toEqual({ received: 100, complete: false })
    expect(await read()).toBeUndefined()
    expect(await finish()).toBe(true)
    const { chunk } = first
    expect(plain(await read())).toEqual(plain({ chunk, size: 100 }))
    expect(plain(await read({ offset: 39, limit: 5 }))).toEqual(plain({ chunk: chunk.slice(39), size: 100 }))
    expect(plain(await read({ offset: 41, limit: 5 }))).toEqual(plain({ chunk: second.slice(1, 6), size: 100 }))
    expect(plain(await read({ offset: 100 }))).toEqual(plain({ chunk: EMPTY, size: 100 }))
    expect(await codeOfAsync(() => read({ offset: 101 }))).toBe("E029")
  })

  test("an empty chunk asks how much is there, and begins nothing", async () => {
    expect(await put({ chunk: EMPTY })).toEqual({ received: 0, complete: false })
    await put()
    expect(await put({ chunk: EMPTY })).toEqual({ received: 40, complete: false })
    await put({ offset: 40, chunk: fresh(60) })
    await finish()
    expect(await put({ chunk: EMPTY })).toEqual({ received: 100, complete: true })
  })

  test("what does not fit the beginning, or the place, is refused and changes nothing", async () => {
    expect(await codeOfAsync(() => put({ offset: 1 }))).toBe("E029")
    await put()
    const wrong: readonly Partial<StoredChunk>[] = [
      { offset: 0 },
      { offset: 39 },
      { offset: 41 },
      { offset: 40, chunk: fresh(61) },
      { offset: 40, size: 101 },
      { offset: 40, hash: fresh(32) },
      { offset: 40, account: bob.id },
      { chunk: EMPTY, account: bob.id },
      { chunk: EMPTY, size: 99 },
    ]
    for (const change of wrong) expect(await codeOfAsync(() => put(change))).toBe("E029")
    expect(await put({ chunk: EMPTY })).toEqual({ received: 40, complete: false })
    await put({ offset: 40, chunk: fresh(60) })
    await finish()
    expect(await codeOfAsync(() => put({ offset: 100, chunk: fresh(1) }))).toBe("E029")
  })

  test("one that is not whole is nobody's to finish, and its own account's alone to read", async () => {
    await put()
    expect([await finish(), await finish(false)]).toEqual([false, false])
    expect(plain(await read({ unfinishedOf: alice.id }))).toEqual(plain({ chunk: first.chunk, size: 100 }))
    expect(await read({ unfinishedOf: bob.id })).toBeUndefined()
    await put({ offset: 40, chunk: fresh(60) })
    expect(await finish(true, bob.id)).toBe(false)
    expect(await read()).toBeUndefined()
  })

  test("one whose hash did not fit is gone; one that is complete stays", async () => {
    await whole()
    expect(await finish(false)).toBe(false)
    expect(await put({ chunk: EMPTY })).toEqual({ received: 0, complete: false })
    await whole()
    expect([await finish(), await finish(false)]).toEqual([true, true])
    expect(await read()).toBeDefined()
  })

  test("the first chunk takes room for the whole, out of what the account may have; another account has its own", async () => {
    const other = (size: number, account = alice.id) =>
      codeOfAsync(() => put({ blobId: blobId(fresh(16)), size, account, quotaBytes: QUOTA + BLOB_OVERHEAD_BYTES }))
    expect(await codeOfAsync(() => put({ size: 1001 }))).toBe("E085")
    await put()
    expect(await other(901)).toBe("E085")
    expect(await other(901, bob.id)).toBe("accepted")
    expect(await other(900)).toBe("accepted")
    expect(await put({ offset: 40, chunk: fresh(60) })).toMatchObject({ received: 100 })
  })

  test("one that was not finished in time is gone, also before it is swept, and frees its room", async () => {
    await put()
    expect(await read({ unfinishedOf: alice.id, now: SOON })).toBeUndefined()
    await put({ now: NOW })
    await sweepAll(store(), SOON)
    expect(await put({ chunk: EMPTY })).toEqual({ received: 0, complete: false })
    expect(await put({ blobId: blobId(fresh(16)), size: 1000 })).toMatchObject({ received: 40 })
  })

  test("a complete one is there until it expires, also before it is swept", async () => {
    await whole()
    await finish()
    await sweepAll(store(), LATE - 1)
    expect(await read({ now: LATE - 1 })).toBeDefined()
    expect(await read({ now: LATE })).toBeUndefined()
    await sweepAll(store(), LATE)
    expect(await read()).toBeUndefined()
  })

  test("bytes that came in are the store's own", async () => {
    const chunk = fresh(100)
    await put({ chunk, size: 100 })
    const kept = concat(chunk)
    await finish()
    expect(plain((await read())!.chunk)).toBe(plain(kept))
  })
}
