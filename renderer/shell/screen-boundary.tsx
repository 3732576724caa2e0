import { Component, type ReactNode } from 'react'
import { localFailure } from '../../shared/model/local-failure.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { Screen } from '../parts/screen.tsx'

/** Keeps a screen that cannot be drawn from taking the window with it: the side bar stays, and the fault is shown. */
export class ScreenBoundary extends Component<
  { title: string; children: ReactNode },
  { fault?: string | undefined }
> {
  override state: { fault?: string | undefined } = {}

  static getDerivedStateFromError(error: unknown): { fault: string } {
    return { fault: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    const { fault } = this.state
    if (fault === undefined) return this.props.children
    const failure = localFailure('internal', 'wire', 'This screen could not be drawn.', {
      evidence: [{ fact: 'message', value: fault.slice(0, 500) }],
      next: ['retry', 'report-bug'],
    })
    return (
      <Screen title={this.props.title}>
        <FailurePanel failure={failure} onRetry={() => this.setState({ fault: undefined })} />
      </Screen>
    )
  }
}
