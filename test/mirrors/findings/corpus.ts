import type { SourceCase } from '../../../electron/mirrors/findings/case.ts'
import { agent, answers, asked, idle, silent, source, took } from './cases.ts'

const busy = agent('a')
const runs = (runtime: string) => idle('b', { identity: { runtime } })
const misses = (name: string, count: number) => agent(name, { sample: { counts: [asked(0, count)] } })
const faulty = (tag?: string) =>
  agent('b', {
    sample: { answers: answers({ 200: 90, 500: 9 }) },
    identity: tag === undefined ? {} : { image: `ghcr.io/spegel-org/spegel:${tag}` },
  })
const late = took({ 0.005: 10, 0.025: 90 })
const probed = (name: string, ready: number, notReady: number) =>
  agent(name, { window: { readiness: { ready, notReady } } })
const gauge = (what: string, count: number) => ({ what, registry: 'docker.io', count })
const asksBoth = (name: string, hits: number, requests: number) =>
  agent(name, { sample: { counts: [asked(50, 50), asked(hits, requests, 'quay.io')] } })

/** Sources that together have every finding there is, each of its causes once at least. */
export const corpus: readonly SourceCase[] = [
  source([
    silent('a', 'refused'),
    silent('b', 'timeout'),
    silent('c', 'dns'),
    silent('d', 'denied'),
    silent('e', 'server-fault'),
    silent('f', 'not-running'),
    silent('g', 'not-scraped'),
    silent('h', 'metrics-invalid'),
  ]),
  source([busy, runs('containerd://2.1.5')]),
  source([busy, runs('containerd://2.2.0')]),
  source([busy, runs('containerd://1.7.29')]),
  source([busy, runs('containerd://2.1.5-k3s1')]),
  source([busy, runs('')]),
  source([idle('a'), idle('b')]),
  source([asksBoth('a', 30, 0), asksBoth('b', 30, 0), asksBoth('c', 30, 0), agent('d')]),
  source([busy, misses('b', 300), misses('c', 300)]),
  source([misses('a', 90), misses('b', 90)]),
  source([busy, faulty('v0.0.20')]),
  source([busy, faulty('v0.3.0')]),
  source([busy, faulty('v0.7.4')]),
  source([busy, faulty()]),
  source([busy, agent('b', { sample: { notFound: late, counts: [asked(0, 100)] } })]),
  source([
    busy,
    agent('b', {
      sample: { notFound: late, resolve: took({ 0.005: 50, 0.025: 40 }), counts: [asked(60, 100)] },
    }),
  ]),
  source([
    busy,
    agent('b', { sample: { notFound: late, resolve: took({ 0.005: 90 }), counts: [asked(30, 100)] } }),
  ]),
  source([probed('a', 0, 360)], 3600),
  source([probed('a', 0, 360), probed('b', 0, 360)], 3600),
  source([probed('a', 360, 0), probed('b', 0, 360)], 3600),
  source([busy, agent('b', { sample: { peers: 0 } })]),
  source([busy, agent('b', { up: 0.5, window: { restarts: 1 } })], 3600),
  source([busy, agent('b', { up: 3, day: { restarts: 4 } })]),
  source([busy, agent('b', { up: 3, sample: { resident: 125_000_000 }, day: { restarts: 4 } })]),
  source([busy, agent('b', { window: { restarts: 1 } })], 3600),
  source([busy, agent('b', { sample: { advertised: [] } })]),
  source([busy, agent('b', { sample: { advertised: [gauge('content_digests', 0)] } })]),
  source([busy, agent('b', { sample: { advertised: [gauge('image_tags', 4)] } })]),
  source([asksBoth('a', 0, 100), asksBoth('b', 1, 100), asksBoth('c', 0, 100)]),
  source([busy, agent('b', { sample: { resolve: took({ 0.005: 200 }), counts: [asked(1, 150)] } })]),
  source([agent('a', { offset: 0 }), agent('b', { offset: 100 }), agent('c', { offset: 90_000 })]),
  source([agent('a', { offset: 3_600_000 }), agent('b', { offset: 3_600_000 })]),
  source([idle('a', { identity: { name: 'node-1' } }), idle('b', { identity: { name: 'node-1' } })]),
  source([agent('a', { sample: { startedAt: 5 } }), agent('b', { sample: { startedAt: 5 } })]),
  source([busy, agent('b', { window: { counts: [asked(1e9, 1e8)] } })], 3600),
]
