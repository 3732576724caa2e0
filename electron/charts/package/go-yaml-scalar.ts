import { isPlainText } from './go-yaml-plain.ts'

/** Where the text stands: Go's emitter decides by it where spaces and line breaks go. */
export interface YamlWriter {
  /** Begins a line at this column, unless it has just begun. */
  indent(column: number): void
  /** Writes a mark; `spaced`: after a space where there is none. */
  indicator(mark: string, how: { spaced?: boolean; isIndention?: boolean }): void
  /** Writes one character, counting its column. */
  put(character: string): void
  lineBreak(): void
  /** A line separator of Unicode's, which is written as it is. */
  putBreak(character: string): void
  column(): number
  isSpaced(): boolean
  isIndention(): boolean
  setState(state: { isSpaced?: boolean; isIndention?: boolean }): void
  text(): string
}

/** Text longer than this many columns is folded at its next space. */
const bestWidth = 80

export function yamlWriter(): YamlWriter {
  const parts: string[] = []
  let column = 0
  let isSpaced = true
  let isIndention = true
  const put = (character: string): void => {
    parts.push(character)
    column += 1
  }
  const lineBreak = (): void => {
    parts.push('\n')
    column = 0
  }
  return {
    put,
    lineBreak,
    putBreak: (character) => {
      parts.push(character)
      column = 0
    },
    indent: (wanted) => {
      if (!isIndention || column > wanted || (column === wanted && !isSpaced)) lineBreak()
      if (column < wanted) parts.push(' '.repeat(wanted - column))
      column = wanted
      isSpaced = true
      isIndention = true
    },
    indicator: (mark, how) => {
      if (how.spaced === true && !isSpaced) put(' ')
      for (const character of mark) put(character)
      isSpaced = false
      isIndention &&= how.isIndention === true
    },
    column: () => column,
    isSpaced: () => isSpaced,
    isIndention: () => isIndention,
    setState: (state) => {
      isSpaced = state.isSpaced ?? isSpaced
      isIndention = state.isIndention ?? isIndention
    },
    text: () => parts.join(''),
  }
}

/** Writes text in the style Go's encoder and emitter choose for it; its further lines begin at `indent`. */
export function scalarText(writer: YamlWriter, value: string, indent: number, isKey: boolean): void {
  const characters = [...value]
  const found = analyze(characters)
  const wanted = value.includes('\n') ? 'literal' : isPlainText(value) ? 'plain' : 'double'
  if (wanted === 'literal' && found.blockAllowed && !isKey) return literal(writer, characters, indent)
  if (wanted === 'plain') {
    if (found.plainAllowed && !(value === '' && isKey)) return plain(writer, characters, indent, isKey)
    if (found.singleAllowed) return single(writer, characters, indent, isKey)
  }
  doubleQuoted(writer, characters, indent, isKey)
}

/** What the characters allow (yaml_emitter_analyze_scalar). */
function analyze(characters: readonly string[]): {
  plainAllowed: boolean
  singleAllowed: boolean
  blockAllowed: boolean
} {
  if (characters.length === 0) return { plainAllowed: true, singleAllowed: true, blockAllowed: false }
  const text = characters.join('')
  const hasIndicators =
    /^(?:---|\.\.\.)/.test(text) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[?:-](?:[ \t]|$)/.test(text) ||
    /:(?:[ \t]|$)/.test(text) ||
    /[ \t\n\r\0\u0085\u2028\u2029]#/.test(text)
  const isSpecial = characters.some((character) => !isPrintable(character))
  const hasBreaks = /[\r\n\u0085\u2028\u2029]/.test(text)
  const isTrimmed = !/^[ \r\n\u0085\u2028\u2029]|[ \r\n\u0085\u2028\u2029]$/.test(text)
  const spaceThenBreak = / [\r\n\u0085\u2028\u2029]/.test(text)
  const breakThenSpace = /[\r\n\u0085\u2028\u2029] /.test(text)
  const isHard = isSpecial || spaceThenBreak
  return {
    plainAllowed: !hasIndicators && !isHard && !hasBreaks && isTrimmed,
    singleAllowed: !isHard && !breakThenSpace,
    blockAllowed: !isHard && !text.endsWith(' '),
  }
}

