/** One call that painted something, with the style it had then. */
export interface Painted {
  readonly call: 'fillRect' | 'roundRect' | 'arc' | 'fillText' | 'stroke'
  readonly style: string
  readonly args: readonly unknown[]
}

/**
 * A 2D context that paints nothing and remembers what was asked of it, moved to where it would be on the canvas. Every
 * letter is 6 px wide.
 */
export function paintedBy(paint: (context: CanvasRenderingContext2D) => void): Painted[] {
  const painted: Painted[] = []
  let moved = { x: 0, y: 0 }
  const saved: { x: number; y: number }[] = []
  const at = (x: unknown, y: unknown) => [Number(x) + moved.x, Number(y) + moved.y]
  const context: Record<string, unknown> = {
    fillStyle: '',
    strokeStyle: '',
    save: () => saved.push(moved),
    restore: () => {
      moved = saved.pop() ?? { x: 0, y: 0 }
    },
    translate: (x: number, y: number) => {
      moved = { x: moved.x + x, y: moved.y + y }
    },
    measureText: (text: string) => ({ width: text.length * 6 }),
    fillText: (text: string, x: number, y: number) =>
      painted.push({ call: 'fillText', style: String(context['fillStyle']), args: [text, ...at(x, y)] }),
  }
  for (const call of ['fillRect', 'roundRect', 'arc'] as const) {
    context[call] = (x: number, y: number, ...rest: unknown[]) =>
      painted.push({ call, style: String(context['fillStyle']), args: [...at(x, y), ...rest] })
  }
  for (const call of [
    'beginPath',
    'closePath',
    'rect',
    'clip',
    'fill',
    'stroke',
    'moveTo',
    'lineTo',
    'rotate',
  ]) {
    context[call] ??= () => undefined
  }
  paint(context as unknown as CanvasRenderingContext2D)
  return painted
}
