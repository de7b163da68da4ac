/** How wishes change the dialog that makes a group. */
import type { CreateOverlay, CreateWish } from "./create-dialog.ts"
import type { Reducers, ScreenState } from "./screen-state.ts"

export const CREATE_REDUCERS: Reducers<CreateWish["kind"]> = {
  createFieldMoved: (state) =>
    mapCreate(state, (dialog) =>
      dialog.busy || dialog.made !== undefined
        ? dialog
        : { ...dialog, field: dialog.field === "name" ? "members" : "name" },
    ),
  createMade: (state, { groupId }) => mapCreate(state, (dialog) => ({ ...dialog, made: groupId, field: "members" })),
  createFailed: (state, { at, problem }) =>
    mapCreate(state, (dialog) => ({ ...dialog, busy: false, problem, problemAt: at, field: at })),
}

const mapCreate = (state: ScreenState, change: (dialog: CreateOverlay) => CreateOverlay): ScreenState =>
  state.overlay?.kind === "create" ? { ...state, overlay: change(state.overlay) } : state
