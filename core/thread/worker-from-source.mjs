// First module of a worker thread that is started from TypeScript sources: registers tsx, then loads the real one.
import { argv } from "node:process"
import { register } from "tsx/esm/api"

register()
await import(argv[2])
