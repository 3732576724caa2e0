export function RegistryDialog() {
  return null
}
