import { failureError } from '../shared/model/local-failure.ts'
import type { Reference } from '../shared/model/reference.ts'
import type { Transport } from './oci/ask.ts'
import { authorize } from './oci/authorize.ts'
import type { RepositoryPlace } from './oci/place.ts'
import { defaultServer } from './pulls/hosts-toml.ts'
import type { Registries } from './registries/registries.ts'

/** The registries behind mirrors, asked with the credential of a saved one or with none. */
export interface Upstreams {
  /**
   * A saved credential goes to the registry it was saved for and nowhere else. A job that was to use it and could not
   * would blame the upstream, so it is refused before it begins: a FailureError `input-invalid`.
   */
  transportTo(registryId: string | undefined, url: string): Promise<Transport>
  /** Where an image comes from: at the address of the saved registry where one is named, which must be its own. */
  placeOf(reference: Reference, registryId: string | undefined): Promise<RepositoryPlace>
}

export function createUpstreams(ports: {
  transport: Transport
  registries: Pick<Registries, 'client' | 'urlOf'>
}): Upstreams {
  const { transport, registries } = ports

  const transportTo: Upstreams['transportTo'] = async (registryId, url) => {
    if (registryId === undefined) return authorize(transport, { credential: undefined, registryUrl: url })
    const client = await registries.client(registryId)
    const [saved, asked] = [new URL(client.url).origin, new URL(url).origin]
    if (saved === asked) return client.once
    throw failureError(
      'input-invalid',
      'input',
      `The chosen credential belongs to ${saved} and is not sent to the upstream of this pull, ${asked}.`,
      {
        evidence: [
          { fact: 'expected', value: asked },
          { fact: 'actual', value: saved },
        ],
        next: ['check-pull-secret'],
      },
    )
  }

  return {
    transportTo,
    placeOf: async (reference, registryId) => {
      const usual = defaultServer(reference.registry)
      const saved = registryId === undefined ? undefined : await registries.urlOf(registryId)
      // its scheme is what the user said; its host must be the image's
      const url = saved !== undefined && new URL(saved).host === new URL(usual).host ? saved : usual
      return { transport: await transportTo(registryId, url), url, repository: reference.repository }
    },
  }
}
