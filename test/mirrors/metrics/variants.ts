import { type PrintedFamily, printMetrics } from '../../fakes/agent.ts'

/** Lines of an agent's HTTP histogram, of answers that took up to a second. */
export function withHttp(...all: { handler: string; code: string; method: string; count: number }[]): string {
  const name = 'http_request_duration_seconds'
  const series = all.flatMap(({ count, ...labels }) => [
    ...['0.1', '1', '+Inf'].map((le, index) => ({
      name: `${name}_bucket`,
      labels: { ...labels, le },
      value: index === 0 ? 0 : count,
    })),
    { name: `${name}_sum`, labels, value: count / 2 },
    { name: `${name}_count`, labels, value: count },
  ])
  return printMetrics([{ name, type: 'histogram', series }])
}

/** A text without some of its families. */
export function withoutFamilies(text: string, families: RegExp): string {
  return familiesOf(text)
    .filter(({ name }) => !families.test(name))
    .map(({ lines }) => lines)
    .join('')
}

/**
 * What a k3s node answers: an agent's families sorted in among a kubelet's, some ten thousand lines of labels with
 * everything in them, and among them another server's requests in the very family that Spegel has.
 */
export function inKubelet(text: string): string {
  const kubelet: PrintedFamily[] = Array.from({ length: 400 }, (_, index) => {
    const name = `kubelet_thing_${index}_total`
    const labels = (pod: number) => ({
      namespace: 'kube-system',
      pod: `pod-${pod}`,
      path: `C:\\pods\\"${pod}"\n`,
    })
    const series = Array.from({ length: 25 }, (_, pod) => ({ name, labels: labels(pod), value: index * pod }))
    return { name, type: 'counter', series }
  })
  const node = {
    name: 'kubelet_node_name',
    type: 'gauge',
    series: [{ name: 'kubelet_node_name', labels: { node: 'a' }, value: 1 }],
  }
  const others = withHttp(
    { handler: '/v2/other', code: '200', method: 'GET', count: 7 },
    { handler: '/healthz', code: '200', method: 'GET', count: 7 },
  )
  const mixed = [...familiesOf(text), ...familiesOf(printMetrics([...kubelet, node]))]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, lines }) => (name === 'http_request_duration_seconds' ? lines + seriesIn(others) : lines))
  return mixed.join('')
}

/**
 * The same as client_golang prints it for who asks for OpenMetrics: counters declared without _total and counted with it,
 * whole bounds with ".0", an end.
 */
export function asOpenMetrics(text: string): string {
  const families = familiesOf(text).map(({ name, type, lines }) => {
    const isCounter = type === 'counter'
    const family = isCounter ? name.replace(/_total$/, '') : name
    return lines
      .replaceAll(/le="(\d+)"/g, 'le="$1.0"')
      .replaceAll(new RegExp(`^${name}`, 'gm'), isCounter ? `${family}_total` : name)
      .replace(/^# HELP \S+/m, `# HELP ${family}`)
      .replace(/^# TYPE \S+/m, `# TYPE ${family}`)
  })
  return `${families.join('')}# EOF\n`
}

function seriesIn(text: string): string {
  return text.replaceAll(/^#.*\n/gm, '')
}

function familiesOf(text: string): { name: string; type: string; lines: string }[] {
  return text.split(/^(?=# HELP )/m).map((lines) => {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/m.exec(lines) ?? []
    return { name, type, lines }
  })
}
