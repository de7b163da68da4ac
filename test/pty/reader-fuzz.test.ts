/** Plain lines under ten thousand random keys and events: no exception, no byte that leads elsewhere. */
import { expect, it } from "vitest"
import { realWorld } from "../../core/domain/world.ts"
import { busyHouse } from "../fakes/busy-house.ts"
import { ReaderRig } from "../fakes/reader-rig.ts"
import { KEYS } from "../fakes/screen-rig.ts"
import { forbiddenBytes } from "../fakes/spoken-bytes.ts"

const STEPS = 10_000
/** Steps between two looks at what was written. */
const ROUND = 100

/** Numbers from 0 up to `below`, the same for a seed. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}

const NAMES = Object.keys(KEYS).filter((name) => !["ctrl+q", "ctrl+c", "ctrl+z"].includes(name))

const TEXTS = [
  ...[
    "hello",
    "/",
    "@b",
    ":smile",
    "/go",
    "/members",
    "/invites",
    "/search a",
    "/unread",
    "/read 3",
    "/where",
    "/status",
  ],
  ...["/keys", "/queue", "/set", "/create x", "/verify", "/help", "/words", "1", "2", "12", "999", "j", "k", "g", "G"],
  ...["r", "e", "d", "+", "y", "o", "m", "n", "w", "u", "日本語", "👩‍👩‍👧", "e\u0301", "שלום", " ", "word word word "],
  ...[
    "\u001b[200~pasted\nlines\u001b[201~",
    "\u001b[200~\u001b[2J\u202e\u001b[201~",
    "\u001b[999z",
    "\u001b]0;x\u0007",
    "\u009b2J",
  ],
]

const HOSTILE = [
  ...[
    "plain words",
    "two\nlines",
    "\u001b[2J\u001b[1;1Hgone",
    "\u001b]52;c;AAAA\u0007",
    "\u202eesrever",
    "a\rb",
    "\u0007bell",
  ],
  ...["x".repeat(2000), "e" + "\u0301".repeat(100), "\u009b2J", "\u2066isolate", "👋".repeat(30), ""],
]

it("survives ten thousand keys and events, and writes nothing but lines", async () => {
  const roll = dice(20_261_122)
  const pick = <Some>(all: readonly Some[]): Some => all[roll(all.length)] as Some
  let done = 0
  while (done < STEPS) {
    const { core, ops, train } = busyHouse()
    const rig = new ReaderRig({ core, rows: 24, columns: 20 + roll(100) })
    await rig.shows(/\S/)
    const event = (): void => {
      const groupId = pick([ops, train])
      const acts: readonly (() => void)[] = [
        () => core.says(groupId, pick(["bob", "carol", "alice"]), pick(HOSTILE)),
        () => core.says(groupId, "bob", pick(HOSTILE), { name: pick(HOSTILE), size: 3, mediaType: "x" }),
        () => core.change(groupId, "bob", { updated: ["bob"] }),
        () => core.invited(pick(HOSTILE), pick(["erin", "\u001b[2Jmallory"])),
        () =>
          core.setLink({
            state: pick(["online", "offline", "reconnecting", "connecting", "expired", "refused"]),
            since: roll(1e6),
            lastSync: roll(1e6),
          }),
        () => core.tell({ kind: "trouble", code: pick(["E053", "E062", "E010"]), message: pick(HOSTILE) }),
        () => core.changesKey(pick(["bob", "carol"])),
        () => rig.resize(10 + roll(120), 5 + roll(40)),
        () => core.failures.set(pick(["send", "invite", "create", "lookUp"]), "E053"),
      ]
      pick(acts)()
    }
    const step = (): void => {
      if (roll(4) === 0) event()
      else rig.press(roll(2) === 0 ? pick(NAMES) : pick(TEXTS))
    }
    for (let round = 0; done < STEPS && round < 5 && rig.remembered === undefined; round += 1) {
      for (let at = 0; at < ROUND; at += 1) step()
      done += ROUND
      await realWorld.clock.sleep(35)
    }
    // Whoever goes back to the screen has it.
    const [spoken = ""] = rig.written.split("\u001b[?1049h")
    expect(forbiddenBytes(spoken)).toBeUndefined()
    rig.written = ""
    rig.screen.leave()
    await rig.screen.ended
  }
}, 180_000)
