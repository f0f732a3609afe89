package main

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestQuantilesAreWithinOnePercent(t *testing.T) {
	var l latencies
	for i := 1; i <= 10000; i++ {
		l.add(time.Duration(i) * 10 * time.Microsecond)
	}
	got := l.quantiles()
	for name, pair := range map[string][2]float64{"p50": {got.P50, 50}, "p90": {got.P90, 90}, "p99": {got.P99, 99}} {
		if math.Abs(pair[0]/pair[1]-1) > 0.011 {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
	if got.Max != 100 {
		t.Errorf("max: %v, want exactly 100", got.Max)
	}
}

func TestWhatIsNotARateOrATargetIsRefused(t *testing.T) {
	for _, args := range []string{"-rate 0 http://a/", "-rate -1 http://a/", "-rate x http://a/", "-rate 1e9 http://a/", "-rate NaN http://a/",
		"a:80", "ftp://a/", "http://", "", "http://a/ http://b/", "-draw gauss http://a/", "-users -1 http://a/",
		"-count 5 http://a/", "-count 5 -connections 1 -users 2 http://a/", "-count -1 -connections 1 http://a/"} {
		if _, err := parseOptions(strings.Fields(args)); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
	options, err := parseOptions([]string{"http://a/", "-rate", "12.5", "-header", "X-Segment: beta"})
	if err != nil || options.rate != 12.5 || options.headers.Get("X-Segment") != "beta" {
		t.Errorf("flags after the URL: %+v, %v", options, err)
	}
}

func TestACountIsSentByItsConnectionsAndNoMore(t *testing.T) {
	var now, most atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if there := now.Add(1); there > most.Load() {
			most.Store(there)
		}
		defer now.Add(-1)
		w.Header().Set("X-Track", "canary")
	}))
	defer server.Close()
	options, err := parseOptions([]string{"-count", "200", "-connections", "4", server.URL})
	if err != nil {
		t.Fatal(err)
	}
	stats := newStats(0)
	newGenerator(options, stats).runAll(context.Background())
	if report := stats.report(); report.Requests != 200 || report.Failed != 0 || report.Tracks["canary"].Requests != 200 {
		t.Errorf("%+v", report)
	}
	if most.Load() > 4 {
		t.Errorf("%d at a time, with four connections", most.Load())
	}
}

// A server that answers nothing until all requests have come proves both halves of "open loop".
func TestAStalledServerNeitherSlowsTheLoadNorHidesItsDelay(t *testing.T) {
	const expected = 50
	var arrived atomic.Int64
	all := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if arrived.Add(1) == expected {
			close(all)
		}
		<-all
		w.Header().Set("X-Track", "stable")
	}))
	defer server.Close()
	options, err := parseOptions([]string{"-rate", "500", "-duration", "100ms", "-timeout", "30s", "-users", "3", server.URL})
	if err != nil {
		t.Fatal(err)
	}
	stats := newStats(options.users)
	newGenerator(options, stats).run(context.Background())
	report := stats.report()
	if report.Requests != expected || report.Failed != 0 || report.Tracks["stable"].ByStatus["200"] != expected {
		t.Errorf("%+v", report)
	}
	if report.LatencyMs.Max < 95 {
		t.Errorf("the first request waited for the last, but the longest time is %v ms", report.LatencyMs.Max)
	}
}

func TestRequestsBeyondTheLimitInFlightAreCountedNotForgotten(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-release }))
	defer server.Close()
	options, err := parseOptions([]string{"-rate", "1000", "-duration", "20ms", "-max-in-flight", "4", server.URL})
	if err != nil {
		t.Fatal(err)
	}
	stats := newStats(0)
	generator := newGenerator(options, stats)
	go func() {
		for stats.report().Requests < 16 {
			time.Sleep(time.Millisecond)
		}
		close(release)
	}()
	generator.run(context.Background())
	none := stats.report().Tracks["none"]
	if none.ByError["overload"] != 16 || none.ByStatus["200"] != 4 {
		t.Errorf("%+v", none)
	}
}

func TestAUserWhoIsMovedToTheOtherTrackIsSeen(t *testing.T) {
	stats := newStats(2)
	for _, track := range []string{"stable", "stable", "canary", "", "canary", "stable"} {
		stats.record(outcome{user: 1, track: track, status: 200})
	}
	stats.record(outcome{user: 0, track: "canary", status: 200})
	if got := stats.report().UsersSwitched; got != 2 {
		t.Errorf("%d switches, want 2", got)
	}
}
