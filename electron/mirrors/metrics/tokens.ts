import { invalidText } from './invalid.ts'

/*
 * The tokens of a metrics text, over its bytes. Every function takes the position a token begins at and answers the
 * one behind it. All of them stop at a line feed at the latest, so a text that ends in one is never left. Characters
 * are written as numbers: a constant of a module costs a look-up for every byte.
 */

const inName = 1
const inLabelName = 2
const digit = 4
const inQuotes = 8
const blank = 16
const inWord = 32
const inHelp = 64

/** What a byte may be part of; one look-up instead of a chain of comparisons. */
const classes = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code)
  return (
    (/[a-zA-Z0-9_:]/.test(character) ? inName : 0) |
    (/[a-zA-Z0-9_]/.test(character) ? inLabelName : 0) |
    (/[0-9]/.test(character) ? digit : 0) |
    (/["\\\n]/.test(character) ? 0 : inQuotes) |
    (/[ \t]/.test(character) ? blank : 0) |
    (/[ \t\r\n]/.test(character) ? 0 : inWord) |
    (/[\\\n]/.test(character) ? 0 : inHelp)
  )
})

function isIn(kind: number, code: number | undefined): boolean {
  return ((classes[code as number] as number) & kind) !== 0
}

/**
 * Behind a metric name, `[a-zA-Z_:][a-zA-Z0-9_:]*`, of which the first bytes may be known to be right; `at` itself where
 * none begins.
 */
export function endOfName(bytes: Uint8Array, at: number, known = 0): number {
  let end = at + known
  if (known === 0 && isIn(digit, bytes[end])) return at
  while (isIn(inName, bytes[end])) end += 1
  return end
}

/** Behind a label name, which knows no colon; `at` itself where none begins. */
export function endOfLabelName(bytes: Uint8Array, at: number): number {
  let end = at
  if (isIn(digit, bytes[end])) return at
  while (isIn(inLabelName, bytes[end])) end += 1
  return end
}

export function endOfBlanks(bytes: Uint8Array, at: number): number {
  let end = at
  while (isIn(blank, bytes[end])) end += 1
  return end
}

/** Behind all up to a blank or the end of the line. */
export function endOfWord(bytes: Uint8Array, at: number): number {
  let end = at
  while (isIn(inWord, bytes[end])) end += 1
  return end
}

/** Where the next line begins if this one ends at `at`, else -1. 0.0.4 may have blanks and a CR before the LF. */
export function behindLine(bytes: Uint8Array, at: number, isOpen: boolean): number {
  let end = at
  if (!isOpen) {
    end = endOfBlanks(bytes, at)
    if (bytes[end] === 0x0d) end += 1
  }
  return bytes[end] === 0x0a ? end + 1 : -1
}

/**
 * The closing quote of a label value whose first byte is at `at`. A backslash stands before `"`, `\` and `n`; in
 * OpenMetrics before any character, where it says nothing.
 */
export function closingQuote(bytes: Uint8Array, at: number, isOpen: boolean): number {
  let end = at
  for (;;) {
    while (isIn(inQuotes, bytes[end])) end += 1
    if (bytes[end] === 0x22) return end
    if (bytes[end] === 0x0a || bytes[end + 1] === 0x0a)
      throw invalidText(bytes, at, 'A label value does not end.')
    const escaped = bytes[end + 1]
    if (!isOpen && escaped !== 0x22 && escaped !== 0x5c && escaped !== 0x6e) throw noEscape(bytes, end)
    end += 2
  }
}

/** The line feed behind the text of a HELP line. In 0.0.4 its backslashes stand before `\` and `n` only. */
export function endOfHelp(bytes: Uint8Array, at: number, isOpen: boolean): number {
  let end = at
  for (;;) {
    while (isIn(inHelp, bytes[end])) end += 1
    if (bytes[end] === 0x0a) return end
    const escaped = bytes[end + 1]
    if (!isOpen && escaped !== 0x5c && escaped !== 0x6e) throw noEscape(bytes, end)
    end += escaped === 0x0a ? 1 : 2
  }
}

