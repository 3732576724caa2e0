/** Stored bytes that are not what was stored: the file is broken, though the database did not notice. */
export class BrokenBytesError extends Error {}

/** A number of 0 to 2^52 as 1 to 8 bytes, small ones short; any other as nine. */
export class ByteWriter {
  #bytes = new Uint8Array(1024)
  #length = 0

  number(value: number): void {
    this.#reserve(9)
    if (!Number.isInteger(value) || value < 0 || value > 2 ** 52 || Object.is(value, -0)) {
      this.#bytes[this.#length++] = 0
      new DataView(this.#bytes.buffer).setFloat64(this.#length, value)
      this.#length += 8
      return
    }
    // one more, since a first byte of 0 means the other form
    let rest = value + 1
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  /** What another writer holds, after its length. */
  part(other: ByteWriter): void {
    this.number(other.#length)
    this.#reserve(other.#length)
    this.#bytes.set(other.#bytes.subarray(0, other.#length), this.#length)
    this.#length += other.#length
  }

  /** What was written, until the next write; `clear` begins anew. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = new Uint8Array(2 * (this.#length + more))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

/** Reads what ByteWriter wrote. Throws a BrokenBytesError at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length
  }

  number(): number {
    const bytes = this.#bytes
    let byte = bytes[this.#at++] ?? broken()
    if (byte === 0) return this.#float()
    if (byte < 128) return byte - 1
    let value = byte - 128
    for (let factor = 128; ; factor *= 128) {
      byte = bytes[this.#at++] ?? broken()
      if (byte < 128) return value + byte * factor - 1
      value += (byte - 128) * factor
    }
  }

  /** How many of something follow, each of at least one byte. */
  count(): number {
    const count = this.number()
    if (!(count <= this.#bytes.length - this.#at)) broken()
    return count
  }

  skip(length: number): void {
    this.#at += length
  }

  #float(): number {
    if (this.#at + 8 > this.#bytes.length) broken()
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, 8)
    this.#at += 8
    return view.getFloat64(0)
  }
}

function broken(): never {
  throw new BrokenBytesError('The bytes end too early.')
}
