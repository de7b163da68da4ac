/** Where an open app's door stands: a folder that only its owner can look into, and names that tell profiles apart. */
import { createHash } from "node:crypto"
import { lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from "node:fs"
import type { Stats } from "node:fs"
import { isAbsolute, join } from "node:path"
import process from "node:process"

export interface DoorSurroundings {
  /** XDG_RUNTIME_DIR. */
  readonly runtime: string | undefined
  /** TMPDIR, or where the platform has it. */
  readonly temporary: string
}

export interface DoorPlaces extends DoorSurroundings {
  /** The profile's folder. */
  readonly home: string
}

/** sun_path without its last zero, of the platform that has least: macOS, 104. */
const PATH_BYTES_MAX = 103
const NAME_DIGITS = 24
const OTHERS = 0o077
const OTHERS_WRITE = 0o022
const STICKY = 0o1000
const FOLDER_MODE = 0o700

/** A program of the same user may stand behind each; more are not asked. */
export const DOORS_MAX = 16

interface Place {
  readonly parent: string
  readonly folder: string
  /** The parent must be private too, or it is not what it says it is. */
  readonly isRuntime: boolean
}

/** undefined where files have no owners: no door there. */
const ownUser = (): number | undefined => process.getuid?.()

/** The path of a new door; its folder is made when it is not there. undefined: nowhere is a place private enough. */
export function newDoorPath(places: DoorPlaces, random: string): string | undefined {
  const uid = ownUser()
  if (uid === undefined) return undefined
  for (const place of placesOf(places, uid)) {
    const path = join(place.folder, `${doorPrefix(places.home)}${random}.sock`)
    if (Buffer.byteLength(path) > PATH_BYTES_MAX || !isFit(place, uid)) continue
    if (isMade(place.folder) && isOwnFolder(place.folder, uid)) return path
  }
  return undefined
}

/** Doors of the profile that are its user's own: sockets, not links, closed to everybody else. */
export function doorsOf(places: DoorPlaces): readonly string[] {
  const uid = ownUser()
  if (uid === undefined) return []
  const prefix = doorPrefix(places.home)
  return placesOf(places, uid)
    .filter((place) => isFit(place, uid) && isOwnFolder(place.folder, uid))
    .flatMap(({ folder }) => namesIn(folder, prefix).map((name) => join(folder, name)))
    .filter((path) => isOwn(path, uid, (stats) => stats.isSocket()))
    .slice(0, DOORS_MAX)
}

function placesOf({ home, runtime, temporary }: DoorPlaces, uid: number): readonly Place[] {
  const isThere = runtime !== undefined && isAbsolute(runtime)
  return [
    ...(isThere ? [{ parent: runtime, folder: join(runtime, "qpq"), isRuntime: true }] : []),
    { parent: home, folder: join(home, "open"), isRuntime: false },
    { parent: temporary, folder: join(temporary, `qpq-${uid}`), isRuntime: false },
  ]
}

/** The same for all ways to write the folder's path. */
function doorPrefix(home: string): string {
  let path = home
  try {
    path = realpathSync(home)
  } catch {
    // A profile that is not there has no door either.
  }
  return `${createHash("sha256").update(path).digest("hex").slice(0, NAME_DIGITS)}-`
}

/** Nobody else can put another folder in the place of ours after it was looked at. */
function isFit({ parent, isRuntime }: Place, uid: number): boolean {
  if (isRuntime) return isOwnFolder(parent, uid)
  try {
    const stats = statSync(parent)
    const isSafe = (stats.mode & OTHERS_WRITE) === 0 || (stats.mode & STICKY) !== 0
    return stats.isDirectory() && (stats.uid === uid || stats.uid === 0) && isSafe
  } catch {
    return false
  }
}

const isOwnFolder = (path: string, uid: number): boolean => isOwn(path, uid, (stats) => stats.isDirectory())

function isOwn(path: string, uid: number, isKind: (stats: Stats) => boolean): boolean {
  try {
    const stats = lstatSync(path)
    return isKind(stats) && stats.uid === uid && (stats.mode & OTHERS) === 0
  } catch {
    return false
  }
}

function isMade(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE })
    return true
  } catch {
    return false
  }
}

function namesIn(folder: string, prefix: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith(prefix) && name.endsWith(".sock"))
  } catch {
    return []
  }
}
