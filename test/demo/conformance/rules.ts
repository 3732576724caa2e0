import { expect, test } from 'vitest'
import { discoveryRules } from './discovery.ts'
import { managementRules } from './management.ts'
import { pullRules } from './pull.ts'
import { pushBlobRules } from './push-blobs.ts'
import { pushManifestRules } from './push-manifests.ts'
import { type Observed, type Rule, serverAt } from './rule.ts'

/** All of them, by category of the spec: pull, push, content discovery, content management. */
export const rules: readonly Rule[] = [
  ...pullRules,
  ...pushBlobRules,
  ...pushManifestRules,
  ...discoveryRules,
  ...managementRules,
]

/** What a server does instead of what a rule expects, and why that is so. */
export interface Difference {
  observed: Observed
  because: string
}

/**
 * One test a rule against the registry at `url()`. A difference, by the rule's sentence, is what this registry is
 * known to do instead: a test fails as well when the registry has mended it.
 */
export function testRules(url: () => string, differences: Readonly<Record<string, Difference>> = {}): void {
  for (const [number, { end, section, sentence, run, expected }] of rules.entries()) {
    const name = `${section} (${end}): ${sentence}`
    const difference = differences[`${end}: ${sentence}`]
    test(difference === undefined ? name : `${name}; differs, as ${difference.because}`, async () => {
      expect(await run(serverAt(url(), `conformance/rule-${number}`))).toEqual(
        difference?.observed ?? expected,
      )
    })
  }
  test('every declared difference is one of a rule', () => {
    const known = new Set(rules.map(({ end, sentence }) => `${end}: ${sentence}`))
    expect(Object.keys(differences).filter((key) => !known.has(key))).toEqual([])
  })
}
