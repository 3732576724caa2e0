import type { Intake } from '../../electron/charts/intake.ts'
import type { Log } from '../../electron/log.ts'
import { type LoopbackHost, startLoopbackHost } from '../../electron/loopback/server.ts'
import type { AppRouter } from '../../electron/router.ts'
import { createLabRouter } from '../wire/lab-router.ts'
import { rawHttp } from './raw-http.ts'

/** A browser host whose page is in `root`, with the wire's test router behind it. */
export function startLab(intake: Intake, root: string): Promise<LoopbackHost> {
  const silent = (): void => undefined
  const log: Log = { info: silent, warn: silent, error: silent }
  const router = createLabRouter(new AbortController().signal, log, { aborted: [] }) as unknown as AppRouter
  return startLoopbackHost({ app: { router, intake, log }, root, port: 0 })
}

/** The one-use token of its address. */
export function tokenOf(host: LoopbackHost): string {
  return new URL(host.address).hash.replace('#token=', '')
}

/** Exchanges the token as a page does; the headers prove it from then on. */
export async function enter(host: LoopbackHost): Promise<Record<string, string>> {
  const own = { Host: `127.0.0.1:${host.port}`, Origin: `http://127.0.0.1:${host.port}` }
  const body = JSON.stringify({ token: tokenOf(host) })
  const headers = { ...own, 'Content-Length': String(body.length) }
  const answer = await rawHttp(host.port, 'POST /session', headers, body)
  return { ...own, Cookie: answer.headers['set-cookie']?.split(';')[0] ?? '' }
}
