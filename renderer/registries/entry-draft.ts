import type { RegistryDraft, RegistryEntry } from '../../shared/model/registry.ts'

/** A saved entry as the draft that changes nothing about it. */
export function draftOfEntry({ name, url, credential }: RegistryEntry): RegistryDraft {
  const { source, username } = credential
  return {
    name,
    url,
    credential:
      source === 'password' && username !== undefined
        ? { source, username }
        : { source: source === 'docker-config' ? source : 'anonymous' },
  }
}
