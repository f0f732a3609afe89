package main

import (
	"bytes"
	"math"
	"os"
	"runtime"
	"strconv"
	"syscall"
)

// processFamilies measures this process itself; nothing here is simulated.
func processFamilies(a *app) []family {
	gauge := func(name, help string, value func() float64) family {
		return gaugeFunc{description{name, "gauge", help}, value}
	}
	return []family{
		gauge("process_resident_memory_bytes", "Resident memory.", residentMemory),
		gauge("process_memory_limit_bytes", "The container's memory limit; +Inf without one.", memoryLimit),
		gauge("process_start_time_seconds", "Start of the process, seconds since 1970.", func() float64 {
			return float64(a.started.UnixMilli()) / 1000
		}),
		gaugeFunc{description{"process_cpu_seconds_total", "counter", "CPU time used."}, cpuSeconds},
		gauge("go_goroutines", "Goroutines.", func() float64 { return float64(runtime.NumGoroutine()) }),
		gauge("http_requests_in_flight", "Requests not answered yet.", func() float64 { return float64(a.inFlight.Load()) }),
		gauge("simulator_healthy", "1 when the health probes succeed.", func() float64 {
			if health := a.faults.health(); health.Live && health.Ready {
				return 1
			}
			return 0
		}),
	}
}

func residentMemory() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	fields := bytes.Fields(text)
	if err != nil || len(fields) < 2 {
		return math.NaN()
	}
	pages, _ := strconv.ParseFloat(string(fields[1]), 64)
	return pages * float64(os.Getpagesize())
}

// memoryLimit reads what the container's own view of its control group says, version 2 or 1.
func memoryLimit() float64 {
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseFloat(string(bytes.TrimSpace(text)), 64)
		if err == nil && limit < 1<<62 { // version 1 says "none" with a huge number, version 2 with a word
			return limit
		}
	}
	return math.Inf(1)
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return math.NaN()
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(usage.Utime) + seconds(usage.Stime)
}
