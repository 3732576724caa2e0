import type { Page } from '@playwright/test'
import { type MapWindow, marksOf, openMap, startAgents } from './map-window.ts'
import { median } from './measure.ts'

/** Frames of each run: ten seconds where none is late; of the plain canvas fewer, which is slow and always the same. */
const frames = 600
const plainFrames = 120
/** What 2,000 nodes of 20 registries are, painted without any thought. */
const rectangles = 40_000

/** Milliseconds between the frames of a run. */
export interface Frames {
  name: string
  apart: number[]
}

/** The map of many nodes while it is moved, frame by frame, beside a mere canvas of its size. */
export async function panSpeed(nodes: number): Promise<string> {
  const agents = await startAgents(nodes, 'small')
  try {
    const map = await openMap(agents.addresses)
    try {
      return tableOfFrames(await moved(map, nodes))
    } finally {
      await map.close()
    }
  } finally {
    await agents.stop()
  }
}

async function moved({ page, browser }: MapWindow, nodes: number): Promise<Frames[]> {
  const map = page.getByRole('application', { name: /^Hits and misses by node/ })
  await map.waitFor({ timeout: 120_000 })
  await page.waitForFunction(
    () => (window as unknown as { marks: { rounds: unknown[] } }).marks.rounds.length > 0,
    undefined,
    { timeout: 120_000 },
  )
  const before = (await marksOf(page)).rounds.length
  await page.getByRole('button', { name: 'Ask all agents now' }).click()
  const whileRoundsCome = await framesOf(page, 'scroll')
  const came = (await marksOf(page)).rounds.length - before
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  const runs = [
    { name: `${nodes} nodes scrolled, live (rounds meanwhile: ${came})`, apart: whileRoundsCome },
    { name: `${nodes} nodes scrolled, paused`, apart: await framesOf(page, 'scroll') },
    { name: `${nodes} nodes zoomed in and out, paused`, apart: await framesOf(page, 'zoom') },
    { name: `${nodes} nodes under the pointer, paused`, apart: await framesOf(page, 'point') },
  ]
  const size = await map.evaluate(({ width, height }: HTMLCanvasElement) => ({ width, height }))
  const plain = await browser.newPage({ viewport: { width: size.width, height: size.height } })
  const peers = [
    { name: 'a canvas of that size, cleared', apart: await framesOfCanvas(plain, size, 0) },
    {
      name: `a canvas of that size, ${rectangles} fillRect`,
      apart: await framesOfCanvas(plain, size, rectangles),
    },
  ]
  await plain.close()
  return [...runs, ...peers]
}

/** Moves the map by a little in every frame. */
function framesOf(page: Page, how: 'scroll' | 'zoom' | 'point'): Promise<number[]> {
  return page.evaluate(
    async ({ how, frames }) => {
      const canvas = document.querySelector<HTMLCanvasElement>('canvas[role=application]')
      const scroller = canvas?.parentElement?.parentElement
      if (canvas === null || scroller === null || scroller === undefined) throw new Error('there is no map')
      const box = canvas.getBoundingClientRect()
      const move = (frame: number): void => {
        const to = frame % 120 < 60 ? 1 : -1
        if (how === 'scroll') scroller.scrollBy(0, to * 45)
        const at = {
          bubbles: true,
          cancelable: true,
          clientX: box.x + 300,
          clientY: box.y + 60 + (frame % 120) * 4,
        }
        if (how === 'point') canvas.dispatchEvent(new PointerEvent('pointermove', at))
        if (how === 'zoom')
          canvas.dispatchEvent(new WheelEvent('wheel', { ...at, ctrlKey: true, deltaY: to * -20 }))
      }
      const times: number[] = []
      for (let frame = 0; frame <= frames; frame += 1) {
        times.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)))
        move(frame)
      }
      return times.slice(1).map((time, index) => time - (times[index] ?? 0))
    },
    { how, frames },
  )
}

/** Clears a canvas in every frame and fills so many rectangles of it. */
function framesOfCanvas(
  page: Page,
  size: { width: number; height: number },
  count: number,
): Promise<number[]> {
  return page.evaluate(
    async ({ width, height, count, frames }) => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width, height })
      document.body.replaceChildren(canvas)
      const context = canvas.getContext('2d')
      const colours = Array.from({ length: 7 }, (_, index) => `hsl(${index * 50} 50% 50%)`)
      if (context === null) throw new Error('there is no canvas')
      const times: number[] = []
      for (let frame = 0; frame <= frames; frame += 1) {
        times.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)))
        context.clearRect(0, 0, width, height)
        for (let index = 0; index < count; index += 1) {
          context.fillStyle = colours[(index + frame) % colours.length] ?? ''
          context.fillRect(
            (index % 20) * (width / 20),
            Math.floor(index / 20) * (height / 2000),
            width / 21,
            2,
          )
        }
      }
      return times.slice(1).map((time, index) => time - (times[index] ?? 0))
    },
    { ...size, count, frames: plainFrames },
  )
}

/** Of the longest frames: all that are longer than 50 ms would be seen. */
export function tableOfFrames(runs: readonly Frames[]): string {
  return [
    '| moved | frames | median ms | 95 of 100 within ms | longest ms | over 50 ms |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...runs.map(({ name, apart }) => {
      const sorted = apart.toSorted((one, other) => one - other)
      const within = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN
      const longest = sorted.at(-1) ?? Number.NaN
      const late = apart.filter((each) => each > 50).length
      return `| ${[name, apart.length, ...[median(apart), within, longest].map((ms) => ms.toFixed(1)), late].join(' | ')} |`
    }),
  ].join('\n')
}
