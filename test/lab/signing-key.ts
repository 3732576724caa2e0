import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A key of nobody's in the old format helm reads: `secret` to sign with, `public` to verify. */
export interface SigningKey {
  name: string
  secret: string
  public: string
  close(): Promise<void>
}

/** Makes a key with gpg, which `npm run test:lab` installs. */
export async function createSigningKey(): Promise<SigningKey> {
  // gpg's agent listens in its home, and a socket's path must be short
  const home = await mkdtemp(join(tmpdir(), 'gpg-'))
  const name = 'The lab'
  const gpg = async (...words: string[]) => {
    await promisify(execFile)('gpg', ['--homedir', home, '--batch', '--passphrase', '', '--yes', ...words])
  }
  await gpg('--quick-generate-key', name, 'rsa2048', 'sign', 'never')
  const key = { name, secret: join(home, 'secret.gpg'), public: join(home, 'public.gpg') }
  await gpg('--output', key.secret, '--export-secret-keys', name)
  await gpg('--output', key.public, '--export', name)
  return {
    ...key,
    close: async () => {
      await promisify(execFile)('gpgconf', ['--homedir', home, '--kill', 'all'])
      await rm(home, { recursive: true, force: true })
    },
  }
}
