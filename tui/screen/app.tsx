/** The screen as Ink renders it: one text per row. What stands in them is picture.ts's affair. */
import { Box, Text } from "ink"
import { memo, useSyncExternalStore } from "react"
import type { ReactElement } from "react"
import type { Picture } from "./picture.ts"
import type { ScreenState } from "./screen-state.ts"
import type { SlowStore } from "./slow-store.ts"

export interface AppProps {
  readonly store: Pick<SlowStore, "getSnapshot" | "subscribe">
  readonly paint: (state: ScreenState) => Picture
}

export function App({ store, paint }: AppProps): ReactElement {
  const state = useSyncExternalStore(store.subscribe, store.getSnapshot)
  const { columns, rows } = state.size
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      {paint(state).rows.map((text, at) => (
        <Row key={at} text={text} />
      ))}
    </Box>
  )
}

/** An empty text would take no row. */
const Row = memo(function Row({ text }: { readonly text: string }): ReactElement {
  return (
    <Box flexShrink={0} height={1}>
      <Text wrap="truncate-end">{text === "" ? " " : text}</Text>
    </Box>
  )
})
