/** Who asks. An identity token (docker's `identitytoken`) is traded for access tokens and never sent to the registry. */
export type ResolvedCredential =
  | { source: 'password' | 'docker-config'; username: string; password: string }
  | { source: 'docker-config'; identityToken: string }
