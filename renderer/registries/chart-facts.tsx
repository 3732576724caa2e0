import { useTranslation } from 'react-i18next'
import type { ChartMetadata } from '../../shared/model/chart.ts'
import { Fact } from '../parts/facts.tsx'

/** What Chart.yaml says, as far as people ask for it. */
export function ChartFacts({ chart }: { chart: ChartMetadata }) {
  const { t } = useTranslation('registries')
  const dependencies = chart.dependencies?.map((one) => `${one.name} ${one.version ?? ''}`.trim()) ?? []
  const maintainers = chart.maintainers?.map((one) => one.name) ?? []
  const said = [
    ['version', chart.version],
    ['appVersion', chart.appVersion],
    ['chartType', chart.type],
    ['kubeVersion', chart.kubeVersion],
    ['dependencies', dependencies.join(', ')],
    ['maintainers', maintainers.join(', ')],
    ['home', chart.home],
    ['deprecated', chart.deprecated === true ? t('detail.deprecatedYes') : undefined],
  ] as const
  return said
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => (
      <Fact key={key} name={t(`detail.${key}`)}>
        {value}
      </Fact>
    ))
}
