import styles from './heat-map.module.css'
import { rampSteps } from './model.ts'

export interface LegendWords {
  readonly ramp: string
  readonly ends: string
  readonly length: string
  readonly flat: string
  readonly hatched: string
}

/** What colours and lengths mean, in the words it is given. */
export function HeatLegend({ words }: { words: LegendWords }) {
  return (
    <div className={styles.legend}>
      <span className={styles.entry}>
        {words.ramp}
        <span className={styles.ramp} aria-hidden>
          {Array.from({ length: rampSteps }, (_, step) => (
            <span key={step} style={{ background: `var(--heat-${step})` }} />
          ))}
        </span>
        {words.ends}
      </span>
      <span className={styles.entry}>{words.length}</span>
      <span className={styles.entry}>
        <span className={styles.swatch} data-tone="flat" aria-hidden />
        {words.flat}
      </span>
      <span className={styles.entry}>
        <span className={styles.swatch} data-tone="hatched" aria-hidden />
        {words.hatched}
      </span>
    </div>
  )
}
