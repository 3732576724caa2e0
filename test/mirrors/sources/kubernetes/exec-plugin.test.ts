import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createExecPlugin,
  type ExecAsked,
  type ExecPlugin,
} from '../../../../electron/mirrors/sources/kubernetes/exec-plugin.ts'
import { failureSchema } from '../../../../shared/model/failure.ts'
import { client } from '../../../fakes/chains.ts'
import { failureIn } from '../../../fakes/failure-in.ts'
import { type KubeHome, makeKubeHome } from '../../../fakes/kubernetes/kubeconfig.ts'

const apiVersion = 'client.authentication.k8s.io/v1'

let home: KubeHome
let now: number
let plugin: ExecPlugin
beforeEach(async () => {
  home = await makeKubeHome()
  now = Date.parse('2026-11-22T12:00:00Z')
  plugin = open()
})
afterEach(() => home.remove())

function open(milliseconds = 15_000): ExecPlugin {
  return createExecPlugin({
    env: { ...home.env, SECRET_OF_THE_SHELL: 'seen' },
    clock: { now: () => now },
    limits: { milliseconds, bytes: 20_000 },
  })
}

function asked(exec: Partial<ExecAsked['exec']> = {}): ExecAsked {
  const cluster = { server: 'https://api.invalid' }
  return { exec: { apiVersion, command: 'log-in', ...exec }, folder: home.path, cluster }
}

/** A plugin that says `status`, and adds a line to `runs` each time it is run. */
function says(status: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const answer = JSON.stringify({ kind: 'ExecCredential', apiVersion, status, ...more })
  return home.program('log-in', `echo run >>${home.path}/runs; cat <<'END'\n${answer}\nEND`)
}

async function runs(): Promise<number> {
  return (await readFile(join(home.path, 'runs'), 'utf8').catch(() => '')).split('\n').length - 1
}

describe('a credential', () => {
  test('is kept until it expires, and made anew then', async () => {
    await says({ token: 'first', expirationTimestamp: '2026-11-22T13:00:00Z' })
    expect(await plugin.credential(asked())).toEqual({ token: 'first' })
    await says({ token: 'second', expirationTimestamp: null })
    now = Date.parse('2026-11-22T12:59:00Z')
    expect(await plugin.credential(asked())).toEqual({ token: 'first' })
    now = Date.parse('2026-11-22T12:59:55Z')
    expect(await plugin.credential(asked())).toEqual({ token: 'second' })
    now += 365 * 86_400_000
    expect(await plugin.credential(asked())).toEqual({ token: 'second' })
    expect(await runs()).toBe(2)
  })

  test('is made once for all who ask at the same time', async () => {
    await says({ token: 'one' })
    const given = await Promise.all(Array.from({ length: 20 }, () => plugin.credential(asked())))
    expect(new Set(given)).toEqual(new Set([given[0]]))
    expect(await runs()).toBe(1)
  })

  test('is made anew once it was not accepted, or once the kubeconfig says something else', async () => {
    await says({ token: 'one' })
    await plugin.credential(asked())
    plugin.forget()
    await plugin.credential(asked())
    expect(await runs()).toBe(2)
    await plugin.credential(asked({ args: ['--other'] }))
    expect(await runs()).toBe(3)
  })

  test('may be a client certificate', async () => {
    await says({ clientCertificateData: client.certificate, clientKeyData: client.key })
    expect(await plugin.credential(asked())).toEqual({ client })
  })
})

describe('how it is run', () => {
  test('with its arguments and environment on top of ours, told that nobody sits there', async () => {
    const answer = '{"kind":"ExecCredential","apiVersion":"%s","status":{"token":"%s %s %s"}}'
    await home.program(
      'log-in',
      `printf '${answer}' ${apiVersion} "$1" "$REGION" "$SECRET_OF_THE_SHELL"; echo "$KUBERNETES_EXEC_INFO" >${home.path}/info`,
    )
    const { token } = await plugin.credential(
      asked({ args: ['get token'], env: [{ name: 'REGION', value: 'eu' }], interactiveMode: 'Never' }),
    )
    expect(token).toBe('get token eu seen')
    expect(JSON.parse(await readFile(join(home.path, 'info'), 'utf8'))).toEqual({
      kind: 'ExecCredential',
      apiVersion,
      spec: { interactive: false },
    })
  })

  test('is shown the cluster where the kubeconfig says so', async () => {
    await home.program('log-in', `echo "$KUBERNETES_EXEC_INFO" >${home.path}/info`)
    await failureIn(plugin.credential(asked({ provideClusterInfo: true })))
    expect(JSON.parse(await readFile(join(home.path, 'info'), 'utf8'))).toMatchObject({
      spec: { cluster: { server: 'https://api.invalid' } },
    })
  })

  test('a relative path is beside the kubeconfig, a name is looked up', async () => {
    await home.program('elsewhere', 'exit 3')
    await says({ token: 'one' })
    expect(await plugin.credential(asked({ command: './bin/log-in' }))).toEqual({ token: 'one' })
    expect((await failureIn(plugin.credential(asked({ command: './log-in' })))).message).toContain(
      'not installed',
    )
  })
})

