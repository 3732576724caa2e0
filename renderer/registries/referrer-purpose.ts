export type ReferrerPurpose = 'signature' | 'sbom' | 'provenance'

/** Artifact types by what they are for: cosign, notation; SPDX, CycloneDX, syft; in-toto, SLSA. A sigstore bundle may be either. */
const purposes: ReadonlyArray<[ReferrerPurpose, RegExp]> = [
  ['signature', /cosign\.(?:artifact\.sig|simplesigning)|notary\.signature|\bsignature\b/],
  ['sbom', /\bspdx\b|cyclonedx|\bsyft\b|\bsbom\b/],
  ['provenance', /in-toto|slsa|\bprovenance\b|\battestation\b/],
]

/** What a referrer of this artifact type is for; undefined where its type does not say. */
export function purposeOf(artifactType: string): ReferrerPurpose | undefined {
  return purposes.find(([, type]) => type.test(artifactType.toLowerCase()))?.[0]
}
