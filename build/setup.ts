import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { commandOf, root, run } from './run.ts'
import { ensureKubernetesTools, exists, onPath } from './tools.ts'

/** What the machine has for the tests. */
export interface Machine {
  /** Path of the browser the journeys run in. */
  browser: string
  /** Whether the suites that talk to a real docker-registry, helm and kubectl can run. */
  lab: boolean
}

/** Debian packages by the command that shows they are there. */
const packages = { 'docker-registry': 'docker-registry', htpasswd: 'apache2-utils', openssl: 'openssl' }

/**
 * Makes sure that everything the tests need is on this machine. On Debian and Ubuntu what is missing is
 * installed when we are root; elsewhere on Linux the message says what to install. macOS and Windows have no
 * docker-registry package, so there the lab is absent and the rest runs.
 * Throws an Error whose message tells a person what to do.
 */
export async function prepare(): Promise<Machine> {
  const browser = await findBrowser()
  if (process.platform !== 'linux') {
    return { browser: browser ?? (await downloadBrowser()), lab: false }
  }
  // Ubuntu's chromium package is a snap, which neither root nor a container can run
  const browserFromApt = browser === undefined && !(await isUbuntu())
  await ensurePackages(browserFromApt ? { ...packages, chromium: 'chromium' } : packages)
  const missing = await ensureKubernetesTools(join(root, '.cache', 'tools'))
  if (missing.length > 0)
    throw new Error(
      `${missing.join(' and ')}: install helm 4 from helm.sh, kubectl from kubernetes.io, on PATH.`,
    )
  return {
    browser: browser ?? (browserFromApt ? await installedBrowser() : await downloadBrowser()),
    lab: true,
  }
}

/**
 * Installs the Debian packages whose command is not on PATH. Throws an Error whose message tells a person what to
 * do where that is not ours to do.
 */
export async function ensurePackages(nameOfCommand: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = []
  for (const [command, name] of Object.entries(nameOfCommand)) {
    if ((await onPath(command)) === undefined) missing.push(name)
  }
  if (missing.length > 0) await installPackages(missing)
}

async function findBrowser(): Promise<string | undefined> {
  const chosen = process.env['CHROMIUM']
  if (chosen !== undefined && chosen !== '') return chosen
  const own = chromium.executablePath()
  if (process.platform !== 'linux') return (await exists(own)) ? own : undefined
  const system = await onPath('chromium', 'google-chrome-stable', 'google-chrome')
  return system ?? ((await exists(own)) ? own : undefined)
}

async function installedBrowser(): Promise<string> {
  const browser = await findBrowser()
  if (browser === undefined)
    throw new Error('The chromium package is installed, but chromium is not on PATH.')
  return browser
}

async function downloadBrowser(): Promise<string> {
  const withSystemLibraries = process.platform === 'linux' && process.getuid?.() === 0 ? ['--with-deps'] : []
  const words = ['install', ...withSystemLibraries, 'chromium']
  const code = await run(process.execPath, [commandOf('@playwright/test', 'playwright'), ...words])
  if (code !== 0) throw new Error(`No browser: "npx playwright ${words.join(' ')}" ended with ${code}.`)
  return chromium.executablePath()
}

async function installPackages(names: string[]): Promise<void> {
  const byHand = `apt-get install ${names.join(' ')}`
  if ((await onPath('apt-get')) === undefined) {
    throw new Error(
      `These are missing, by their Debian names: ${names.join(', ')}. Install them and run again.`,
    )
  }
  if (process.getuid?.() !== 0) throw new Error(`Run this first, then again: sudo ${byHand}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const update = await run('apt-get', ['update', '-qq'], env)
  const install =
    update === 0
      ? await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], env)
      : 1
  if (install !== 0) throw new Error(`"${byHand}" did not work; its own words are above.`)
}

async function isUbuntu(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return /^ID=ubuntu$/m.test(release)
}
