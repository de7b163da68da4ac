/** Every goal of the terminal app, on the bundle as it is shipped, beside weechat where that is installed. Run: npm run tui-bench */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Figures } from "./terminal/figures.ts"
import { correctness, flicker } from "./terminal/frames.ts"
import { benchHouse, GROUP } from "./terminal/house.ts"
import { burst, incoming } from "./terminal/messages.ts"
import { endings, idle, memory, resizes } from "./terminal/rest.ts"
import { starting, weechat } from "./terminal/starting.ts"
import { typing } from "./terminal/typing.ts"

const folder = mkdtempSync(join(tmpdir(), "qpq-tui-bench-"))
const figures = new Figures()
try {
  await using house = await benchHouse(folder)
  await using peer = weechat()
  if (!peer) console.log("weechat is not installed: measured without a peer")
  await starting(house, peer, figures)
  {
    await using app = house.app()
    await using other = peer?.start()
    await app.shows(`# ${GROUP}`)
    await app.shows("● online")
    await other?.wrote("WeeChat")
    await other?.quiet(1000)
    await app.quiet(1000)
    await incoming(house, app, figures)
    await typing(app, other, figures)
    await idle(app, figures)
    await resizes(house, app, figures)
    await burst(house, app, figures)
    flicker([app], figures)
  }
  await memory(house, figures)
  await endings(house, figures)
  correctness(figures)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(figures.missed === 0 ? "every goal was reached" : `${figures.missed} goals were missed`)
process.exit(figures.missed === 0 ? 0 : 1)
