import { readFileSync } from 'node:fs'

const real = readFileSync(new URL('../fixtures/metrics/real-v0.7.4-mixed.txt', import.meta.url), 'utf8')
const registries = Array.from({ length: 20 }, (_, index) => `registry-${index}.example.com:5000`)
const answers = [
  ...['200', '206', '404', '416', '500'].map((code) => ({ code, method: 'GET' })),
  ...['200', '404', '500'].map((code) => ({ code, method: 'HEAD' })),
]

/**
 * The metrics of a busy v0.7.4 agent, of `bytes` bytes at least: a real one's text, with every answer a mirror gives, 20
 * registries, and as many more of libp2p's labels (peers' transports, protocols, errors) as it takes.
 */
export function agentText(bytes: number): string {
  const families = real.split(/^(?=# HELP )/m).map(grown)
  const rest = families.filter((family) => !isOfPeers(family)).join('')
  const peers = families.filter(isOfPeers).join('')
  const times = Math.ceil((bytes - rest.length) / peers.length)
  return families.map((family) => (isOfPeers(family) ? repeated(family, times) : family)).join('')
}

/** Whether it is one of libp2p's that has labels: so many more as there are peers of other kinds. */
function isOfPeers(family: string): boolean {
  return /^libp2p_[a-z_]+\{(?!le=)/m.test(family)
}

/** With all answers, or all registries, where it has any. */
function grown(family: string): string {
  const [head, lines] = parted(family)
  const mirrored = lines.filter((line) => line.includes('code="200",handler="/v2/*",method="GET"'))
  if (mirrored.length > 0) {
    const of = ({ code, method }: (typeof answers)[number]) =>
      mirrored.map((line) => line.replace('"200"', `"${code}"`).replace('"GET"', `"${method}"`))
    return [...head, ...lines.filter((line) => !line.includes('"/v2/*"')), ...answers.flatMap(of), ''].join(
      '\n',
    )
  }
  if (!family.startsWith('# HELP spegel_') || !family.includes('registry="')) return family
  const named = registries.flatMap((registry) =>
    lines.map((line) => line.replace(/registry="[^"]*"/, `registry="${registry}"`)),
  )
  return [...head, ...named, ''].join('\n')
}

/** Every labelled series so many times, told apart by its first label. */
function repeated(family: string, times: number): string {
  const [head, lines] = parted(family)
  const copies = Array.from({ length: times }, (_, index) =>
    lines.map((line) => (index === 0 ? line : line.replace(/="([^"]*)"/, `="$1-${index}"`))),
  )
  return [...head, ...copies.flat(), ''].join('\n')
}

function parted(family: string): [head: string[], lines: string[]] {
  const lines = family.split('\n').filter((line) => line !== '')
  return [lines.filter((line) => line.startsWith('#')), lines.filter((line) => !line.startsWith('#'))]
}
