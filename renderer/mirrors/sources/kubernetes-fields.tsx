import { Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../../shared/model/failure.ts'
import type { KubeContext } from '../../../shared/model/mirror-source.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { FailurePanel } from '../../parts/failure-panel.tsx'
import { failureOf } from '../../state/failure-of.ts'
import { useWire } from '../../state/wire.tsx'
import { clusterRole } from './cluster-role.ts'
import type { FormPart } from './form-part.ts'
import styles from './kubernetes-fields.module.css'

/** Milliseconds without a letter typed after which the path is read. */
const settling = 500

interface Contexts {
  /** The current one first; undefined while the file is read, or cannot be. */
  data: KubeContext[] | undefined
  failure: Failure | undefined
}

/** The contexts of a kubeconfig, or of those kubectl would read where the path is empty. */
export function useContexts(kubeconfig: string, wanted: boolean): Contexts {
  const { query } = useWire()
  const [path] = useDebouncedValue(kubeconfig.trim(), settling)
  const { data, error } = useQuery(
    query.mirrors.contexts.queryOptions({
      input: path === '' ? {} : { kubeconfig: path },
      enabled: wanted,
      select: (contexts) => contexts.toSorted((a, b) => Number(b.current) - Number(a.current)),
    }),
  )
  return { data, failure: error === null ? undefined : failureOf(error) }
}

/** Which context of which kubeconfig, and which rights it takes. */
export function KubernetesFields({ fields, shown, set, contexts }: FormPart & { contexts: Contexts }) {
  const { t } = useTranslation('sources')
  const { data = [], failure } = contexts
  const found = data.find(({ name }) => name === fields.context)
  // a context that was chosen once and is gone is still named
  const names = fields.context === '' || found ? data : [{ name: fields.context, current: false }, ...data]
  return (
    <>
      <TextInput
        label={t('kubernetes.kubeconfig')}
        description={t('kubernetes.kubeconfigHint')}
        placeholder="~/.kube/config"
        classNames={{ input: 'mono' }}
        autoComplete="off"
        spellCheck={false}
        maxLength={4000}
        value={fields.kubeconfig}
        onChange={(event) => set({ kubeconfig: event.currentTarget.value, context: '' })}
      />
      {failure !== undefined && <FailurePanel failure={failure} />}
      <Select
        label={t('kubernetes.context')}
        description={found === undefined ? undefined : t('kubernetes.server', { server: found.server })}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        searchable
        allowDeselect={false}
        data-autofocus
        nothingFoundMessage={t('kubernetes.noContext')}
        placeholder={contexts.data?.length === 0 ? t('kubernetes.noContext') : undefined}
        disabled={names.length === 0}
        data={names.map(({ name, current }) => ({
          value: name,
          label: current ? t('kubernetes.current', { name }) : name,
        }))}
        value={fields.context === '' ? null : fields.context}
        error={shown.context && t('problem.context')}
        onChange={(context) => context !== null && set({ context })}
      />
      <details className={styles.rights}>
        <summary>{t('kubernetes.rights')}</summary>
        <p className="note">{t('kubernetes.rightsHint')}</p>
        <div className={styles.role}>
          {/* a region that scrolls must be reachable by keyboard */}
          <pre className="mono" tabIndex={0} role="region" aria-label={t('kubernetes.role')}>
            {clusterRole}
          </pre>
          <CopyButton value={clusterRole} what={t('kubernetes.role')} />
        </div>
      </details>
    </>
  )
}
