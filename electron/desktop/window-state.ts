import { join } from 'node:path'
import type { BrowserWindow, Rectangle } from 'electron'
import { z } from 'zod'
import { openDocument } from '../document.ts'

const windowStateSchema = z.object({
  bounds: z
    .object({
      x: z.number().int(),
      y: z.number().int(),
      width: z.number().int().min(1).max(20_000),
      height: z.number().int().min(1).max(20_000),
    })
    .optional(),
  maximized: z.boolean(),
})
export type WindowState = z.infer<typeof windowStateSchema>

/** Where the window was, kept in `window.json` of the profile. */
export interface WindowStateStore {
  read(): Promise<WindowState>
  keep(window: BrowserWindow): Promise<void>
}

export function openWindowState(directory: string): WindowStateStore {
  const document = openDocument<WindowState>(join(directory, 'window.json'), windowStateSchema, {
    maximized: false,
  })
  return {
    read: document.read,
    keep: async (window) => {
      const { x, y, width, height } = window.getNormalBounds()
      const state = { bounds: { x, y, width, height }, maximized: window.isMaximized() }
      await document.change(() => state)
    },
  }
}

/** Pixels of the title bar that have to be on a display for the window to be reachable. */
const grip = { width: 100, height: 40 }

/**
 * The stored bounds if the window's top edge can still be grabbed on one of `workAreas`; undefined (let the system
 * choose) if the display it was on is gone. Shrinks what is larger than the display.
 */
export function reachableBounds(
  bounds: Rectangle | undefined,
  workAreas: readonly Rectangle[],
): Rectangle | undefined {
  if (bounds === undefined) return undefined
  const area = workAreas.find(
    ({ x, y, width, height }) =>
      bounds.x + bounds.width >= x + grip.width &&
      bounds.x <= x + width - grip.width &&
      bounds.y >= y &&
      bounds.y <= y + height - grip.height,
  )
  if (area === undefined) return undefined
  return {
    x: bounds.x,
    y: bounds.y,
    width: Math.min(bounds.width, area.width),
    height: Math.min(bounds.height, area.height),
  }
}
