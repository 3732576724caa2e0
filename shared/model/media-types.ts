/** Media types the app gives a meaning to; all others are kept verbatim and shown as artifacts. */
export const mediaTypes = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  imageConfig: 'application/vnd.oci.image.config.v1+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  helmConfig: 'application/vnd.cncf.helm.config.v1+json',
  helmChart: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  helmProvenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
} as const

const manifestTypes = [
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  mediaTypes.dockerManifest,
  mediaTypes.dockerIndex,
]

/**
 * What a manifest request accepts: registries answer 404 to an OCI manifest whose type is not named here. Types the
 * app does not know are taken as they are.
 */
export const manifestAccept = [...manifestTypes, '*/*'].join(', ')

/** Whether content of this type is a manifest for sure; of any other type it may be one. */
export function isManifestType(mediaType: string): boolean {
  return manifestTypes.some((known) => known === mediaType)
}
