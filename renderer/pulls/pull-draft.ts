import type { ContainerdVersion, PullInput } from '../../shared/model/pull.ts'

/** What the form holds; it need not be a valid input yet. */
export interface PullDraft {
  readonly reference: string
  readonly hostsToml: string
  readonly platform: string
  readonly containerd: ContainerdVersion
  readonly registryId: string | undefined
}

/** Platforms images are commonly built for, as `os/architecture[/variant]`. */
export const platforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/ppc64le',
  'linux/riscv64',
  'linux/s390x',
  'windows/amd64',
] as const

/** Bytes of a hosts.toml that are taken at most; the contract takes no more either. */
export const hostsLimit = 256 * 1024

export function pullInputOf({ registryId, ...draft }: PullDraft): PullInput {
  return { ...draft, reference: draft.reference.trim(), ...(registryId === undefined ? {} : { registryId }) }
}
