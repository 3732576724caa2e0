import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FakeApiServer } from './api-server.ts'

/** A home of its own, with kubeconfigs; JSON is YAML. */
export interface KubeHome {
  path: string
  /** PATH has nothing but the programs of `program`, and the system's shell. */
  env: Record<string, string>
  /** Writes below the home and returns the whole path. */
  write(path: string, content: string | object): Promise<string>
  /** Writes a shell script that is found by its name. */
  program(name: string, script: string): Promise<string>
  remove(): Promise<void>
}

export async function makeKubeHome(): Promise<KubeHome> {
  const path = await mkdtemp(join(tmpdir(), 'chartroom-kube-'))
  const put = async (below: string, content: string | object, mode = 0o600) => {
    const file = join(path, below)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content), { mode })
    return file
  }
  return {
    path,
    env: { HOME: path, PATH: `${join(path, 'bin')}:/usr/bin:/bin` },
    write: put,
    program: (name, script) => put(join('bin', name), `#!/bin/sh\n${script}\n`, 0o755),
    remove: () => rm(path, { recursive: true, force: true }),
  }
}

/** A kubeconfig with one context, `lab`, for the fake API server. */
export function kubeconfigFor(
  server: Pick<FakeApiServer, 'url' | 'ca'>,
  user: Record<string, unknown> = { token: 'secret-token' },
  more: { namespace?: string; cluster?: Record<string, unknown> } = {},
) {
  const ca = Buffer.from(server.ca).toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [
      { name: 'lab', cluster: { server: server.url, 'certificate-authority-data': ca, ...more.cluster } },
    ],
    users: [{ name: 'ada', user }],
    contexts: [
      {
        name: 'lab',
        context: { cluster: 'lab', user: 'ada', ...(more.namespace ? { namespace: more.namespace } : {}) },
      },
    ],
  }
}
