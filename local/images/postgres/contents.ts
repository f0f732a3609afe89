/** Major versions of the server, and the release of Debian whose packages they are, on whatever machine. */
const releases = {
  15: { release: "bookworm", python: "311", extensions: [] },
  17: { release: "trixie", python: "313", extensions: ["postgresql-17-pgvector"] },
} as const;
export type Version = keyof typeof releases;

export const releaseOf = (version: Version): (typeof releases)[Version] => releases[version];
export const serverFolder = (version: Version): string => `/usr/lib/postgresql/${version}/bin`;
export const patroniRequirement = "patroni[psycopg2-binary,etcd3]==4.1.5";
/** Patroni's dependencies that are published as source only. */
export const sourceRequirements = ["ydiff==1.4.2", "python-etcd==0.4.5"];

export const packagesOf = (version: Version): readonly string[] => [
  `postgresql-${version}`,
  ...releaseOf(version).extensions,
  "python3",
  "pgbackrest",
  "pgbouncer",
  "haproxy",
  "dash",
];

/** What the packages depend on and a server in a container never runs: installers, Perl, the just-in-time compiler. */
const unneeded = [
  /^(perl|libperl|lib(json|ipc-run|io-pty|text-\w+)-perl)/,
  /^(adduser|base-passwd|debconf|dpkg|init-system-helpers|libdebconfclient0|login\.defs|passwd|tar|ucf)$/,
  /^(debianutils|locales|libc-l10n|libllvm.*|libz3-4|libgdbm.*|libdb5.*|libsqlite3-0|media-types|netbase)$/,
  /^(postgresql-common.*|postgresql-client-common|ssl-cert|openssl|sensible-utils|procps|libproc2-0|sysvinit-utils)$/,
  /^(libpam-modules.*|libsemanage.*|libsepol2|openssl-provider-legacy)$/,
];
export const isNeeded = (name: string): boolean => !unneeded.some((pattern) => pattern.test(name));

/** Wheels for other stores of the cluster's state, and what only the command line's pictures need. */
export const unneededWheels = /^(py_consul|requests|certifi|charset_normalizer|idna|tzdata)-/;

/** Documentation, translations and bitcode: two thirds of what the packages hold. */
export const unneededFolders = (version: Version): readonly string[] => [
  "usr/share/doc",
  "usr/share/man",
  "usr/share/locale",
  "usr/share/lintian",
  `usr/share/postgresql/${version}/man`,
  `usr/lib/postgresql/${version}/lib/bitcode`,
  "usr/lib/x86_64-linux-gnu/gconv",
  "usr/lib/aarch64-linux-gnu/gconv",
  "var",
];
