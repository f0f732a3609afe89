package main

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
)

// serveStats lets a test read the counts while the load goes on.
func serveStats(address string, stats *stats) (stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		printJSON(w, stats.report())
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		writeMetrics(w, stats.report())
	})
	mux.HandleFunc("POST /reset", func(w http.ResponseWriter, r *http.Request) {
		stats.reset()
		w.WriteHeader(http.StatusNoContent)
	})
	server := &http.Server{Handler: mux}
	go server.Serve(listener)
	printJSON(os.Stderr, map[string]string{"msg": "load listens", "address": listener.Addr().String()})
	return func() { server.Close() }, nil
}

func writeMetrics(w io.Writer, report report) {
	fmt.Fprint(w, "# HELP load_requests_total Answers by track and status.\n# TYPE load_requests_total counter\n")
	eachTrack(report, func(name string, track trackReport) {
		for _, status := range slices.Sorted(maps.Keys(track.ByStatus)) {
			fmt.Fprintf(w, "load_requests_total{track=%q,status=%q} %d\n", name, status, track.ByStatus[status])
		}
	})
	fmt.Fprint(w, "# HELP load_errors_total Requests by track and kind of error.\n# TYPE load_errors_total counter\n")
	eachTrack(report, func(name string, track trackReport) {
		for _, problem := range slices.Sorted(maps.Keys(track.ByError)) {
			fmt.Fprintf(w, "load_errors_total{track=%q,error=%q} %d\n", name, problem, track.ByError[problem])
		}
	})
	fmt.Fprint(w, "# HELP load_latency_seconds Time from when a request was due, by quantile.\n# TYPE load_latency_seconds gauge\n")
	eachTrack(report, func(name string, track trackReport) {
		for quantile, ms := range map[string]float64{"0.5": track.LatencyMs.P50, "0.9": track.LatencyMs.P90, "0.99": track.LatencyMs.P99} {
			fmt.Fprintf(w, "load_latency_seconds{track=%q,quantile=%q} %g\n", name, quantile, ms/1000)
		}
	})
}

func eachTrack(report report, do func(name string, track trackReport)) {
	for _, name := range slices.Sorted(maps.Keys(report.Tracks)) {
		do(name, report.Tracks[name])
	}
}
