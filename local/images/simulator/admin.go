package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// adminHandler lets a test decide what goes wrong, and look behind the metrics.
func adminHandler(a *app) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, a.faults.current())
	})
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		document, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			writeJSON(w, http.StatusBadRequest, map[string]string{"error": "faults: " + err.Error()})
			return
		}
		if err := a.faults.apply(document); err != nil {
			writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		spec := a.faults.current()
		writeJSON(w, http.StatusOK, spec)
		if spec.Crash != nil && spec.Crash.AfterRequests == 0 {
			http.NewResponseController(w).Flush() // whoever asked for the crash still gets the answer
			a.faults.exit(spec.Crash.ExitCode)
		}
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, r *http.Request) {
		a.faults.replace(faultSpec{})
		writeJSON(w, http.StatusOK, a.faults.current())
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, r *http.Request) {
		byCode, total := a.requests.by("code")
		_, mirrored := a.mirrored.by("code")
		writeJSON(w, http.StatusOK, map[string]any{
			"system": a.config.system, "track": a.config.track, "version": a.config.version, "revision": a.config.revision,
			"uptimeSeconds": time.Since(a.started).Seconds(), "inFlight": a.inFlight.Load(), "draining": a.draining.Load(),
			"requests": total, "mirrored": mirrored, "byCode": byCode,
		})
	})
	return mux
}

func writeJSON(w http.ResponseWriter, code int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)+1)) // makes the answer whole even if the process ends right after it
	w.WriteHeader(code)
	w.Write(append(text, '\n'))
}
