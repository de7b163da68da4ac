/** A file system of a few MiB that can be filled up and emptied: a tmpfs (tmpfs(5)). Linux, and root or a user namespace. */
import { spawnSync } from "node:child_process"
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"

const CHUNK_BYTES = 65_536
/** Set in the process that is started anew in namespaces of its own. */
const INSIDE = "TEST_OWN_MOUNTS"

export class SmallDisk {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** @throws when no file system may be mounted here. */
  static mount(path: string, mib: number): SmallDisk {
    mkdirSync(path, { recursive: true })
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", path])
    if (status !== 0) throw new Error(`no small disk can be mounted: ${stderr.toString().trim()}`)
    return new SmallDisk(path)
  }

  /** To the last byte. @returns how many bytes were left. */
  fill(): number {
    const ballast = openSync(this.#ballast, "a")
    let bytes = 0
    try {
      for (let size = CHUNK_BYTES; size >= 1;) {
        const written = roomFor(ballast, size)
        bytes += written
        if (written < size) size >>= 1
      }
    } finally {
      closeSync(ballast)
    }
    return bytes
  }

  empty(): void {
    rmSync(this.#ballast, { force: true })
  }

  unmount(): void {
    spawnSync("umount", ["--lazy", this.path])
  }

  get #ballast(): string {
    return join(this.path, "ballast")
  }
}

/** How much of so many bytes had room. */
function roomFor(file: number, size: number): number {
  try {
    return writeSync(file, new Uint8Array(size))
  } catch {
    return 0
  }
}

/** Where this user may mount nothing, the programme is started anew in a mount namespace of its own, and ends with that. */
export function ownMounts(): void {
  if (process.getuid?.() === 0 || process.env[INSIDE] !== undefined) return
  const own = ["--user", "--map-root-user", "--mount", process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const { status } = spawnSync("unshare", own, { stdio: "inherit", env: { ...process.env, [INSIDE]: "1" } })
  process.exit(status ?? 1)
}
