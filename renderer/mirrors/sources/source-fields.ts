import {
  type KubeContext,
  type SourceDraft,
  sourceDraftSchema,
  type SourceEntry,
} from '../../../shared/model/mirror-source.ts'
import { tlsDraftOf, type TlsFields, tlsFieldsOf } from '../../parts/tls-draft.ts'
import type { SourceKind } from '../../state/source-dialog.ts'
import { type AddressProblem, parseAddresses } from './addresses.ts'

/** What is written in the form of a source; what another kind needs is kept, so that nothing typed is lost. */
export interface SourceFields {
  kind: SourceKind
  /** Empty: what it asks is its name. */
  name: string
  /** Metrics addresses, one a line. */
  addresses: string
  /** Path; empty is what kubectl would read. */
  kubeconfig: string
  /** Empty is the current one. */
  context: string
  url: string
  matchers: string
  tenant: string
  mirrorPort: number | string
  credential: 'none' | 'basic' | 'bearer'
  username: string
  /** Empty: what is kept stays. */
  secret: string
  tls: TlsFields
}

/** Spegel's hostPort. */
const usualPort = 30_020

export function sourceFieldsOf(entry: SourceEntry | undefined, kind: SourceKind): SourceFields {
  const settings = entry?.settings
  return {
    kind: settings?.kind ?? kind,
    name: entry?.name ?? '',
    addresses: settings?.kind === 'agents' ? settings.addresses.join('\n') : '',
    kubeconfig: settings?.kind === 'kubernetes' ? (settings.kubeconfig ?? '') : '',
    context: settings?.kind === 'kubernetes' ? settings.context : '',
    url: settings?.kind === 'prometheus' ? settings.url : '',
    matchers: settings?.kind === 'prometheus' ? settings.matchers : '',
    tenant: settings?.kind === 'prometheus' ? (settings.tenant ?? '') : '',
    mirrorPort: settings === undefined || settings.kind === 'kubernetes' ? usualPort : settings.mirrorPort,
    credential: entry?.credential.kind ?? 'none',
    username: entry?.credential.username ?? '',
    secret: '',
    tls: tlsFieldsOf(entry?.tls),
  }
}

/** Whether a password or token of the source is kept that these fields would leave as it is. */
export function keepsSecret(fields: SourceFields, entry: SourceEntry | undefined): boolean {
  return entry?.credential.hasSecret === true && entry.credential.kind === fields.credential
}

/** Whether who is asked is asked over TLS: of a list of agents, any. */
export function isSecure({ kind, url, addresses }: SourceFields): boolean {
  if (kind === 'kubernetes') return false
  return /^\s*https:\/\//im.test(kind === 'prometheus' ? url : addresses)
}

/** What a source is called that was given no name. */
export function suggestedName(fields: SourceFields, agentsName: string): string {
  switch (fields.kind) {
    case 'agents':
      return agentsName
    case 'kubernetes':
      return fields.context.slice(0, 100)
    case 'prometheus':
      return URL.canParse(urlOf(fields)) ? new URL(urlOf(fields)).host.slice(0, 100) : ''
  }
}

/** The fields with the context kubectl would use where none was chosen. */
export function withContext(
  fields: SourceFields,
  contexts: readonly KubeContext[] | undefined,
): SourceFields {
  if (fields.kind !== 'kubernetes' || fields.context !== '') return fields
  const current = contexts?.find((one) => one.current) ?? contexts?.[0]
  return current === undefined ? fields : { ...fields, context: current.name }
}

/** Fields that cannot be right, by name; the words are the form's. */
export type SourceProblems = Partial<
  Record<'name' | 'addresses' | 'context' | 'url' | 'mirrorPort' | 'username' | 'secret', true>
> & {
  /** Lines that are no address. */
  lines?: readonly AddressProblem[]
}

/** The draft the fields say, or what is wrong with them. */
export function sourceDraftOf(
  fields: SourceFields,
  { entry, agentsName }: { entry: SourceEntry | undefined; agentsName: string },
): { draft?: SourceDraft; problems: SourceProblems } {
  const problems: SourceProblems = {}
  const { kind, credential, username, secret } = fields
  const name = fields.name.trim() || suggestedName(fields, agentsName)
  if (name === '') problems.name = true
  const { agents, problems: lines } = parseAddresses(fields.addresses)
  if (kind === 'agents' && lines.length > 0) problems.lines = lines
  else if (kind === 'agents' && agents.length === 0) problems.addresses = true
  if (kind === 'kubernetes' && fields.context === '') problems.context = true
  if (kind === 'prometheus' && !isAddress(urlOf(fields))) problems.url = true
  if (kind !== 'kubernetes' && !isPort(Number(fields.mirrorPort))) problems.mirrorPort = true
  if (kind !== 'kubernetes' && credential !== 'none') {
    if (credential === 'basic' && username === '') problems.username = true
    if (secret === '' && !keepsSecret(fields, entry)) problems.secret = true
  }
  if (Object.keys(problems).length > 0) return { problems }
  const parsed = sourceDraftSchema.safeParse({
    name,
    settings: settingsOf(fields, agents),
    credential: credentialOf(fields),
    ...(isSecure(fields) && { tls: tlsDraftOf(fields.tls) }),
  })
  return parsed.success ? { draft: parsed.data, problems } : { problems: { [problemOf(kind)]: true } }
}

/** Where a bound of the schema is broken: too many addresses, a text too long. */
function problemOf(kind: SourceKind): 'addresses' | 'context' | 'url' {
  return ({ agents: 'addresses', kubernetes: 'context', prometheus: 'url' } as const)[kind]
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535
}

function settingsOf(fields: SourceFields, addresses: string[]) {
  const { kind, kubeconfig, context, matchers, tenant } = fields
  const mirrorPort = Number(fields.mirrorPort)
  switch (kind) {
    case 'agents':
      return { kind, addresses, mirrorPort }
    case 'kubernetes':
      return { kind, context, ...(kubeconfig.trim() !== '' && { kubeconfig: kubeconfig.trim() }) }
    case 'prometheus':
      return {
        kind,
        url: urlOf(fields),
        matchers: matchers.trim(),
        mirrorPort,
        ...(tenant.trim() !== '' && { tenant: tenant.trim() }),
      }
  }
}

function credentialOf({ kind, credential, username, secret }: SourceFields) {
  if (kind === 'kubernetes' || credential === 'none') return { kind: 'none' as const }
  return credential === 'basic'
    ? { kind: credential, username, ...(secret !== '' && { password: secret }) }
    : { kind: credential, ...(secret !== '' && { token: secret }) }
}

/** What was typed, without the spaces and the closing slash people paste along. */
function urlOf({ url }: SourceFields): string {
  return url.trim().replace(/\/+$/, '')
}

function isAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:\/\/[^/]/i.test(url)
}
