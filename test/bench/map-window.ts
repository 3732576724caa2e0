import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Browser, type CDPSession, chromium, type Page } from '@playwright/test'
import { type Host, startHost } from '../e2e/host.ts'
import { AppWindow } from '../e2e/pages/app-window.ts'

const program = fileURLToPath(new URL('agents.ts', import.meta.url))

export const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** The width of the map changes with the window: this is a usual one. */
const viewport = { width: 1440, height: 900 }

export interface Agents {
  /** host:port */
  addresses: string[]
  stop(): Promise<void>
}

/** Starts agents in a process of their own, with texts of so many bytes or small ones. */
export async function startAgents(count: number, bytes: number | 'small'): Promise<Agents> {
  const child = fork(program, [String(count), String(bytes === 'small' ? 0 : bytes)], { stdio: 'inherit' })
  const ended = once(child, 'exit')
  const failed = ended.then(([code]) => Promise.reject(new Error(`the agents ended with ${code} too early`)))
  const [addresses] = (await Promise.race([once(child, 'message'), failed])) as [string[]]
  return {
    addresses,
    stop: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

/** The Mirrors screen over the browser host, in a Chromium that paints without a screen. */
export interface MapWindow {
  host: Host
  browser: Browser
  page: Page
  session: CDPSession
  close(): Promise<void>
}

/** Opens the map of these agents, with marks of what comes to it and what it paints (`marksOf`). */
export async function openMap(addresses: readonly string[]): Promise<MapWindow> {
  const host = await startHost()
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu'],
  })
  const page = await browser.newPage({ viewport })
  await page.addInitScript(markWhatComes)
  await page.goto(host.address)
  await new AppWindow(page).goTo('Mirrors')
  await page.getByRole('button', { name: 'Enter agents' }).click()
  await page.getByLabel('Metrics addresses').fill(addresses.join('\n'))
  await page.getByRole('button', { name: 'Save and ask' }).click()
  const session = await page.context().newCDPSession(page)
  // CPU time: on a busy machine the clock on the wall says nothing of what painting costs
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return {
    host,
    browser,
    page,
    session,
    close: async () => {
      await browser.close()
      await host.stop()
    },
  }
}

/** What happened in the window, ms since 1970. */
export interface Marks {
  /** A view that ends a round came in: when, when its round began and how long that took, and how long its text is. */
  rounds: { came: number; at: number; took: number; letters: number }[]
  /** The map was painted, and the frame with it is done. */
  painted: number[]
}

export function marksOf(page: Page): Promise<Marks> {
  return page.evaluate(() => (window as unknown as { marks: Marks }).marks)
}

/** In the page, before its own scripts: a socket's listener of ours hears a message before the app does. */
function markWhatComes(): void {
  const marks: Marks = { rounds: [], painted: [] }
  Object.assign(window, { marks })
  const now = () => performance.timeOrigin + performance.now()

  const heard = (text: string): void => {
    // sources stand before agents, and one of them is all there is
    const [, at, took] = /"at":(\d+),"took":(\d+)/.exec(text) ?? []
    const isKnown = marks.rounds.some((round) => round.at === Number(at))
    if (at === undefined || isKnown) return
    marks.rounds.push({ came: now(), at: Number(at), took: Number(took), letters: text.length })
  }
  const Socket = WebSocket
  window.WebSocket = class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.addEventListener('message', ({ data }) => typeof data === 'string' && heard(data))
    }
  }

  // the painter sets the scale of a canvas whenever it begins to paint it
  const { setTransform } = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.setTransform = function (...given: unknown[]) {
    if (this.canvas.ariaLabel?.startsWith('Hits and misses by node') === true) {
      requestAnimationFrame(() => marks.painted.push(now()))
    }
    Reflect.apply(setTransform, this, given)
  }
}
