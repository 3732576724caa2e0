import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { goYaml, type Json } from '../../../electron/charts/package/go-yaml.ts'

// JSON, and what sigs.k8s.io/yaml v1.6.0's JSONToYAML made of it; test/lab/packages.lab.ts asks helm itself
const file = new URL('../../fixtures/go-yaml.txt', import.meta.url)
const blocks = (await readFile(file, 'utf8')).split('=====\n').filter((block) => block !== '')
const cases = blocks.map((block) => block.split(/\n=>\n/, 2) as [string, string])

describe('YAML as Go writes it', () => {
  it.each(cases)('%s', (json, yaml) => {
    expect(goYaml(JSON.parse(json) as { [key: string]: Json })).toBe(yaml)
  })
})
