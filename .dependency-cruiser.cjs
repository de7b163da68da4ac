/** The floor plan, enforced. Each rule is a wall; the comment says who may not walk through it. */
const wall = (name, from, to, comment) => ({ name, severity: "error", comment, from, to })

module.exports = {
  forbidden: [
    wall("no-circle", {}, { circular: true }, "A circle of imports has no bottom to read from."),
    wall(
      "domain-stands-alone",
      { path: "^core/domain/" },
      { path: "^(core/(?!domain/)|server/|tui/|test/)" },
      "Domain terms know nothing of how they are used.",
    ),
    wall(
      "contract-is-only-words",
      { path: "^core/contract/" },
      { pathNot: "^core/(domain|contract)/" },
      "The contract speaks in domain terms and nothing else.",
    ),
    wall(
      "core-knows-no-face-and-no-server",
      { path: "^core/" },
      { path: "^(server|tui|test)/" },
      "core is used by server and tui, never the other way.",
    ),
    wall(
      "crypto-has-no-floor-above",
      { path: "^core/(crypto|wire|transport|sqlite|opaque)/" },
      { path: "^core/(mls|rpc|store|client)/" },
      "The lower floor does not look up.",
    ),
    wall(
      "middle-knows-no-client",
      { path: "^core/(mls|rpc|store)/" },
      { path: "^core/client/" },
      "Engine, RPC and stores are used by the client, not the reverse.",
    ),
    {
      name: "server-is-blind",
      severity: "error",
      comment: "The server cannot read messages: nothing it reaches, directly or through others, could open one.",
      from: { path: "^server/" },
      to: {
        path: "^core/(client|store)/|^core/mls/(?!key-package-check)|^core/crypto/(envelope|hybrid|kem|hpke)|node_modules/ts-mls",
        reachable: true,
      },
    },
    wall("faces-do-not-meet-the-server", { path: "^tui/" }, { path: "^server/" }, "They meet over the wire."),
    wall("server-knows-no-face", { path: "^server/" }, { path: "^tui/" }, "They meet over the wire."),
    wall(
      "faces-use-the-client",
      { path: "^tui/", pathNot: "^tui/core-(host|worker)\\.ts$" },
      { path: "^core/(?!client/|domain/)" },
      "A face knocks on core/client; one composition file builds the session.",
    ),
    wall("screen-and-cli-apart", { path: "^tui/screen/" }, { path: "^tui/cli/" }, "Two faces, one session."),
    wall(
      "reader-draws-nothing",
      { path: "^tui/screen/reader/" },
      { path: "^tui/screen/(app|surface|frame-(stream|writer)|picture)\\.tsx?$|node_modules/(react|ink)" },
      "Plain lines have no frame.",
    ),
    wall("cli-and-screen-apart", { path: "^tui/cli/" }, { path: "^tui/screen/" }, "Two faces, one session."),
    wall(
      "only-mls-knows-ts-mls",
      { pathNot: "^(core/mls/|test/)" },
      { path: "node_modules/ts-mls" },
      "Replace ts-mls in one room.",
    ),
    wall(
      "only-sqlite-knows-sqlite",
      { pathNot: "^(core/sqlite/|test/)" },
      { path: "node_modules/better-sqlite3" },
      "One door to SQLite.",
    ),
    wall(
      "only-wire-knows-capnp",
      { pathNot: "^(core/wire/|core/rpc/|test/)" },
      { path: "node_modules/capnp-es|^core/wire/generated" },
      "Generated code does not leave core/wire and core/rpc.",
    ),
    wall(
      "only-transport-knows-quic",
      { pathNot: "^(core/transport/|test/)" },
      { path: "node_modules/@matrixai" },
      "One door to the network.",
    ),
    wall(
      "only-opaque-knows-opaque",
      { pathNot: "^(core/opaque/|test/)" },
      { path: "node_modules/@serenity-kit" },
      "One door to OPAQUE.",
    ),
    wall(
      "only-screen-knows-react",
      { pathNot: "^(tui/screen|test)/" },
      { path: "node_modules/(react|ink)" },
      "The CLI does not load React.",
    ),
    wall(
      "only-screen-draws-codes",
      { pathNot: "^(tui/screen|test)/" },
      { path: "node_modules/qrcode-generator" },
      "One maker of QR codes.",
    ),
    wall(
      "only-crypto-knows-words",
      { pathNot: "^(core/crypto|test)/" },
      { path: "node_modules/@scure/bip39" },
      "The word list is digits, not a wallet.",
    ),
    wall(
      "only-the-client-guesses",
      { pathNot: "^(core/client/strength-library\\.ts|test/)" },
      { path: "node_modules/@zxcvbn-ts" },
      "Its word lists are loaded by whoever makes up a password, and by nobody else.",
    ),
    wall(
      "only-ops-knows-fastify",
      { pathNot: "^(server/ops|test)/" },
      { path: "node_modules/fastify" },
      "One door to HTTP.",
    ),
    wall(
      "no-test-code-shipped",
      { path: "^(core|server|tui)/" },
      { path: "^test/|node_modules/(vitest|fast-check|ink-testing-library)" },
      "Tests use the product, not the reverse.",
    ),
    wall(
      "no-dev-dependency-shipped",
      { path: "^(core|server|tui)/", pathNot: "^core/thread/worker-from-source" },
      { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "node_modules/@types/" },
      "What ships is a dependency.",
    ),
    wall(
      "no-orphan",
      { orphan: true, pathNot: "\\.d\\.ts$|main\\.tsx?$|worker\\.ts$|\\.test\\.tsx?$" },
      {},
      "A file nobody imports is dead or untested.",
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
}
