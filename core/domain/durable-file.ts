/** Files that survive the loss of power. */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs"
import { dirname } from "node:path"

export interface FileToWrite {
  readonly bytes: Uint8Array
  readonly mode: number
  /** Refuses a file that is there. */
  readonly isNew?: boolean
}

/** Whole on the disk when it returns; its name is for `syncFolder`. @throws what node:fs throws */
export function writeDurably(path: string, { bytes, mode, isNew = false }: FileToWrite): void {
  const file = openSync(path, isNew ? "wx" : "w", mode)
  try {
    writeSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** @throws what node:fs throws */
export function syncFile(path: string): void {
  const file = openSync(path, "r+")
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** So that the name that was given to `path` survives too. Not every system opens folders. */
export function syncFolder(path: string): void {
  let folder: number | undefined
  try {
    folder = openSync(dirname(path), "r")
    fsyncSync(folder)
  } catch {
    // The name is there; when it reaches the disk is the system's affair.
  } finally {
    if (folder !== undefined) closeSync(folder)
  }
}
