/** Strings and keys that stand nowhere by chance, and every way in which bytes could be written down. */
import { randomBytes } from "node:crypto"

/**
 * secret: a password, a key, a token of somebody. content: what people say to each other. word: what stands in commands
 * anyway, such as the name of a group. operator: what the operator is given to hand on. server: what the server keeps for
 * itself on its disk.
 */
export type CanaryKind = "secret" | "content" | "word" | "operator" | "server"

export interface Canary {
  readonly name: string
  readonly kind: CanaryKind
  readonly bytes: Buffer
}

/** disk: files of a server or a profile. log, page, argv, environment: of the programs. output, screen: for the person alone. */
export type PlaceKind = "disk" | "log" | "page" | "argv" | "environment" | "output" | "errors" | "screen"

export interface Place {
  readonly name: string
  readonly kind: PlaceKind
  readonly bytes: Buffer
}

export interface Hit {
  readonly canary: string
  readonly place: string
}

/** Where a canary may stand: what a person asks for is shown, what the server needs it keeps. */
const ALLOWED: Readonly<Record<CanaryKind, readonly PlaceKind[]>> = {
  secret: [],
  content: ["output", "screen"],
  word: ["output", "screen", "errors", "argv"],
  operator: ["output", "argv"],
  server: ["disk"],
}

/** Shorter ones stand in places by chance. */
const BYTES_MIN = 12

export const textCanary = (name: string, kind: CanaryKind): Canary => ({
  name,
  kind,
  bytes: Buffer.from(`${name.replaceAll(/[^a-z]/g, "")}-${randomBytes(12).toString("hex")}`),
})

/** @throws when there is too little of it to be told from chance. */
export function keyCanary(name: string, kind: CanaryKind, bytes: Uint8Array | undefined): Canary {
  if (!bytes || bytes.length < BYTES_MIN) throw new Error(`${name} is missing`)
  return { name, kind, bytes: Buffer.from(bytes) }
}

/** As they are, in hex, in both base64 alphabets at each of three alignments; all of these and the bytes in UTF-16LE. */
export function formsOf({ bytes }: Canary): readonly Buffer[] {
  const hexes = [bytes.toString("hex"), bytes.toString("hex").toUpperCase()]
  const based = [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
    const [from, to] = [Math.ceil((offset * 8) / 6), Math.floor((shifted.length * 8) / 6)]
    return [shifted.toString("base64"), shifted.toString("base64url")].map((text) => text.slice(from, to))
  })
  const texts = [...new Set([bytes.toString("latin1"), ...hexes, ...based])]
  return [...texts.map((text) => Buffer.from(text, "latin1")), ...texts.map((text) => Buffer.from(text, "utf16le"))]
}

/** As PEM files and logs break lines. */
const unwrapped = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString("latin1").replaceAll(/\r?\n|\\r|\\n/g, ""), "latin1")

/** What stands where it may not. */
export const hitsIn = (places: readonly Place[], canaries: readonly Canary[]): readonly Hit[] =>
  foundIn(places, canaries, (canary, place) => !mayStand(canary, place))

/** What stands where it may: that it is found there shows that the search would find it elsewhere. */
export const shownIn = (places: readonly Place[], canaries: readonly Canary[]): readonly Hit[] =>
  foundIn(places, canaries, mayStand)

const mayStand = (canary: Canary, place: Place): boolean => ALLOWED[canary.kind].includes(place.kind)

function foundIn(
  places: readonly Place[],
  canaries: readonly Canary[],
  isLookedAt: (canary: Canary, place: Place) => boolean,
): readonly Hit[] {
  const searched = places.map((place) => ({ place, texts: [place.bytes, unwrapped(place.bytes)] }))
  return canaries.flatMap((canary) => {
    const forms = formsOf(canary)
    const isIn = (texts: readonly Buffer[]): boolean => texts.some((text) => forms.some((form) => text.includes(form)))
    const found = searched.filter(({ place, texts }) => isLookedAt(canary, place) && isIn(texts))
    return found.map(({ place }) => ({ canary: canary.name, place: place.name }))
  })
}
