/** How Go builds here: from what is pinned, with the toolchain that is installed, and without C. */
export const goEnv = (caches: { readonly GOCACHE: string; readonly GOMODCACHE?: string }): NodeJS.ProcessEnv => ({
  ...process.env,
  CGO_ENABLED: "0",
  GOTOOLCHAIN: "local",
  GOWORK: "off",
  GOFLAGS: "-mod=readonly -buildvcs=false",
  ...caches,
});
