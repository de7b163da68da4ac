/** Files that messages carry: what is told about them, and names that are safe to save under. */
import { utf8 } from "./bytes.ts"
import type { BlobId } from "./ids.ts"

/** How to get a file and to know that it is the right one. */
export interface AttachedFile {
  readonly blobId: BlobId
  /** 32 bytes. Secret. */
  readonly key: Uint8Array
  /** SHA-256 of the ciphertext, 32 bytes. */
  readonly hash: Uint8Array
  /** Of the file itself, in bytes. */
  readonly size: number
  /** A plain name, without a folder. */
  readonly name: string
  /** As the sender says: type/subtype. */
  readonly mediaType: string
}

/** What a client sends or saves; the server may take less. */
export const FILE_BYTES_MAX = 1_073_741_824
/** UTF-8; what file systems take. */
export const FILE_NAME_BYTES_MAX = 255
export const MEDIA_TYPE_BYTES_MAX = 127

const UNNAMED = "file"
const UNKNOWN_TYPE = "application/octet-stream"

/** Control characters, lone surrogates, marks that change the direction, and what some file system does not take. */
const NOT_IN_NAMES = /\p{C}|[\u200e\u200f\u061c\u2028\u2029<>:"|?*]/gu
/** Not hidden, and without the ends that Windows drops. */
const OUTER = /^[.\s]+|[.\s]+$/gu
/** Devices of Windows, with any ending. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i
const ENDING = /\.[A-Za-z0-9]{1,12}$/

/** The last part of whatever path was given, as one plain name of at most 255 bytes that is never empty. */
export function plainFileName(name: string): string {
  const base = name.split(/[/\\]/).findLast((part) => part.replace(OUTER, "") !== "") ?? ""
  const clean = base.replace(NOT_IN_NAMES, "_").replace(OUTER, "")
  const safe = RESERVED.test(clean) ? `_${clean}` : clean
  return safe === "" ? UNNAMED : shortened(safe)
}

/** Keeps the ending, by which programs know what it is. */
function shortened(name: string): string {
  if (utf8(name).length <= FILE_NAME_BYTES_MAX) return name
  const ending = ENDING.exec(name)?.[0] ?? ""
  let [short, left] = ["", FILE_NAME_BYTES_MAX - utf8(ending).length]
  for (const letter of name.slice(0, name.length - ending.length)) {
    left -= utf8(letter).length
    if (left < 0) break
    short += letter
  }
  return short + ending
}

/** As it came when it looks like one, else that of any bytes. */
export const plainMediaType = (type: string): string =>
  /^[\w.+-]{1,63}\/[\w.+-]{1,63}$/.test(type) ? type.toLowerCase() : UNKNOWN_TYPE

const TYPES: Readonly<Record<string, string>> = {
  csv: "text/csv",
  gif: "image/gif",
  gz: "application/gzip",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  md: "text/markdown",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  ogg: "audio/ogg",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  tar: "application/x-tar",
  txt: "text/plain",
  webm: "video/webm",
  webp: "image/webp",
  zip: "application/zip",
}

/** By the name's ending. */
export function mediaTypeOf(name: string): string {
  const ending = ENDING.exec(name)?.[0].slice(1).toLowerCase() ?? ""
  return Object.hasOwn(TYPES, ending) ? (TYPES[ending] ?? UNKNOWN_TYPE) : UNKNOWN_TYPE
}

const UNITS = ["B", "KB", "MB", "GB"] as const

/** For people: "512 B", "3.0 MB", powers of 1000. */
export function sizeText(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const shown = power === 0 ? bytes.toString() : (bytes / 1000 ** power).toFixed(1)
  return `${shown} ${UNITS[power] ?? ""}`
}
