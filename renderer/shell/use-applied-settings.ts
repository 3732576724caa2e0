import { useMantineColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { languageOf } from '../i18n/i18n.ts'
import { useWire } from '../state/wire.tsx'

/** Lets the window's theme and language follow the settings. */
export function useAppliedSettings(): void {
  const { query } = useWire()
  const { data: settings } = useQuery(query.settings.get.queryOptions())
  const { i18n } = useTranslation()
  const { setColorScheme } = useMantineColorScheme()
  const theme = settings?.theme
  const language = languageOf(settings?.language ?? 'system', navigator.languages)
  useEffect(() => {
    if (theme !== undefined) setColorScheme(theme === 'system' ? 'auto' : theme)
  }, [theme, setColorScheme])
  useEffect(() => {
    document.documentElement.lang = language
    void i18n.changeLanguage(language)
  }, [language, i18n])
}