function noEscape(bytes: Uint8Array, at: number) {
  return invalidText(bytes, at, `"${textOf(bytes, at, at + 2)}" is no escape of this format.`)
}

/** Behind a number: a decimal as Go prints it, or Inf, Infinity and NaN in any case. Throws where none is. */
export function endOfNumber(bytes: Uint8Array, at: number): number {
  let end = isSign(bytes[at]) ? at + 1 : at
  const whole = end
  while (isIn(digit, bytes[end])) end += 1
  let digits = end - whole
  if (bytes[end] === 0x2e) {
    const fraction = end + 1
    end = fraction
    while (isIn(digit, bytes[end])) end += 1
    digits += end - fraction
  }
  if (digits === 0) return endOfSpecial(bytes, at)
  if (bytes[end] !== 0x65 && bytes[end] !== 0x45) return end
  const exponent = isSign(bytes[end + 1]) ? end + 2 : end + 1
  end = exponent
  while (isIn(digit, bytes[end])) end += 1
  if (end === exponent) throw noNumber(bytes, at)
  return end
}

function isSign(code: number | undefined): boolean {
  return code === 0x2b || code === 0x2d
}

function endOfSpecial(bytes: Uint8Array, at: number): number {
  const end = endOfWord(bytes, at)
  if (!/^(?:[+-]?inf(?:inity)?|nan)$/i.test(textOf(bytes, at, end))) throw noNumber(bytes, at)
  return end
}

/** Behind the seconds of an OpenMetrics timestamp: a number, but neither Inf nor NaN. */
export function endOfTimestamp(bytes: Uint8Array, at: number): number {
  const end = endOfNumber(bytes, at)
  if (/[a-df-z]/i.test(textOf(bytes, at, end))) throw noNumber(bytes, at)
  return end
}

/** Behind the ms of a timestamp of 0.0.4, a whole number; `at` itself where none begins. */
export function endOfWhole(bytes: Uint8Array, at: number): number {
  const begin = bytes[at] === 0x2d ? at + 1 : at
  let end = begin
  while (isIn(digit, bytes[end])) end += 1
  return end === begin ? at : end
}

/** What `endOfNumber` went over, as a number. */
export function numberOf(bytes: Buffer, at: number, end: number): number {
  let whole = 0
  let index = at
  for (; index < end && isIn(digit, bytes[index]); index += 1)
    whole = 10 * whole + (bytes[index] as number) - 0x30
  // most values are small whole numbers, for which a string would be a waste
  if (index === end && end - at <= 15) return whole
  const text = bytes.toString('latin1', at, end)
  const value = Number(text)
  if (!Number.isNaN(value)) return value
  if (/^nan$/i.test(text)) return NaN
  return text.startsWith('-') ? -Infinity : Infinity
}

export function noNumber(bytes: Uint8Array, at: number) {
  const word = textOf(bytes, at, endOfWord(bytes, at))
  return invalidText(bytes, at, word === '' ? 'A value is expected.' : `"${word}" is no number.`)
}

/** For people: at most 50 bytes. */
function textOf(bytes: Uint8Array, at: number, end: number): string {
  return Buffer.from(bytes.subarray(at, Math.min(end, at + 50))).toString('utf8')
}

/** Whether two stretches of the text say the same. */
export function sameBytes(bytes: Uint8Array, one: number, oneEnd: number, other: number): boolean {
  for (let at = one; at < oneEnd; at += 1) if (bytes[at] !== bytes[other + at - one]) return false
  return true
}

/** Whether a stretch of the text says this word. */
export function reads(bytes: Uint8Array, at: number, end: number, word: string): boolean {
  if (end - at !== word.length) return false
  for (let index = 0; index < word.length; index += 1) {
    if (bytes[at + index] !== word.charCodeAt(index)) return false
  }
  return true
}
