package main

import (
	"maps"
	"strconv"
	"sync"
	"time"
)

// stats counts outcomes since the start or the last reset, and those of the running second.
type stats struct {
	mutex     sync.Mutex
	total     *tally
	window    *tally
	lastTrack []string // by user
	switched  int
}

// tally is what is counted over a span of time.
type tally struct {
	since   time.Time
	latency latencies
	tracks  map[string]*trackTally
}

type trackTally struct {
	requests, failed int
	byStatus         map[string]int
	byError          map[string]int
	latency          latencies
}

func newTally() *tally {
	return &tally{since: time.Now(), tracks: map[string]*trackTally{}}
}

func newStats(users int) *stats {
	return &stats{total: newTally(), window: newTally(), lastTrack: make([]string, users)}
}

func (s *stats) record(o outcome) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.total.record(o)
	s.window.record(o)
	if o.user < 0 || o.user >= len(s.lastTrack) || o.track == "" {
		return
	}
	if last := s.lastTrack[o.user]; last != "" && last != o.track {
		s.switched++
	}
	s.lastTrack[o.user] = o.track
}

func (t *tally) record(o outcome) {
	name := o.track
	if name == "" {
		name = "none"
	}
	track := t.tracks[name]
	if track == nil {
		track = &trackTally{byStatus: map[string]int{}, byError: map[string]int{}}
		t.tracks[name] = track
	}
	track.requests++
	if o.failed() {
		track.failed++
	}
	if o.status != 0 {
		track.byStatus[strconv.Itoa(o.status)]++
	}
	if o.problem != "" {
		track.byError[o.problem]++
	}
	track.latency.add(o.took)
	t.latency.add(o.took)
}

func (s *stats) reset() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.total, s.window, s.switched = newTally(), newTally(), 0
	clear(s.lastTrack)
}

// report is what is printed at the end and served at /stats. Track "none" holds answers without an X-Track header,
// and requests without an answer.
type report struct {
	Seconds       float64                `json:"seconds"`
	Requests      int                    `json:"requests"`
	Failed        int                    `json:"failed"`
	PerSecond     float64                `json:"perSecond"`
	LatencyMs     *quantiles             `json:"latencyMs,omitempty"`
	Tracks        map[string]trackReport `json:"tracks"`
	UsersSwitched int                    `json:"usersSwitched"`
}

type trackReport struct {
	Requests  int            `json:"requests"`
	Failed    int            `json:"failed"`
	ByStatus  map[string]int `json:"byStatus"`
	ByError   map[string]int `json:"byError"`
	LatencyMs *quantiles     `json:"latencyMs,omitempty"`
}

func (s *stats) report() report {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	r := s.total.report()
	r.UsersSwitched = s.switched
	return r
}

// takeWindow reports what happened since it was last called.
func (s *stats) takeWindow() report {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	r := s.window.report()
	r.UsersSwitched = s.switched
	s.window = newTally()
	return r
}

func (t *tally) report() report {
	r := report{Seconds: time.Since(t.since).Seconds(), LatencyMs: t.latency.quantiles(), Tracks: map[string]trackReport{}}
	for name, track := range t.tracks {
		r.Requests += track.requests
		r.Failed += track.failed
		r.Tracks[name] = trackReport{
			track.requests, track.failed, maps.Clone(track.byStatus), maps.Clone(track.byError), track.latency.quantiles(),
		}
	}
	r.PerSecond = float64(r.Requests) / r.Seconds
	return r
}