describe('one that gives nothing', () => {
  const fails = async (exec: Partial<ExecAsked['exec']> = {}, own = plugin) => {
    const failure = failureSchema.parse(await failureIn(own.credential(asked(exec))))
    expect(failure.message).toMatch(/^The kubeconfig's command "[^"]+" gave no credential: /)
    expect(failure).toMatchObject({ phase: 'token', answeredBy: 'chartroom' })
    return failure
  }

  test('hangs: it is stopped with all that it started, and named', async () => {
    await home.program('log-in', `sleep 600 & echo $! >${home.path}/child; wait`)
    const failure = await fails({}, open(300))
    expect(failure).toMatchObject({ kind: 'timeout', retryable: true, next: ['log-in-to-cluster', 'retry'] })
    expect(failure.message).toContain(
      '"log-in" gave no credential: it did not end within 0.3 s and was stopped',
    )
    const child = Number(await readFile(join(home.path, 'child'), 'utf8'))
    await expect.poll(() => isRunning(child)).toBe(false)
  })

  test('hangs and closes its output before: it is stopped all the same', async () => {
    await home.program('log-in', 'exec >&- 2>&-; exec sleep 600')
    expect((await fails({}, open(300))).kind).toBe('timeout')
  })

  test('says too much', async () => {
    await home.program('log-in', 'yes nonsense')
    expect(await fails()).toMatchObject({ kind: 'answer-invalid', retryable: false })
  })

  test('fails: its last words are passed on without what may be a secret', async () => {
    await home.program(
      'log-in',
      `printf '\\033[31mthe session has expired\\033[0m\\n\\nrun: cloud login --now\\ntoken eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiIxMjM0NTY3ODkwIn0\\n' >&2; exit 254`,
    )
    const failure = await fails()
    expect(failure).toMatchObject({ kind: 'unauthorized', next: ['log-in-to-cluster', 'check-kubeconfig'] })
    expect(failure.message).toContain(
      'it ended with 254: the session has expired run: cloud login --now token •••',
    )
    expect(JSON.stringify(failure)).not.toContain('eyJ')
  })

  test('is not there: the kubeconfig’s hint says how to get it', async () => {
    const failure = await fails({ command: 'gone', installHint: 'Install it from\nexample.invalid.' })
    expect(failure.kind).toBe('input-invalid')
    expect(failure.message).toBe(
      'The kubeconfig\'s command "gone" gave no credential: it is not installed. Install it from\nexample.invalid.',
    )
  })

  test.each([
    ['garbage', 'echo "{"', 'what it prints is no ExecCredential'],
    ['nothing', 'true', 'what it prints is no ExecCredential'],
    [
      'no status',
      `echo '{"kind":"ExecCredential","apiVersion":"${apiVersion}"}'`,
      'what it prints is no ExecCredential',
    ],
    [
      'an end that is no time',
      `echo '{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":{"token":"x","expirationTimestamp":"soon"}}'`,
      'what it prints is no ExecCredential',
    ],
    [
      'no credential',
      `echo '{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":{}}'`,
      'holds neither a token nor a certificate',
    ],
    [
      'a certificate without its key',
      `echo '{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":{"clientCertificateData":"x"}}'`,
      'it gives only one',
    ],
    [
      'a certificate that is none',
      `echo '{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":{"clientCertificateData":"x","clientKeyData":"y"}}'`,
      'what it prints is no client certificate',
    ],
    [
      'another version',
      `echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v2","status":{"token":"x"}}'`,
      'another apiVersion',
    ],
  ])('prints %s', async (_what, script, why) => {
    await home.program('log-in', script)
    const failure = await fails()
    expect(failure.kind).toBe('answer-invalid')
    expect(failure.message).toContain(why)
  })

  test.each([
    ['wants a terminal', { interactiveMode: 'Always' }, 'it wants a terminal'],
    [
      'is of a version that is gone',
      { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
      'none of v1 and v1beta1',
    ],
    ['has an argument no program can have', { args: ['a\0b'] }, 'it cannot be run'],
  ])('%s: it is not run', async (_what, exec, why) => {
    await says({ token: 'x' })
    expect((await fails(exec)).message).toContain(why)
    expect(await runs()).toBe(0)
  })

  test('is left alone for a minute, unless somebody wants to know at once', async () => {
    await home.program('log-in', `echo run >>${home.path}/runs; exit 1`)
    await fails()
    await fails()
    expect(await runs()).toBe(1)
    plugin.forget()
    await fails()
    expect(await runs()).toBe(1)
    plugin.forgive()
    await fails()
    expect(await runs()).toBe(2)
    await says({ token: 'one' })
    now += 60_000
    expect(await plugin.credential(asked())).toEqual({ token: 'one' })
  })
})

/** Whether a process still runs; one that ended and was not collected by its parent does not. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return !/\) [ZX] /.test(stat)
}
