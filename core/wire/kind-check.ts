/**
 * capnp-es's getters do not ask whether a pointer is of the kind the schema says; this does, once, before one is called.
 * Also: text is strict UTF-8 with its NUL, and no list of structs is longer than any method allows.
 */
import { textFrom } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { FANOUT_ITEMS_MAX } from "../domain/limits.ts"
import { type Frame, malformed } from "./frame.ts"
import { ELEMENT_COMPOSITE, ELEMENT_POINTER, type Place, resolve, type Target } from "./pointer.ts"
import type { Shape, Slot } from "./shape.ts"
import { dataBytes, StructView, textBytes } from "./struct-view.ts"

/** Longest list of structs in any request or answer of the schema. */
const LIST_ITEMS_MAX = FANOUT_ITEMS_MAX

/**
 * Checks the struct that the pointer at `place` points to, all of it, in a structure-checked frame.
 * @throws E026 for a wrong kind, E027 for a list longer than any limit.
 */
export function checkKinds(frame: Frame, place: Place, shape: Shape): void {
  checkSlot(frame, resolve(frame, place), { struct: shape })
}

function checkSlot(frame: Frame, target: Target | undefined, slot: Slot): void {
  if (target === undefined || slot === null) return
  if (slot === "data") dataBytes(frame, target)
  else if (slot === "text") textFrom(textBytes(frame, target))
  else if ("struct" in slot) {
    if (target.kind !== "struct") throw malformed("not a struct")
    checkStruct(frame, new StructView(frame, target), slot.struct)
  } else checkList(frame, target, slot)
}

function checkStruct(frame: Frame, view: StructView, shape: Shape): void {
  checkSlots(frame, view, shape.slots)
  if (shape.union === undefined) return
  const slots = shape.union.cases[view.uint16(shape.union.tagAt)]
  if (slots !== undefined) checkSlots(frame, view, slots)
}

function checkSlots(frame: Frame, view: StructView, slots: readonly Slot[]): void {
  for (const [index, slot] of slots.entries()) if (slot !== null) checkSlot(frame, view.pointer(index), slot)
}

type ListSlot = Exclude<Slot, null | string | { readonly struct: Shape }>

function checkList(frame: Frame, target: Target, slot: ListSlot): void {
  const elementSize = "list" in slot ? ELEMENT_COMPOSITE : "each" in slot ? ELEMENT_POINTER : slot.scalars
  if (target.kind !== "list" || target.elementSize !== elementSize) throw malformed("not the list that the schema says")
  if ("scalars" in slot) return
  if (target.count > LIST_ITEMS_MAX) throw new QpqError("E027", `${target.count} items, at most ${LIST_ITEMS_MAX}`)
  for (let index = 0; index < target.count; index++) {
    if ("list" in slot) checkStruct(frame, new StructView(frame, target, index), slot.list)
    else checkSlot(frame, resolve(frame, { segment: target.segment, word: target.word + index }), slot.each)
  }
}
