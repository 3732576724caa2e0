import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isInRange } from '../../electron/charts/version-range.ts'
import { archiveOf, chartYaml } from '../fakes/charts.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

let helm: Helm
beforeAll(async () => {
  helm = await openHelm()
})
afterAll(() => helm.close())

const ranges = [
  '1.2.3 =1.2.3 v1.2.3 1.2 1 =1.2 1.2.x 1.x 1.X.X 1.*.3 x X * *.* v1.x',
  '!=1.2.3 !=1.2 !=1.x !=1 !=* !=1.2.3-rc.1',
  '>1.2.3 >1.2 >1 >1.x >* <1.2.3 <1.2 <1 <* >=1.2.3 >=1.2 >=1 =>1.2.3 <=1.2.3 <=1.2 <=1 <=1.x =<1.2.3 <=*',
  '~1.2.3 ~1.2 ~1 ~1.x ~>1.2.3 ~>1 ~0.0.0 ~0 ~* ~0.0.3 ~0.1',
  '^1.2.3 ^1.2 ^1 ^1.x ^0.2.3 ^0.2 ^0.0.3 ^0.0 ^0 ^* ^0.0.x ^0.0.0',
  '^1.2.3-0 >=1.0.0-0 ~1.2.3-beta.2 1.2.3-rc.1 >1.2.3-rc.1 <=1.2.3-rc.2 ^1.2.3-rc.1 1.2-rc.1 *-0 x-0',
  '1.2.3+build ^1.2.3+a =1.2.3+b 01.2.3 1.02.x',
  'latest 1.2.3.4 >>1 a.b.c 1..2 1.2.3- =v - || ~>>1 1x ><1 ! 1.2.3-01',
]
  .join(' ')
  .split(' ')
  .concat([
    '>=1 <2',
    '>= 1.2.3, < 2.0',
    '>=1,<2',
    '>=1 , <2',
    '> 1.0.0 < 1.2.0 || >= 1.2.3',
    '1.2.3 || 2',
    '1.2.3||2.x',
    '1.0 - 1.4.0',
    '1.2.3 - 1.4.0',
    '1 - 2 || 3.x',
    '1.2.3-1.4.0',
    '1.0.0 - 1.2.3, !=1.2.3',
    '  ^1.2  ',
    '^1.2,',
    ', ^1.2',
    '^1 ^2',
    '1.2.3 1.2.3',
    '>= 1.0.0-0 < 2',
    '>1.0.0, 1.2.3-rc.1 || *',
    '||',
    '1.2 ||',
    '>=1.2.3 <1.2.4-0',
  ])

describe.each([
  '1.2.3',
  '1.2.3-rc.1',
  '1.2.4+b.1',
  '0.0.3',
  '0.2.9',
  '2.0.0',
  '1.4.0',
  '0.0.0',
  '3.0.0-0',
  'v1.2',
])('a chart of version %s', (version) => {
  it('is in the ranges it is in for helm', async () => {
    const dependencies = ranges
      .map((range, at) => `- {name: sub, alias: a${at}, version: ${JSON.stringify(range)}, repository: ""}\n`)
      .join('')
    const path = join(helm.directory, `cart-${version}.tgz`)
    await writeFile(
      path,
      await archiveOf([
        { name: 'cart/Chart.yaml', body: chartYaml('cart', '1.0.0', `dependencies:\n${dependencies}`) },
        { name: 'cart/charts/sub/Chart.yaml', body: chartYaml('sub', version) },
      ]),
    )
    const { stdout } = await helm.run(['dependency', 'list', path])
    const states = stdout
      .split('\n')
      .flatMap((line) => /^sub\s.*?(unpacked|wrong version|invalid version)\s*$/.exec(line)?.[1] ?? [])
    expect(states).toHaveLength(ranges.length)
    const theirs = ranges.map((range, at) => [range, states[at]])
    const ours = ranges.map((range) => {
      const isIn = range === version || isInRange(version, range)
      return [range, isIn === undefined ? 'invalid version' : isIn ? 'unpacked' : 'wrong version']
    })
    expect(ours).toEqual(theirs)
  })
})

describe('a range', () => {
  it('of which nothing is said is none', () => {
    expect(isInRange('1.0.0', '')).toBeUndefined()
  })

  it.each([
    ['longer than helm reads', `>=1 ${' '.repeat(600)}`],
    ['of more alternatives than helm reads', Array(40).fill('1').join('||')],
    ['that would take a careless reader for ever', `${'1 '.repeat(250)}!`],
    ['of digits that no number holds', `>${'9'.repeat(400)}`],
  ])('%s is none', (_what, range) => {
    expect(isInRange('1.0.0', range)).toBeUndefined()
  })

  it('holds no version that is none', () => {
    expect(isInRange('latest', '*')).toBe(false)
    expect(isInRange('1'.repeat(300), '*')).toBe(false)
  })
})
