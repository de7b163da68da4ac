/**
 * Keeps what the app takes at rest small. V8 gives memory back only under pressure, and there is none in a chat. The first
 * line of the program does the rest: one arena for all threads' malloc, and a collector that gives back at once.
 */
import { getHeapStatistics, setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** Less is not worth the 40 ms that it takes. */
const GROWN_BYTES_MIN = 4 * 1024 * 1024

/**
 * The young generation of each thread may grow to 48 MB and is kept. With a growth of 1 it stays as it is; the other flag is
 * read when the core's thread is made. V8 sets the growth to 2 when it makes a thread: so this is said again in that.
 */
function keepSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1")
  setFlagsFromString("--max-semi-space-size=1")
}

// This is the first import of the program and of the core's thread.
keepSmall()

let collect: (() => void) | undefined
let usedBytes = 0

/** Collects what is no longer used, when enough has come since the last time. Nothing else runs meanwhile. */
export function giveBack(): void {
  keepSmall()
  if (getHeapStatistics().used_heap_size < usedBytes + GROWN_BYTES_MIN) return
  setFlagsFromString("--expose-gc")
  collect ??= runInNewContext("gc") as () => void
  // Only full pages are compacted by themselves. With words about how, as newer V8 takes them, that of Node 20 collects the
  // young generation alone.
  setFlagsFromString("--compact-on-every-full-gc")
  collect()
  setFlagsFromString("--no-compact-on-every-full-gc")
  usedBytes = getHeapStatistics().used_heap_size
}
