package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const highestRate = 100000

type options struct {
	target      *url.URL
	rate        float64
	duration    time.Duration // 0 is until told to stop
	count       int           // 0 is as many as the rate makes
	host        string
	method      string
	headers     http.Header
	users       int
	zipf        bool
	seed        uint64
	connections int
	keepAlive   bool
	timeout     time.Duration
	maxInFlight int
	progress    bool
	listen      string
}

func parseOptions(args []string) (options, error) {
	o := options{headers: http.Header{}}
	flags := newFlags("load", "load [flags] URL")
	rate := flags.String("rate", "100", "requests per second, sent whether or not earlier ones were answered")
	flags.DurationVar(&o.duration, "duration", 0, "how long; 0 is until SIGTERM")
	flags.IntVar(&o.count, "count", 0, "send so many, as fast as -connections allows, instead of at a rate")
	flags.StringVar(&o.host, "host", "", "Host header, where it is not the URL's")
	flags.StringVar(&o.method, "method", "GET", "HTTP method")
	flags.Func("header", "further header, `Name: value`; may be given several times", func(text string) error {
		name, value, ok := strings.Cut(text, ":")
		if !ok || name == "" {
			return fmt.Errorf("want Name: value")
		}
		o.headers.Add(name, strings.TrimSpace(value))
		return nil
	})
	flags.IntVar(&o.users, "users", 0, "send X-User-Id, drawn from this many users; 0 sends none")
	draw := flags.String("draw", "uniform", "how users are drawn: uniform or zipf (a few send most)")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the draws")
	flags.IntVar(&o.connections, "connections", 0, "most connections at a time; 0 is as many as it takes")
	flags.BoolVar(&o.keepAlive, "keep-alive", true, "use connections again")
	flags.DurationVar(&o.timeout, "timeout", 5*time.Second, "how long a request may take")
	flags.IntVar(&o.maxInFlight, "max-in-flight", 5000, "requests waiting at a time; those due beyond it count as the error overload")
	flags.BoolVar(&o.progress, "progress", false, "print a JSON line per second")
	flags.StringVar(&o.listen, "listen", "", "serve GET /stats, GET /metrics and POST /reset on this `address`")
	target, err := parseMixed(flags, args, "the URL of the target")
	if err != nil {
		return o, err
	}
	if o.target, err = parseTarget(target); err != nil {
		return o, err
	}
	if o.rate, err = strconv.ParseFloat(*rate, 64); err != nil || !(o.rate > 0 && o.rate <= highestRate) {
		return o, fmt.Errorf("rate %q: want requests per second, more than 0 and up to %d", *rate, highestRate)
	}
	if *draw != "uniform" && *draw != "zipf" {
		return o, fmt.Errorf("draw %q: allowed are uniform and zipf", *draw)
	}
	o.zipf = *draw == "zipf"
	for name, value := range map[string]int64{
		"duration": int64(o.duration), "users": int64(o.users),
		"connections": int64(o.connections), "count": int64(o.count),
	} {
		if value < 0 {
			return o, fmt.Errorf("%s: can't be negative", name)
		}
	}
	if o.count > 0 && (o.connections == 0 || o.users > 0) {
		return o, fmt.Errorf("count needs connections, and takes no users")
	}
	if o.timeout <= 0 || o.maxInFlight <= 0 {
		return o, fmt.Errorf("timeout and max-in-flight must be more than 0")
	}
	return o, nil
}

func parseTarget(text string) (*url.URL, error) {
	target, err := url.Parse(text)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, fmt.Errorf("target %q: want a URL like http://stable.wdbx:8080/", text)
	}
	return target, nil
}
