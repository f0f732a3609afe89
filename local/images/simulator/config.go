package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

type config struct {
	system, track, version, revision string
	listen, metrics, admin           string
	profile                          string
	faults                           []byte
	seed                             uint64
	drain                            time.Duration
}

// readConfig takes each setting from its flag, else from the environment variable of the same name in capitals.
func readConfig(args []string, env func(string) string) (config, error) {
	var c config
	var faults, seed, drain string
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	setting := func(to *string, name, fallback, help string) {
		if value := env(strings.ToUpper(name)); value != "" {
			fallback = value
		}
		flags.StringVar(to, name, fallback, help)
	}
	setting(&c.system, "system", "simulator", "name of the system that this stands in for")
	setting(&c.track, "track", "stable", "stable or canary")
	setting(&c.version, "version", "0.0.0", "version that is answered and measured")
	setting(&c.revision, "revision", "", "revision of the rollout")
	setting(&c.listen, "listen", ":8080", "address of the service")
	setting(&c.metrics, "metrics", ":9090", "address of /metrics, /healthz and /readyz")
	setting(&c.admin, "admin", ":9091", "address of /faults and /stats")
	setting(&c.profile, "profile", "", "JSON file with the system's own metrics; default: the built-in one of the system, if any")
	setting(&faults, "faults", "", "faults to start with, as POST /faults takes them")
	setting(&seed, "seed", "", "seed of everything random, for runs that can be repeated")
	setting(&drain, "drain", "3s", "how long to serve on after SIGTERM before the listeners close")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() > 0 {
		return c, fmt.Errorf("unexpected argument %q: there are only flags, see -h", flags.Arg(0))
	}
	if c.track != "stable" && c.track != "canary" {
		return c, fmt.Errorf("track %q: allowed are stable and canary", c.track)
	}
	c.faults = []byte(faults)
	c.seed = rand.Uint64()
	var err error
	if seed != "" {
		if c.seed, err = strconv.ParseUint(seed, 10, 64); err != nil {
			return c, fmt.Errorf("seed %q: want a whole number from 0", seed)
		}
	}
	if c.drain, err = time.ParseDuration(drain); err != nil || c.drain < 0 {
		return c, fmt.Errorf("drain %q: want a duration like 3s or 0s", drain)
	}
	return c, nil
}
