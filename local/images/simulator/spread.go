package main

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

const mostDrawsPerScrape = 5000

// spread is a histogram of a profile: draws from a log-normal distribution, for every request or so many a second.
type spread struct {
	description
	distribution
	random *rand.Rand
	parts  []part
	drawn  time.Time
	mutex  *sync.Mutex
}

// part is a series; due counts fractions of observations until they make a whole one.
type part struct {
	histogram *histogram
	factor    float64
	due       float64
}

type distribution struct {
	kindField
	Median float64 `json:"median"`
	// Sigma is how far the draws spread: 0.1 keeps 95 % within a fifth of the median.
	Sigma float64 `json:"sigma"`
	// PerSecond draws with time; without it there is a draw for every request.
	PerSecond float64 `json:"perSecond"`
	// LatencyScale adds injected latency to a request's draw: 1 for a metric in seconds, 1e6 in microseconds.
	LatencyScale float64 `json:"latencyScale"`
}

func newSpread(spec metricSpec, described description, started time.Time, random *rand.Rand) (*spread, error) {
	model, err := decode(spec.Model, &distribution{})
	if err != nil {
		return nil, err
	}
	buckets := spec.Buckets
	if buckets == nil {
		buckets = durationBuckets
	}
	switch {
	case model.Kind != "distribution":
		return nil, errors.New("model kind: a histogram's is distribution")
	case model.Median <= 0 || model.Sigma < 0 || model.PerSecond < 0:
		return nil, errors.New("model: median must be more than 0, sigma and perSecond can't be negative")
	case model.PerSecond > 0 && model.LatencyScale > 0:
		return nil, errors.New("model: latencyScale is for draws per request, perSecond draws with time")
	case !slices.IsSorted(buckets):
		return nil, errors.New("buckets: must ascend")
	}
	s := &spread{description: described, distribution: *model, random: random, drawn: started}
	for _, series := range seriesOf(spec.Labels) {
		histogram := newHistogram(spec.Name, spec.Help, buckets)
		histogram.labels = series.labels
		s.parts = append(s.parts, part{histogram: histogram, factor: series.factor})
	}
	return s, nil
}

func (s *spread) describe() description { return s.description }

func (s *spread) request(a answer) {
	if s.PerSecond == 0 {
		s.draw(1, a.injected.Seconds()*s.LatencyScale)
	}
}

func (s *spread) draw(n, extra float64) {
	for i := range s.parts {
		part := &s.parts[i]
		for part.due += n * part.factor; part.due >= 1; part.due-- {
			part.histogram.observe(s.Median*math.Exp(s.Sigma*s.random.NormFloat64()) + extra)
		}
	}
}

func (s *spread) collect() []sample {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := time.Now()
	s.draw(min(s.PerSecond*now.Sub(s.drawn).Seconds(), mostDrawsPerScrape), 0)
	s.drawn = now
	var samples []sample
	for _, part := range s.parts {
		samples = append(samples, part.histogram.collect()...)
	}
	return samples
}
