import { expect, test } from 'vitest'
import { type Challenge, parseChallenges } from '../../electron/oci/challenge.ts'
import { lacks, mergeScopes, repositoryOf, sortScopes } from '../../electron/oci/scope.ts'

const bearer = {
  scheme: 'bearer',
  parameters: { realm: 'https://a/?x=1,2', scope: 'repository:a:pull,push' },
}
const basic = { scheme: 'basic', parameters: { realm: 'say "x"' } }
const bare = (scheme: string) => ({ scheme, parameters: {} })

test.each<[string, string, Challenge[]]>([
  [
    'commas in quotes belong to the value',
    'Bearer realm="https://a/?x=1,2",scope="repository:a:pull,push"',
    [bearer],
  ],
  [
    'several challenges in one header or many stand side by side',
    'Negotiate, Bearer realm="https://a/?x=1,2",scope="repository:a:pull,push" , Basic realm="say \\"x\\""',
    [bare('negotiate'), bearer, basic],
  ],
  [
    'a scheme with a token of its own is no parameter',
    'Negotiate oYG2MIGzoAMKAQ==, NTLM TlRMTVNTUAAB, Basic realm="say \\"x\\""',
    [bare('negotiate'), bare('ntlm'), basic],
  ],
  [
    'names are read in any case, values with or without quotes',
    'BASIC Realm=lab , charset = UTF-8',
    [{ scheme: 'basic', parameters: { realm: 'lab', charset: 'UTF-8' } }],
  ],
  [
    'what is said twice counts once',
    'Basic realm=a, realm=b',
    [{ scheme: 'basic', parameters: { realm: 'a' } }],
  ],
  [
    'what cannot be read is left out up to the next comma',
    'realm="lost", Digest qop=@@, {}, Basic realm=lab',
    [bare('digest'), { scheme: 'basic', parameters: { realm: 'lab' } }],
  ],
  [
    'an open quote ends nothing before it',
    'Basic realm=lab, Bearer realm="open',
    [{ scheme: 'basic', parameters: { realm: 'lab' } }, bare('bearer')],
  ],
  ['nothing', '', []],
  ['only separators', ' , ,', []],
])('challenges: %s', (_, header, challenges) => {
  expect(parseChallenges(header)).toEqual(challenges)
})

test('a header of a megabyte of quotes is read at once', () => {
  expect(parseChallenges(`Basic realm="${'\\"'.repeat(500_000)}`)).toEqual([bare('basic')])
})

test.each([
  [['repository:a:push', 'repository:a:pull'], 'repository:a:pull,push'],
  [
    ['repository:h:5000/a:push', 'repository:h:5000/a:pull registry:catalog:*'],
    'repository:h:5000/a:pull,push registry:catalog:*',
  ],
  [['repository:b:pull', undefined, 'repository:a:pull'], 'repository:b:pull repository:a:pull'],
  [['repository:a:pull,pull', ''], 'repository:a:pull'],
  [[undefined], ''],
])('scopes %o become %o', (lists, merged) => {
  expect(mergeScopes(...lists)).toBe(merged)
})

test('scopes in another order are the same', () => {
  expect(sortScopes('repository:b:push,pull repository:a:pull')).toBe(
    sortScopes('repository:a:pull repository:b:pull,push'),
  )
})

test('the repository of a scope is the first it names, with its port and path', () => {
  expect(repositoryOf('repository:a/b:pull,push repository:c:pull')).toBe('a/b')
  expect(repositoryOf('registry:catalog:*')).toBeUndefined()
  expect(repositoryOf(undefined)).toBeUndefined()
})

test.each([
  ['repository:a:pull', 'repository:a:pull,push', true],
  ['', 'repository:a:pull', true],
  ['repository:b:pull,push', 'repository:a:pull', true],
  ['repository:a:pull,push,delete', 'repository:a:pull,push', false],
  ['repository:a:*', 'repository:a:pull,push,delete', false],
  ['repository:a:pull', '', false],
])('a token for "%s" asked for "%s" lacks something: %s', (granted, asked, expected) => {
  expect(lacks(granted, asked)).toBe(expected)
})
