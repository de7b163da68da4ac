/** What a face remembers of how its person left it: few short texts by name, in the profile. */
import { textFrom, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { ClientReads, ClientStore } from "../store/client-store.ts"

const SETTING = "face-memory"
const NAMES_MAX = 32
const LETTERS_MAX = 128

export type FaceMemory = Readonly<Record<string, string>>

export function remembered(store: ClientReads): FaceMemory {
  const bytes = store.setting(SETTING)
  return bytes ? (JSON.parse(textFrom(bytes)) as FaceMemory) : {}
}

/** @throws E071 for what is longer than a name or a choice is. */
export function remember(store: ClientStore, name: string, value: string): void {
  if (Math.max(name.length, value.length) > LETTERS_MAX) throw new QpqError("E071", "too long to be remembered")
  store.write((tx) => {
    const next = { ...remembered(tx), [name]: value }
    if (Object.keys(next).length > NAMES_MAX) throw new QpqError("E071", "too much to be remembered")
    tx.set(SETTING, utf8(JSON.stringify(next)))
  }, "relaxed")
}
