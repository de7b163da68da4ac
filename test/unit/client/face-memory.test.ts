/** A face's memory is a few short texts, whoever asks. */
import { expect, test } from "vitest"
import { remember, remembered } from "../../../core/client/face-memory.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { codeOf } from "../../fakes/refusal.ts"

test("it keeps the last of each name, and refuses what is too long or too much", () => {
  const store = memoryStore()
  expect(remembered(store)).toEqual({})
  remember(store, "open", "one")
  remember(store, "open", "two")
  remember(store, "sort", "name")
  for (const [name, value] of [["n".repeat(129), ""] as const, ["name", "v".repeat(129)] as const])
    expect(codeOf(() => remember(store, name, value))).toBe("E071")
  for (let at = 0; at < 30; at++) remember(store, `name ${at}`, "")
  expect(codeOf(() => remember(store, "one more", ""))).toBe("E071")
  expect(remembered(store)).toMatchObject({ open: "two", sort: "name" })
})
