package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// probe sends a few requests one after the other, each on a connection of its own, so that a Service spreads them.
func probe(ctx context.Context, args []string, out io.Writer) error {
	flags := newFlags("load probe", "load probe URL [flags]")
	count := flags.Int("n", 1, "number of requests")
	timeout := flags.Duration("timeout", 2*time.Second, "how long a request may take")
	host := flags.String("host", "", "Host header, where it is not the URL's")
	user := flags.String("user", "", "X-User-Id header")
	text, err := parseMixed(flags, args, "the URL of the target")
	if err != nil {
		return err
	}
	target, err := parseTarget(text)
	if err != nil {
		return err
	}
	if *count < 1 || *timeout <= 0 {
		return fmt.Errorf("n and timeout must be more than 0")
	}
	client := newClient(options{target: target, host: *host, method: http.MethodGet, timeout: *timeout})
	result := struct {
		Requests int                       `json:"requests"`
		Failed   int                       `json:"failed"`
		Tracks   map[string]map[string]int `json:"tracks"`
		Errors   map[string]int            `json:"errors"`
	}{Tracks: map[string]map[string]int{}, Errors: map[string]int{}}
	for ; result.Requests < *count && ctx.Err() == nil; result.Requests++ {
		outcome := client.request(*user)
		if outcome.problem != "" {
			result.Errors[outcome.problem]++
		}
		if outcome.problem != "" || outcome.status >= 400 {
			result.Failed++
		}
		if outcome.status == 0 {
			continue
		}
		track := outcome.track
		if track == "" {
			track = "none"
		}
		if result.Tracks[track] == nil {
			result.Tracks[track] = map[string]int{}
		}
		result.Tracks[track][strconv.Itoa(outcome.status)]++
	}
	if err := printJSON(out, result); err != nil {
		return err
	}
	if result.Failed > 0 || result.Requests < *count {
		return fmt.Errorf("%d of %d requests to %s failed", result.Failed+*count-result.Requests, *count, text)
	}
	return nil
}

func resolve(ctx context.Context, args []string, out io.Writer) error {
	flags := newFlags("load resolve", "load resolve NAME [flags]")
	timeout := flags.Duration("timeout", 5*time.Second, "how long it may take")
	name, err := parseMixed(flags, args, "the name to look up")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return err
	}
	return printJSON(out, map[string]any{"name": name, "addresses": addresses})
}
