import { expect, test } from "vitest"
import { FairWork } from "../../../server/node/fair-work.ts"

test("who comes while a hundred pieces of others wait is the third", async () => {
  const work = new FairWork()
  const done: string[] = []
  const piece = async (address: string): Promise<void> => {
    await work.turn(address)
    done.push(address)
  }
  const many = Array.from({ length: 100 }, (_, at) => piece(at % 2 === 0 ? "one" : "other"))
  const late = piece("late")
  await late
  expect(done).toEqual(["one", "other", "late"])
  await Promise.all(many)
  expect(done).toHaveLength(101)
})

test("the event loop comes round between two pieces", async () => {
  const work = new FairWork()
  let [rounds, isOver] = [0, false]
  const roundsBefore: number[] = []
  const count = (): void => {
    rounds++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const pieces = Array.from({ length: 10 }, async () => {
    await work.turn("one")
    roundsBefore.push(rounds)
  })
  await Promise.all(pieces)
  isOver = true
  expect(new Set(roundsBefore).size).toBe(10)
})
