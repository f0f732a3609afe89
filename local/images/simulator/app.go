package main

import (
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// app is the service that is being rolled out.
type app struct {
	config   config
	faults   *faults
	registry *registry
	started  time.Time
	draining atomic.Bool
	inFlight atomic.Int64
	requests *counterVec
	mirrored *counterVec
	duration *histogram
	profile  *profile
}

func newApp(config config) (*app, error) {
	registry := newRegistry(map[string]string{"system": config.system, "track": config.track, "version": config.version})
	a := &app{
		config:   config,
		faults:   newFaults(config.seed, registry),
		registry: registry,
		started:  time.Now(),
		requests: newCounterVec("http_requests_total", "Requests answered, mirrored ones included.", "code", "method"),
		mirrored: newCounterVec("http_mirrored_requests_total", "Requests answered that were copies of another track's traffic.", "code"),
		duration: newHistogram("http_request_duration_seconds", "Time from request to answer.", durationBuckets),
	}
	for _, code := range []string{"200", "500"} { // a counter that is born at 1 hides its first event from rate()
		a.requests.add(0, code, http.MethodGet)
		a.mirrored.add(0, code)
	}
	var err error
	if a.profile, err = loadProfile(config, a.started); err != nil {
		return nil, err
	}
	families := slices.Concat([]family{a.requests, a.mirrored, a.duration}, processFamilies(a), a.profile.families())
	if err := registry.add(families...); err != nil {
		return nil, err
	}
	if err := a.faults.apply(config.faults); err != nil {
		return nil, fmt.Errorf("FAULTS: %w", err)
	}
	return a, nil
}

// answer is what a request led to; abandoned means that the caller went away first.
type answer struct {
	code      int
	wrong     bool
	injected  time.Duration
	mirrored  bool
	abandoned bool
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	a.inFlight.Add(1)
	defer a.inFlight.Add(-1)
	io.Copy(io.Discard, io.LimitReader(r.Body, 1<<20))

	header := w.Header()
	header.Set("X-System", a.config.system)
	header.Set("X-Track", a.config.track)
	header.Set("X-Version", a.config.version)

	if a.draining.Load() {
		header.Set("Connection", "close") // after an answer, never between: no request is lost on a closing connection
	}

	planned := a.faults.plan()
	result := answer{code: http.StatusOK, wrong: planned.wrong, injected: planned.latency, mirrored: isMirrored(r)}
	if !planned.wait(r.Context()) {
		result.abandoned = true
		a.record(r, result, time.Since(started))
		return
	}
	if planned.errorCode != 0 {
		result.code, result.wrong = planned.errorCode, false
	}
	writeJSON(w, result.code, a.body(r, result))
	a.record(r, result, time.Since(started))
	if planned.crash != nil {
		http.NewResponseController(w).Flush()
		planned.crash()
	}
}

// body holds a value and its checksum, so that a client can tell a wrong answer from a right one.
func (a *app) body(r *http.Request, result answer) map[string]any {
	user := r.URL.Query().Get("user")
	if user == "" {
		user = r.Header.Get("X-User-Id")
	}
	value := r.URL.Path + "?" + user
	checksum := crc32.ChecksumIEEE([]byte(value))
	if result.wrong {
		checksum = ^checksum
	}
	body := map[string]any{
		"system": a.config.system, "track": a.config.track, "version": a.config.version, "revision": a.config.revision,
		"value": value, "checksum": fmt.Sprintf("%08x", checksum),
	}
	if result.code >= 400 {
		body["error"] = "injected fault"
	}
	if r.URL.Path == "/echo" {
		body["received"] = map[string]any{
			"method": r.Method, "host": r.Host, "uri": r.URL.RequestURI(), "user": user, "headers": r.Header, "mirrored": result.mirrored,
		}
	}
	return body
}

func (a *app) record(r *http.Request, result answer, took time.Duration) {
	if result.abandoned {
		a.requests.add(1, "499", method(r)) // what proxies log when the caller closed first
		return
	}
	code := strconv.Itoa(result.code)
	a.requests.add(1, code, method(r))
	if result.mirrored {
		a.mirrored.add(1, code)
	}
	a.duration.observe(took.Seconds())
	a.profile.request(result)
}

// isMirrored knows both marks: our own header, and the suffix that proxies append to the host of a copy.
func isMirrored(r *http.Request) bool {
	host, _, _ := strings.Cut(r.Host, ":")
	return r.Header.Get("X-Mirror") != "" || strings.HasSuffix(host, "-shadow") || strings.HasSuffix(r.Host, "-shadow")
}

func method(r *http.Request) string {
	switch r.Method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return r.Method
	}
	return "other" // a client must not be able to invent series
}

// observeHandler answers the platform: metrics and probes.
func observeHandler(a *app) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		a.registry.write(w)
	})
	probe := func(healthy func() bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if healthy() {
				fmt.Fprintln(w, "ok")
				return
			}
			http.Error(w, "failing", http.StatusServiceUnavailable)
		}
	}
	mux.HandleFunc("GET /healthz", probe(func() bool { return a.faults.health().Live }))
	mux.HandleFunc("GET /readyz", probe(func() bool { return a.faults.health().Ready && !a.draining.Load() }))
	return mux
}
