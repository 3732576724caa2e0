import type { Families } from './families.ts'
import { invalidText } from './invalid.ts'
import { behindLine, endOfBlanks, endOfHelp, endOfName, endOfWord, reads } from './tokens.ts'

const keywords = ['TYPE', 'HELP', 'UNIT'] as const

/**
 * Reads the line whose `#` is at `at` and tells `families` what it says; answers where the next line begins. In 0.0.4
 * all but TYPE and HELP is a free comment; OpenMetrics knows none, and one blank between the words.
 */
export function readDescription(bytes: Buffer, at: number, isOpen: boolean, families: Families): number {
  const begin = isOpen ? at + 2 : endOfBlanks(bytes, at + 1)
  const end = endOfWord(bytes, begin)
  const keyword = keywordAt(bytes, begin, end)
  if (isOpen && (keyword === undefined || bytes[at + 1] !== 0x20)) {
    throw invalidText(
      bytes,
      at,
      'A line of OpenMetrics that begins with "#" is a TYPE, a HELP, a UNIT or the EOF.',
    )
  }
  if (keyword === undefined || (keyword === 'UNIT' && !isOpen)) {
    return bytes.indexOf(0x0a, begin) + 1
  }
  const name = behindGap(bytes, end, isOpen)
  const nameEnd = endOfName(bytes, name)
  if (nameEnd === name || nameEnd !== endOfWord(bytes, name)) {
    throw invalidText(bytes, at, `A ${keyword} line names a metric.`)
  }
  const text = behindGap(bytes, nameEnd, isOpen)
  const textEnd = keyword === 'HELP' ? endOfHelp(bytes, text, isOpen) : endOfWord(bytes, text)
  if (keyword === 'TYPE' && textEnd === text) throw invalidText(bytes, at, 'A TYPE line names a type.')
  families.describe(keyword, name, nameEnd, keyword === 'HELP' ? '' : bytes.toString('latin1', text, textEnd))
  const next = behindLine(bytes, textEnd, isOpen)
  if (next === -1) throw invalidText(bytes, at, `A ${keyword} line says one word of a metric.`)
  return next
}

function keywordAt(bytes: Buffer, at: number, end: number): (typeof keywords)[number] | undefined {
  for (const each of keywords) if (reads(bytes, at, end, each)) return each
  return undefined
}

function behindGap(bytes: Buffer, at: number, isOpen: boolean): number {
  if (!isOpen) return endOfBlanks(bytes, at)
  return bytes[at] === 0x20 ? at + 1 : at
}
