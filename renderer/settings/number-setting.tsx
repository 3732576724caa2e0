import { NumberInput } from '@mantine/core'
import { useState } from 'react'
import { type Settings, settingsSchema } from '../../shared/model/settings.ts'

/** The settings that are whole numbers. */
export type NumberName = {
  [Name in keyof Settings]: Settings[Name] extends number ? Name : never
}[keyof Settings]

interface NumberSettingProps {
  /** Id of the words that name it. */
  labelled: string
  name: NumberName
  saved: number
  onSave: (change: Partial<Settings>) => void
}

/** A number within the bounds of its setting; saved when the field is left, put back where it is none. */
export function NumberSetting({ labelled, name, saved, onSave }: NumberSettingProps) {
  const [typed, setTyped] = useState<number | string>(saved)
  const schema = settingsSchema.shape[name].unwrap()
  return (
    <NumberInput
      aria-labelledby={labelled}
      w={110}
      min={schema.minValue ?? 0}
      max={schema.maxValue ?? Number.MAX_SAFE_INTEGER}
      allowDecimal={false}
      allowNegative={false}
      value={typed}
      onChange={setTyped}
      onBlur={() => {
        const given = schema.safeParse(typed)
        if (!given.success) setTyped(saved)
        else if (given.data !== saved) onSave({ [name]: given.data })
      }}
    />
  )
}
