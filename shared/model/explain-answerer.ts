import type { AnswerFacts } from './explain-facts.ts'
import type { Answerer } from './failure.ts'

interface Row {
  /** The observation, in words. */
  because: string
  when: (facts: AnswerFacts) => boolean
  who: (facts: AnswerFacts) => Answerer
}

const itself = (facts: AnswerFacts): Answerer => facts.role
/** A broken or refusing answer comes from something in front; a page where the API should be is another server. */
const inFront = (facts: AnswerFacts): Answerer =>
  facts.status < 400 || (facts.phase === 'ping' && [404, 405].includes(facts.status)) ? 'server' : 'proxy'

/** What may be asked through an API server, and the API server itself. */
const inCluster: ReadonlySet<Answerer> = new Set(['agent', 'mirror', 'api-server'])

const isRedirect = (facts: AnswerFacts) => facts.status >= 300 && facts.status < 400

const gateways =
  /nginx|openresty|cloudflare|envoy|haproxy|traefik|awselb|varnish|squid|akamai|caddy|bigip|netscaler/i
const stores = /amazons3|minio|windows-azure-blob|uploadserver|ceph|swift/i

/** Who answered, from what the answer shows. The first row that holds decides; a status alone never does. */
const rows: Row[] = [
  {
    because: 'a TLS listener that was asked in plain http says so before any application sees the request',
    when: (facts) => saysPlainOnTls(facts),
    who: () => 'server',
  },
  {
    because:
      'a Status of the Kubernetes API: what was to be reached through the API server does not speak it, so it is ' +
      'the API server that answers in its place',
    when: (facts) => facts.clusterStatus !== undefined && inCluster.has(facts.role),
    who: () => 'api-server',
  },
  {
    because:
      "an error in the format of Prometheus' HTTP API, Mimir's complaint about a missing tenant, the challenge " +
      'without a realm of a web.config.file (exporter-toolkit), or the header of a Prometheus that starts or stops',
    when: (facts) => facts.role === 'prometheus' && saysPrometheus(facts),
    who: itself,
  },
  {
    because:
      'a path that Prometheus, Mimir or VictoriaMetrics does not know is refused by their HTTP server in one line',
    when: (facts) =>
      facts.role === 'prometheus' && facts.shape === 'text' && [400, 404, 405].includes(facts.status),
    who: () => 'server',
  },
  {
    because: 'an OCI errors body: only registries and mirrors speak it',
    when: (facts) => facts.shape === 'oci-errors',
    who: itself,
  },
  {
    because: 'Nexus answers with a page of its own where no Docker repository is',
    when: (facts) => facts.shape === 'html' && /^nexus\b/i.test(facts.server ?? ''),
    who: () => 'server',
  },
  {
    because:
      'a page of HTML: no registry, mirror, token service or object store sends one, though a proxy may put ' +
      "Docker-Distribution-Api-Version on it (distribution's nginx recipe does); redirects carry one from anybody",
    when: (facts) => facts.shape === 'html' && !isRedirect(facts),
    who: inFront,
  },
  {
    because: 'Docker-Distribution-Api-Version is set by the registry for all its answers',
    when: (facts) => facts.apiVersion !== undefined && facts.role !== 'agent',
    who: itself,
  },
  {
    because: 'XML errors are the language of object stores',
    when: (facts) => facts.shape === 'xml' || stores.test(facts.server ?? ''),
    who: () => 'storage',
  },
  {
    because: 'a Bearer challenge names a token service: only a registry gives one',
    when: (facts) => facts.role === 'registry' && /^bearer$/i.test(facts.challenge?.scheme ?? ''),
    who: itself,
  },
  {
    because: 'what was asked for came',
    when: (facts) => facts.status >= 200 && facts.status < 300 && facts.shape !== 'text',
    who: itself,
  },
  {
    because: 'metrics are plain text',
    when: (facts) => facts.role === 'agent' && facts.status === 200,
    who: itself,
  },
  {
    because: 'a refusal or a redirect from something that names itself as a gateway',
    when: (facts) => facts.status >= 300 && (facts.via !== undefined || gateways.test(facts.server ?? '')),
    who: () => 'proxy',
  },
  {
    because:
      'Spegel before 0.4 answers with an empty body or one line of text, and newer ones still do for filtered names',
    when: (facts) =>
      facts.role === 'mirror' && facts.server === undefined && ![502, 503, 504].includes(facts.status),
    who: itself,
  },
  {
    because: 'an agent without that path, or that is not ready, says so in one line and names no server',
    when: (facts) => facts.role === 'agent' && facts.server === undefined,
    who: itself,
  },
  {
    because: 'token services answer in JSON of their own',
    when: (facts) => facts.role === 'token-service' && facts.shape === 'json',
    who: itself,
  },
  {
    because: 'plain text without Docker-Distribution-Api-Version is what HTTP stacks and middleboxes say',
    when: (facts) => facts.shape === 'text',
    who: inFront,
  },
]

/** Decides who answered from the facts. */
export function answererOf(facts: AnswerFacts): Answerer {
  return rows.find((row) => row.when(facts))?.who(facts) ?? 'unknown'
}

/** Go's net/http and nginx tell a client that speaks http to a TLS port in words. */
export function saysPlainOnTls(facts: AnswerFacts): boolean {
  return (
    facts.status === 400 &&
    /Client sent an HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled server port/i.test(
      facts.body,
    )
  )
}

function saysPrometheus({ prometheusError, status, body, headers }: AnswerFacts): boolean {
  if (prometheusError !== undefined || headers['x-prometheus-stopping'] !== undefined) return true
  return status === 401 && (body.startsWith('no org id') || headers['www-authenticate'] === 'Basic')
}
