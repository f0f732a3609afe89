package main

import (
	"math"
	"time"
)

const (
	latencyBuckets = 1900 // from a microsecond to 160 seconds
	bucketGrowth   = 1.01 // so a quantile is at most 1 % too high
)

// latencies counts durations in buckets that grow by a hundredth each.
type latencies struct {
	counts []uint32
	n      int
	sum    time.Duration
	max    time.Duration
}

func (l *latencies) add(took time.Duration) {
	if l.counts == nil {
		l.counts = make([]uint32, latencyBuckets)
	}
	bucket := 0
	if micros := float64(took) / float64(time.Microsecond); micros > 1 {
		bucket = min(int(math.Ceil(math.Log(micros)/math.Log(bucketGrowth))), latencyBuckets-1)
	}
	l.counts[bucket]++
	l.n++
	l.sum += took
	l.max = max(l.max, took)
}

type quantiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	Max  float64 `json:"max"`
	Mean float64 `json:"mean"`
}

func (l *latencies) quantiles() *quantiles {
	if l.n == 0 {
		return nil
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return &quantiles{l.quantileMs(0.5), l.quantileMs(0.9), l.quantileMs(0.99), ms(l.max), ms(l.sum) / float64(l.n)}
}

func (l *latencies) quantileMs(q float64) float64 {
	rank := int(math.Ceil(q * float64(l.n)))
	seen := 0
	for bucket, count := range l.counts {
		if seen += int(count); seen >= rank {
			return min(math.Pow(bucketGrowth, float64(bucket))/1000, float64(l.max)/float64(time.Millisecond))
		}
	}
	return math.NaN()
}
