/**
 * One walk over every pointer of a received frame, before anything reads it. Honest builders write trees, so the words
 * reached may not exceed the words there are: that refuses cycles, shared objects, list amplification and deep nesting.
 */
import { FRAME_DEPTH_MAX } from "../domain/limits.ts"
import { type Frame, frameWords, malformed } from "./frame.ts"
import { ELEMENT_COMPOSITE, ELEMENT_POINTER, resolve, type Target } from "./pointer.ts"

/** @throws E026 when the frame is not a tree of objects within its bounds. Costs time linear in the frame. */
export function checkStructure(frame: Frame, depthMax = FRAME_DEPTH_MAX): void {
  let budget = frameWords(frame) - 1
  /** Runs of pointers still to visit, as (segment, first word, how many, depth left). */
  const runs: number[] = [0, 0, 1, depthMax]
  while (runs.length > 0) {
    const depth = runs.pop() ?? 0
    const count = runs.pop() ?? 0
    const word = runs.pop() ?? 0
    const segment = runs.pop() ?? 0
    if (count > 1) runs.push(segment, word + 1, count - 1, depth)
    const target = resolve(frame, { segment, word })
    if (target === undefined) continue
    if (depth === 0) throw malformed("nested too deeply")
    budget -= target.words + target.padWords
    if (budget < 0) throw malformed("objects overlap")
    pushPointers(runs, target, depth - 1)
  }
}

function pushPointers(runs: number[], target: Target, depth: number): void {
  const { segment, word, dataWords, pointerCount, count } = target
  if (target.kind === "struct") {
    if (pointerCount > 0) runs.push(segment, word + dataWords, pointerCount, depth)
  } else if (target.elementSize === ELEMENT_POINTER) {
    if (count > 0) runs.push(segment, word, count, depth)
  } else if (target.elementSize === ELEMENT_COMPOSITE && pointerCount > 0) {
    const step = dataWords + pointerCount
    for (let index = 0; index < count; index++) runs.push(segment, word + index * step + dataWords, pointerCount, depth)
  }
}
