/** What every client store promises about rows that were read before. */
import { expect, test } from "vitest"
import type { ClientStore } from "../../core/store/client-store.ts"
import { filled } from "../fakes/fake-services.ts"

export function takenPromises(opened: () => ClientStore): void {
  test("a row that was read is known until its time is over, which noting it again does not prolong", () => {
    const store = opened()
    const [first, second] = [filled(16, 1), filled(16, 2)]
    store.write((tx) => {
      tx.noteTaken(first, 1000)
      tx.noteTaken(second, 2000)
      tx.noteTaken(first, 3000)
    })
    expect([first, second, filled(16, 3)].map((digest) => store.isTaken(digest))).toEqual([true, true, false])
    store.write((tx) => tx.dropTaken(1000))
    expect(store.isTaken(first)).toBe(true)
    store.write((tx) => tx.dropTaken(1001))
    expect([first, second].map((digest) => store.isTaken(digest))).toEqual([false, true])
  })
}
