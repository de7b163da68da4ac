#!/usr/bin/env bash
# Generates core/wire/generated from schemas/*.capnp. Needs Debian's capnproto. Commit what it writes.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v capnp >/dev/null || { echo "capnp is missing: apt-get install capnproto" >&2; exit 69; }
out=core/wire/generated
mkdir -p "$out"
npx capnp-es schemas/*.capnp --src-prefix=schemas "-ots:$out" </dev/null
sed -i -E "s/^  (static readonly _capnp|toString\(\))/  override \1/; s/override static readonly/static override readonly/" "$out/node.ts"
capnp compile -o- --src-prefix=schemas schemas/node.capnp | npx tsx scripts/gen-shapes.ts NodeService >"$out/node-shapes.ts"
