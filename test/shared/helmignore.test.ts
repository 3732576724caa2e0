import { describe, expect, it } from 'vitest'
import { readHelmignore } from '../../shared/model/helmignore.ts'

describe('.helmignore', () => {
  it.each([
    ['*.tmp', ['a.tmp', 'deep/a.tmp'], ['a.tmp.txt', 'tmp']],
    ['/a.txt', ['a.txt'], ['deep/a.txt']],
    ['deep/*', ['deep/a', 'deep/er/a'], ['a/deep/b', 'deeper/a']],
    ['build/', ['build/a', 'x/build/a'], ['docs/build']],
    ['a?c', ['abc'], ['ac', 'abbc']],
    ['[a-c^]x', ['ax', '^x'], ['dx', 'x']],
    ['[^a]x', ['bx'], ['ax']],
    ['b\\*c', ['b*c'], ['bxc']],
    ['*a*b', ['ab', 'xaxb', 'aab'], ['ba', 'abx']],
    ['# a comment', [], ['# a comment']],
    ['  spaced.txt \r', ['spaced.txt'], ['spaced']],
    // the first rule decides, and one with ! leaves out all it does not name
    ['!keep.txt', ['other.txt'], ['keep.txt']],
    ['keep.txt\n!other.txt', ['keep.txt', 'third.txt'], ['other.txt']],
    ['', ['templates/.hidden', 'templates/.dir/a.yaml'], ['templates/a.yaml', 'sub/templates/.hidden']],
  ])('%j leaves out %j and not %j', (text, out, kept) => {
    const rules = readHelmignore(text)
    expect(out.filter((path) => !rules.leavesOut(path))).toEqual([])
    expect(kept.filter((path) => rules.leavesOut(path))).toEqual([])
  })

  it.each(['**/x', 'a[', 'a[]', '[-a]', 'a\\', 'x'.repeat(70_000)])(
    '%.20j is refused by its line',
    (line) => {
      expect(() => readHelmignore(`# first\n${line}\n`)).toThrow('invalid in line 2')
    },
  )

  it('a pattern of many stars is answered as fast as any', () => {
    const rules = readHelmignore(`${'*a'.repeat(2000)}b`)
    expect(rules.leavesOut('a'.repeat(4000))).toBe(false)
    expect(rules.leavesOut(`${'a'.repeat(4000)}b`)).toBe(true)
  })
})
