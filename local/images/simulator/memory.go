package main

import (
	"syscall"
	"time"
)

const memoryStep = 50 * time.Millisecond

// memoryGrowth grows the resident memory outside the garbage collector's heap, so that the collector neither slows the
// service down nor hides the leak.
type memoryGrowth struct {
	stop chan struct{}
	done chan struct{}
}

// set ends the growth there was, gives its memory back, and starts the new one, if any.
func (m *memoryGrowth) set(fault *memoryFault) {
	if m.stop != nil {
		close(m.stop)
		<-m.done
		m.stop = nil
	}
	if fault == nil {
		return
	}
	m.stop, m.done = make(chan struct{}), make(chan struct{})
	go grow(*fault, m.stop, m.done)
}

func grow(fault memoryFault, stop <-chan struct{}, done chan<- struct{}) {
	var held [][]byte
	defer func() {
		for _, block := range held {
			syscall.Munmap(block)
		}
		close(done)
	}()
	ticker := time.NewTicker(memoryStep)
	defer ticker.Stop()
	started := time.Now()
	taken := 0
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		wanted := int(min(fault.MbPerSecond*time.Since(started).Seconds(), fault.LimitMb) * (1 << 20))
		if wanted-taken < syscall.Getpagesize() {
			continue
		}
		block, err := syscall.Mmap(-1, 0, wanted-taken, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			continue // the kernel refuses more: as much as there is has been taken
		}
		for i := 0; i < len(block); i += syscall.Getpagesize() {
			block[i] = 1 // a page counts only once it is written
		}
		held = append(held, block)
		taken += len(block)
	}
}