/** Printable for libyaml: no control characters but the line break, and nothing beyond U+FFFD. */
function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  if (code === 0x0a || (code >= 0x20 && code <= 0x7e)) return true
  if (code < 0xa0 || code > 0xfffd || code === 0xfeff) return false
  return code < 0xd800 || code >= 0xe000
}

const isBreak = (character: string): boolean => /[\r\n\u0085\u2028\u2029]/.test(character)

function plain(writer: YamlWriter, characters: readonly string[], indent: number, isKey: boolean): void {
  if (!writer.isSpaced()) writer.put(' ')
  let afterSpace = false
  for (const [at, character] of characters.entries()) {
    const folds = character === ' ' && !isKey && !afterSpace && writer.column() > bestWidth
    if (folds && characters[at + 1] !== ' ') {
      writer.indent(indent)
    } else {
      writer.put(character)
      writer.setState({ isIndention: false })
    }
    afterSpace = character === ' '
  }
  writer.setState({ isSpaced: false, isIndention: false })
}

function single(writer: YamlWriter, characters: readonly string[], indent: number, isKey: boolean): void {
  writer.indicator("'", { spaced: true })
  let afterSpace = false
  let afterBreak = false
  for (const [at, character] of characters.entries()) {
    if (character === ' ') {
      const isInside = at > 0 && at < characters.length - 1
      const folds = !isKey && !afterSpace && writer.column() > bestWidth && isInside
      if (folds && characters[at + 1] !== ' ') writer.indent(indent)
      else writer.put(character)
      afterSpace = true
    } else if (isBreak(character)) {
      writer.putBreak(character)
      writer.setState({ isIndention: true })
      afterBreak = true
    } else {
      if (afterBreak) writer.indent(indent)
      if (character === "'") writer.put("'")
      writer.put(character)
      writer.setState({ isIndention: false })
      afterSpace = false
      afterBreak = false
    }
  }
  writer.indicator("'", {})
  writer.setState({ isIndention: false })
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\u0007': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\u001b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u00a0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
}

function doubleQuoted(
  writer: YamlWriter,
  characters: readonly string[],
  indent: number,
  isKey: boolean,
): void {
  // Go asks the first character each time whether it is a byte order mark
  const isMarked = characters[0] === '\uFEFF'
  writer.indicator('"', { spaced: true })
  let afterSpace = false
  for (const [at, character] of characters.entries()) {
    if (
      !isPrintable(character) ||
      isMarked ||
      isBreak(character) ||
      character === '"' ||
      character === '\\'
    ) {
      for (const part of escaped(character)) writer.put(part)
      afterSpace = false
    } else if (character === ' ') {
      const isInside = at > 0 && at < characters.length - 1
      if (!isKey && !afterSpace && writer.column() > bestWidth && isInside) {
        writer.indent(indent)
        if (characters[at + 1] === ' ') writer.put('\\')
      } else {
        writer.put(character)
      }
      afterSpace = true
    } else {
      writer.put(character)
      writer.setState({ isIndention: false })
      afterSpace = false
    }
  }
  writer.indicator('"', {})
  writer.setState({ isIndention: false })
}

function escaped(character: string): string {
  const known = escapes[character]
  if (known !== undefined) return `\\${known}`
  const code = character.codePointAt(0) ?? 0
  const [mark, width] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8]
  return `\\${mark}${code.toString(16).toUpperCase().padStart(width, '0')}`
}

function literal(writer: YamlWriter, characters: readonly string[], indent: number): void {
  writer.indicator('|', { spaced: true })
  const [first = '', last = '', before] = [characters[0], characters.at(-1), characters.at(-2)]
  if (first === ' ' || isBreak(first)) writer.indicator('2', {})
  if (!isBreak(last)) writer.indicator('-', {})
  else if (before === undefined || isBreak(before)) writer.indicator('+', {})
  writer.lineBreak()
  writer.setState({ isSpaced: true, isIndention: true })
  let afterBreak = true
  for (const character of characters) {
    if (isBreak(character)) {
      writer.putBreak(character)
      writer.setState({ isIndention: true })
      afterBreak = true
    } else {
      if (afterBreak) writer.indent(indent)
      writer.put(character)
      writer.setState({ isIndention: false })
      afterBreak = false
    }
  }
}
