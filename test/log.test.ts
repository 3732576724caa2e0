import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const log = new URL('../electron/log.ts', import.meta.url).href

test('the log is JSON lines on stderr, without secrets, and complete when the process ends at once', async () => {
  const program = `
    import { createLog } from '${log}'
    const log = createLog()
    log.warn({ token: 'abc-1', request: { headers: { authorization: 'abc-2' }, password: 'abc-3' } }, 'first')
    log.error({ err: new Error('broken') }, 'second')
    process.exit(0)
  `
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  const { stdout, stderr } = await run
  expect(stdout).toBe('')
  expect(stderr).not.toContain('abc-')
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(lines).toMatchObject([
    { msg: 'first', token: '•••', request: { password: '•••' } },
    { msg: 'second', err: { message: 'broken' } },
  ])
})
